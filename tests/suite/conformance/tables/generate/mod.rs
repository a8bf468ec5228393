//! Random sequences of calls: the same seed, the same sequence.

mod kinds;

use super::call::{After, Call, Made, Waiting};
use super::domain::{ARRIVALS, CHATS, Chat, DUES, IDS, Moment, Of, SENT, Said, TEXTS, Text};
use super::given::{Given, Unreadable};
use crate::world::{Random, at};
use bundler::{
    health::{Health, State, Why},
    table::lane::{DeliveryState, Progress},
};
use kinds::{
    appointments, counted_days, cuts, health, low_water, marks, put_attempt, put_delivery, put_in_bucket, put_in_lane,
    put_late_in_bucket, put_late_in_lane, put_receipt, read_attempts, read_bucket, read_delivery, read_due,
    read_gathering, read_lane_message, read_log, rests, set_lane_progress, settings, turns,
};

/// The few things that a sequence is about, and its kinds of calls: each sequence draws its own, so that its calls meet.
struct Scene {
    random: Random,
    chats: [Chat; 2],
    dues: [Moment; 2],
    sent: [Moment; 2],
    ids: [&'static str; 2],
    kinds: &'static [Kind],
}

type Kind = fn(&mut Scene) -> Call;

/// One of so many sequences has a bucket that takes a query several pages.
const LARGE_EVERY: usize = 60;
const CALLS: std::ops::Range<usize> = 5..12;

/// What each function does, and what nobody does in one sequence.
const THEMES: [&[Kind]; 9] = [
    &[put_in_bucket, put_late_in_bucket, put_in_lane, put_late_in_lane, read_bucket, settings],
    &[put_in_bucket, put_late_in_bucket, read_due, read_due, low_water, low_water, marks, marks],
    &[put_attempt, put_receipt, put_receipt, read_attempts, put_delivery, put_delivery, read_delivery],
    &[put_in_lane, put_delivery, put_delivery, set_lane_progress, set_lane_progress, read_delivery, read_lane_message],
    &[cuts, cuts, cuts, appointments, put_in_bucket, read_bucket, read_due],
    &[turns, turns, turns, rests, rests, rests, appointments, put_in_bucket, put_in_bucket],
    &[
        put_in_bucket,
        put_late_in_bucket,
        put_in_lane,
        put_late_in_lane,
        put_delivery,
        set_lane_progress,
        put_attempt,
        put_receipt,
        read_attempts,
        settings,
        low_water,
        marks,
        read_bucket,
        read_due,
        read_delivery,
        read_lane_message,
        cuts,
        rests,
        turns,
        health,
        appointments,
    ],
    &[
        put_attempt,
        put_attempt,
        put_receipt,
        read_log,
        read_log,
        counted_days,
        put_in_bucket,
        put_late_in_bucket,
        cuts,
        read_gathering,
        read_gathering,
    ],
    &[settings, health, health, put_delivery, set_lane_progress, put_in_lane, turns, appointments],
];

/// The sequence of a seed.
pub(crate) fn sequence(seed: u64) -> Vec<Call> {
    let mut random = Random(seed);
    let theme = random.below(THEMES.len());
    let mut scene = Scene {
        chats: [random.one_of(&CHATS), random.one_of(&CHATS)],
        dues: [random.one_of(&DUES), random.one_of(&DUES)],
        sent: [random.one_of(&SENT), random.one_of(&SENT)],
        ids: [random.one_of(&IDS), random.one_of(&IDS)],
        kinds: THEMES[theme],
        random,
    };
    let given = scene.random.below(4);
    let mut calls: Vec<_> = (0..given).map(|_| Call::Given(scene.given())).collect();
    if scene.random.below(LARGE_EVERY) == 0 {
        let (due, said) = (scene.due(), Said { text: Text::Kilobytes(60), ..scene.said() });
        calls.push(Call::Given(Given::Large(due, said)));
        calls.extend([
            Call::ReadDue(due, said.chat, After::Nothing, None),
            Call::ReadBucket(due, said.chat, After::Nothing),
        ]);
    }
    for _ in 0..scene.random.below(CALLS.len()) + CALLS.start {
        let kind = scene.random.one_of(scene.kinds);
        calls.push(kind(&mut scene));
    }
    calls
}

impl Scene {
    fn chat(&mut self) -> Chat {
        self.random.one_of(&self.chats)
    }

    fn due(&mut self) -> Moment {
        self.random.one_of(&self.dues)
    }

