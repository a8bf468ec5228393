//! What all invocations share: the table, the queue with what is made of its references, and whom shards are given to.

use crate::{machine::Machine, population::Generated};
use bundler::{
    flush::Portion,
    memory::{Consumed, Cost, MemoryTable},
    ports::QueueEntry,
};
use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub(crate) struct World<'a> {
    pub(crate) machine: Machine,
    pub(crate) rows: &'a Generated,
    /// Everything but messages.
    pub(crate) table: MemoryTable,
    /// Requests that the table does not count: those for messages, and those to Lambda.
    apart: Mutex<Consumed>,
    queue: Mutex<Queue>,
    portions: Mutex<Vec<Portion>>,
}

/// What the queue has taken, and when each reference's delivery has an outcome: in each of a webhook's groups one is
/// delivered after the other.
#[derive(Default)]
pub(crate) struct Queue {
    hasher: RandomState,
    outcomes: HashMap<u64, Duration>,
    groups: BTreeMap<String, Duration>,
    consumed: Consumed,
    /// When the last new reference of each kind of tenants was taken.
    pub(crate) last: BTreeMap<String, Duration>,
    /// References that came again.
    pub(crate) repeated: usize,
}

impl<'a> World<'a> {
    pub(crate) fn new(machine: Machine, rows: &'a Generated, table: MemoryTable) -> Self {
        table.store().take_consumed();
        let (apart, queue, portions) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { machine, rows, table, apart, queue, portions }
    }

    pub(crate) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, doing: &'static str, cost: Cost) {
        self.apart.lock().unwrap_or_else(PoisonError::into_inner).note(doing, cost);
    }

    pub(crate) fn give(&self, portion: Portion) {
        self.portions.lock().unwrap_or_else(PoisonError::into_inner).push(portion);
    }

    /// What has been given away since the last look.
    pub(crate) fn take_given(&self) -> Vec<Portion> {
        std::mem::take(&mut self.portions.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All that was consumed.
    pub(crate) fn consumed(&self) -> Consumed {
        let mut consumed = self.table.store().take_consumed();
        consumed.add(&self.apart.lock().unwrap_or_else(PoisonError::into_inner));
        consumed.add(&self.queue().consumed);
        consumed
    }
}

impl Queue {
    pub(crate) fn take(&mut self, now: Duration, delivery: Duration, entries: &[QueueEntry]) {
        let bytes = entries.iter().map(|entry| entry.reference.len()).sum();
        self.consumed.note("enqueueing", Cost::queue(entries.len(), bytes));
        for entry in entries {
            let group = self.groups.entry(entry.group.clone()).or_default();
            let outcome = now.max(*group) + delivery;
            let name = self.hasher.hash_one(&entry.reference);
            if self.outcomes.contains_key(&name) {
                self.repeated += 1;
                continue;
            }
            *group = outcome;
            self.outcomes.insert(name, outcome);
            let tenants = entry.group.split('-').next().unwrap_or_default();
            self.last.insert(tenants.to_owned(), now);
        }
    }

    pub(crate) fn references(&self) -> usize {
        self.outcomes.len()
    }

    /// When the delivery that a reference names is over.
    pub(crate) fn outcome(&self, reference: &str) -> Option<Duration> {
        self.outcomes.get(&self.hasher.hash_one(reference)).copied()
    }
}
