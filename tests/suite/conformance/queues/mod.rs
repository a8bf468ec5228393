//! The queue's port: random sequences of batches, on the memory adapter and on the adapter that speaks to SQS FIFO, and
//! what comes out of each group, in order.

mod emulated;

use super::compare::{Answer, Played, Side};
use super::emulators::Emulator;
use super::runner::Ports;
use crate::contract::{Memory, Queues};
use crate::world::Random;
use bundler::ports::{Enqueue, QueueEntry};
use std::collections::{BTreeMap, BTreeSet};

use emulated::Emulated;
pub(crate) use emulated::{forgets_ids_of_what_is_deleted, shares_ids_among_groups};

/// A call of the port, or what follows it on the other end.
#[derive(Debug, Clone)]
pub(crate) enum Call {
    Enqueue(Vec<Entry>),
    /// Takes all that there is, and finishes it.
    Take,
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    group: &'static str,
    id: &'static str,
    /// Of the sequence, from 1.
    number: usize,
    length: Length,
}

#[derive(Debug, Clone, Copy)]
enum Length {
    Short,
    /// As long as a reference can be: two ids of 256 bytes, each escaped, and what is around them.
    Longest,
}

/// The last is as long as a group's name can be.
const GROUPS: [&str; 4] = ["acme#default#0", "acme#default#1", "acme2#default#0", LONG_GROUP];
const LONG_GROUP: &str =
    "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww#hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh#63";
const IDS: [&str; 12] = ["1", "2", "3", "4", LONG_ID, "5", "6", "7", "8", "9", "10", "11"];
/// SHA-256 in hex.
const LONG_ID: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// The port of the queue.
pub(crate) struct QueuePort;

impl Ports for QueuePort {
    type Call = Call;
    type Memory = InMemory;
    type Aws = Emulated;

    const NAME: &'static str = "the queue";
    const UNCONDITIONAL: &'static [&'static str] = &[];

    fn sequence(seed: u64) -> Vec<Call> {
        sequence(seed)
    }

    fn playable(emulator: Emulator, calls: Vec<Call>) -> Vec<Call> {
        match emulator {
            Emulator::MiniStack => calls,
            Emulator::Moto => every_id_once(calls),
        }
    }

    fn kind(call: &Call) -> Option<&'static str> {
        Some(match call {
            Call::Enqueue(_) => "enqueue",
            Call::Take => "(take)",
        })
    }

    fn memory() -> InMemory {
        InMemory
    }

    async fn aws(emulator: Emulator, name: &str) -> Emulated {
        Emulated::new(emulator, name).await
    }
}

fn sequence(seed: u64) -> Vec<Call> {
    let mut random = Random(seed);
    let (groups, ids) = (random.below(GROUPS.len()) + 1, random.below(IDS.len()) + 1);
    let mut count = 0;
    let calls = random.below(6) + 2;
    let mut call = || {
        if random.below(3) == 0 {
            return Call::Take;
        }
        let size = random.below(10) + 1;
        let entries = (0..size).map(|_| {
            count += 1;
            let length = random.one_of(&[Length::Short, Length::Short, Length::Longest]);
            Entry { group: random.one_of(&GROUPS[..groups]), id: random.one_of(&IDS[..ids]), number: count, length }
        });
        Call::Enqueue(entries.collect())
    };
    (0..calls).map(|_| call()).collect()
}

fn every_id_once(calls: Vec<Call>) -> Vec<Call> {
    let mut known = BTreeSet::new();
    let once = |call| match call {
        Call::Enqueue(mut entries) => {
            entries.retain(|entry| known.insert(entry.id));
            (!entries.is_empty()).then_some(Call::Enqueue(entries))
        }
        Call::Take => Some(Call::Take),
    };
    calls.into_iter().filter_map(once).collect()
}

/// The memory adapter.
pub(crate) struct InMemory;

impl Side for InMemory {
    type Call = Call;

    async fn play(&mut self, calls: &[Call]) -> Played {
        let queue = Memory.empty().await;
        play(&queue, "", calls, async || Memory.take(&queue).await).await
    }
}

/// The calls in order, and in the end what is left. `apart` keeps the sequence's groups apart.
async fn play(
    queue: &impl Enqueue,
    apart: &str,
    calls: &[Call],
    take: impl AsyncFn() -> Vec<(String, String)>,
) -> Played {
    let (mut answers, mut known) = (Vec::new(), BTreeSet::new());
    for call in calls {
        let (line, took) = match call {
            Call::Enqueue(entries) => {
                let every_one_is_new = entries.iter().all(|entry| known.insert((entry.group, entry.id)));
                let entries: Vec<_> = entries.iter().map(|entry| entry.for_queue(apart)).collect();
                (format!("{:?}", queue.enqueue(&entries).await), every_one_is_new)
            }
            Call::Take => {
                let taken = by_group(take().await, apart);
                (format!("{taken:?}"), !taken.is_empty())
            }
        };
        answers.push(Answer { line, took, pages: 0 });
    }
    let left = by_group(take().await, apart);
    Played { answers, content: left.iter().map(|(group, references)| format!("{group}: {references:?}")).collect() }
}

impl Entry {
    fn for_queue(&self, apart: &str) -> QueueEntry {
        QueueEntry {
            reference: match self.length {
                Length::Short => self.number.to_string(),
                Length::Longest => format!("{:0700}", self.number),
            },
            group: format!("{apart}{}", self.group),
            deduplication_id: format!("{apart}{}", self.id),
        }
    }
}

/// What came out of each group in order. Which group's turn it is, no queue promises.
fn by_group(taken: Vec<(String, String)>, apart: &str) -> BTreeMap<String, Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (group, reference) in taken {
        let group = group.strip_prefix(apart).map_or_else(|| format!("not of this sequence: {group}"), str::to_owned);
        groups.entry(group).or_default().push(reference);
    }
    groups
}