    fn said(&mut self) -> Said {
        let chat = self.chat();
        let (sent, id) = (self.random.one_of(&self.sent), self.random.one_of(&self.ids));
        Said { chat, sent, id, text: self.random.one_of(&TEXTS), at: self.arrival() }
    }

    /// Mostly what the function itself would name; a message's outcome is never an item of its own.
    fn of(&mut self, usual: fn(&mut Self) -> Of, other: fn(&mut Self) -> Of) -> Of {
        if self.random.below(5) == 0 { other(self) } else { usual(self) }
    }

    fn bundle(&mut self) -> Of {
        let (chat, due) = (self.chat(), self.due());
        if self.random.below(3) == 0 { Of::Cut(chat, due, self.small()) } else { Of::Bundle(chat, due) }
    }

    fn arrival(&mut self) -> Moment {
        self.random.one_of(&ARRIVALS)
    }

    fn small(&mut self) -> u32 {
        self.random.one_of(&[0, 1, 2])
    }

    /// At least one cut: none is put before there is one.
    fn made(&mut self) -> Made {
        let made = self.small() + 1;
        Made(made, self.random.below(usize::try_from(made).expect("a small number") + 1))
    }

    fn message(&mut self) -> Of {
        Of::Message(self.said())
    }

    fn progress(&mut self) -> Progress {
        use DeliveryState::{Delivered, Failed, Held, Pending};
        let (attempts, errors, parts_done) = (self.small(), self.small(), self.small());
        let next = if self.random.below(2) == 0 { None } else { Some(at(self.due())) };
        let state = self.random.one_of(&[Pending, Held, Held, Failed, Delivered]);
        Progress { state, attempts, errors, parts_done, next }
    }

    /// In every state, some of which stand in the index; also one that was never written.
    fn health(&mut self) -> Health {
        let (since, probe_at) = (at(self.arrival()), at(self.due()));
        let state = match self.random.below(4) {
            0 => State::Healthy,
            1 => State::Failing { since, probe_at, probe: None },
            2 => State::Draining { since, empty_since: None },
            _ => State::Disabled { since, why: Why::Errors, stopped: false },
        };
        let revision = u64::from(self.small());
        Health { state, epoch: 3, consecutive_errors: 2, error_sequence: 17, revision, ..Health::default() }
    }

    fn after(&mut self, chat: Chat) -> After {
        let said = Said { chat, ..self.said() };
        match self.random.below(6) {
            0 => After::Said(said),
            1 => After::Within(said),
            _ => After::Nothing,
        }
    }

    fn given(&mut self) -> Given {
        let (due, said) = (self.due(), self.said());
        let hook = said.chat.0;
        match self.random.below(12) {
            0 => Given::Health(hook, self.health()),
            1 | 2 => Given::InBucket(due, said),
            3 => Given::Pointer(due, said, Some(self.due())),
            4 => Given::Pointer(due, said, None),
            5 => Given::Outcome(self.of(Self::bundle, Self::message), self.progress()),
            6 => Given::Cuts(due, said.chat, self.made()),
            7 => Given::Rest(Waiting(due, said.chat, After::Nothing)),
            8 => Given::Turn(hook, self.small().into()),
            _ => Given::Unreadable(self.unreadable(due, said)),
        }
    }

    fn unreadable(&mut self, due: Moment, said: Said) -> Unreadable {
        let hook = said.chat.0;
        match self.random.below(12) {
            0 => Unreadable::Settings(hook),
            1 => Unreadable::Health(hook),
            2 => Unreadable::InBucket(due, said),
            3 => Unreadable::BehindBucket(due, said),
            4 => {
                let without = self.random.one_of(&["state", "attempts", "parts_done"]);
                Unreadable::Outcome(self.of(Self::bundle, Self::message), without)
            }
            5 => Unreadable::Mark(due),
            6 => Unreadable::Claim(due),
            7 => Unreadable::LowWater(self.random.one_of(&[Some("yesterday"), Some("0"), None])),
            8 => Unreadable::Cuts(due, said.chat),
            9 => Unreadable::Turn(hook),
            10 => Unreadable::Rest(hook),
            _ => Unreadable::Appointment,
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_sequence_and_another_seed_another() {
    let shown = |seed| format!("{:?}", sequence(seed));
    assert_eq!(shown(1), shown(1));
    let sequences: std::collections::BTreeSet<_> = (0..100).map(shown).collect();
    assert_eq!(sequences.len(), 100);
}
