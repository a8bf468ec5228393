//! What the emulators are known to get wrong, what AWS documents, and what is left out on them because of it. Each is
//! shown: an emulator that has mended its ways fails the test here, and its entry goes.

#![expect(clippy::print_stdout, reason = "the list is printed, for those who ask for it")]

use super::{emulators::Emulator, queues, tables};
use crate::{end_to_end::place, world::run};
use std::fmt::{self, Display};

pub(crate) struct Gap {
    pub(crate) emulator: Emulator,
    does: &'static str,
    /// What AWS does, and the page that says so.
    documented: &'static str,
    therefore: &'static str,
    /// Whether the emulator still does it.
    shown: fn(Emulator) -> bool,
}

pub(crate) const GAPS: [Gap; 5] = [
    Gap { emulator: Emulator::MiniStack, ..INDEX },
    Gap { emulator: Emulator::Moto, ..INDEX },
    Gap {
        emulator: Emulator::Moto,
        does: "answers 500 to a condition that compares a text with a number",
        documented: "a value of another type does not match (DynamoDB API Reference, Condition, LE)",
        therefore: "no low-water mark is given that is a number",
        shown: |emulator| run(tables::compares_no_text_with_a_number(emulator)),
    },
    Gap {
        emulator: Emulator::Moto,
        does: "compares deduplication ids across groups, whatever the queue's DeduplicationScope",
        documented: "with the scope messageGroup each group has its own (SQS API Reference, SetQueueAttributes)",
        therefore: "no deduplication id is sent twice",
        shown: |emulator| run(queues::shares_ids_among_groups(emulator)),
    },
    Gap {
        emulator: Emulator::Moto,
        does: "forgets a deduplication id as soon as its message is deleted",
        documented: "it is tracked for five minutes, also after that (SQS Developer Guide, message deduplication ID)",
        therefore: "no deduplication id is sent twice",
        shown: |emulator| run(queues::forgets_ids_of_what_is_deleted(emulator)),
    },
];

/// Of every emulator.
const INDEX: Gap = Gap {
    emulator: Emulator::MiniStack,
    does: "has what is written in the index at once",
    documented: "an index follows a moment later (DynamoDB Developer Guide, Global Secondary Indexes)",
    therefore: "an entry that is missing or out of date is never met here",
    shown: |emulator| run(tables::has_the_index_follow_at_once(emulator)),
};

#[test]
fn every_known_gap_is_still_there() {
    let _turn = place::turn();
    for gap in &GAPS {
        assert!((gap.shown)(gap.emulator), "mended, so its entry can go: {gap}");
        println!("\n== known gap: {gap}");
    }
}

/// A look that finds a gap everywhere would show nothing.
#[test]
fn a_gap_of_one_emulator_alone_is_not_found_in_the_other() {
    let _turn = place::turn();
    let mut looked = 0;
    for gap in &GAPS {
        let has_it = |emulator| GAPS.iter().any(|other| other.does == gap.does && other.emulator == emulator);
        for emulator in Emulator::ALL.into_iter().filter(|emulator| !has_it(*emulator)) {
            assert!(!(gap.shown)(emulator), "{} does it too: {gap}", emulator.name());
            looked += 1;
        }
    }
    assert_eq!(looked, 3);
}

impl Display for Gap {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { emulator, does, documented, therefore, shown: _ } = self;
        write!(to, "{} {does}\n    AWS: {documented}\n    so {therefore}", emulator.name())
    }
}
