//! What all invocations share: the table, the queue with what is made of its references, and whom shards are given to.

use crate::{machine::Machine, population::Generated};
use bundler::{
    delivery::{self, DeliveryKey},
    flush::Portion,
    id::{WebhookId, WorkspaceId},
    memory::{Change, Consistency, Consumed, Cost, Journal, MemoryTable},
    ports::{Answer, Page, QueueEntry},
    table::{
        bucket::{self, DueRow},
        lane::{Delivery, DeliveryState, Progress},
    },
    timestamp::Timestamp,
};
use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Of a table that is filled before anybody uses it, and gone with the process.
pub(crate) struct NoJournal;

impl Journal for NoJournal {
    fn keep(&self, _changes: &[Change]) -> Result<(), String> {
        Ok(())
    }
}

/// What an invocation finds around it.
pub(crate) trait Surroundings: Sync {
    fn machine(&self) -> &Machine;

    /// Everything but what the other methods answer.
    fn table(&self) -> &MemoryTable;

    /// A page of messages, counted.
    fn page(&self, doing: &'static str, part: Part<'_>) -> Answer<Page<DueRow>>;

    fn read_delivery(&self, key: &DeliveryKey) -> impl Future<Output = Answer<Option<Delivery>>> + Send;

    fn enqueue(&self, entries: &[QueueEntry]);

    fn give(&self, portion: Portion);

    /// What the table has counted since the last time was one request, about somebody's webhook or about nobody's.
    fn account(&self, whose: Option<&WorkspaceId>);
}

/// Of a window's end and a shard: the rows of one webhook or of all, behind `after`, and of `most` rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) whose: Option<&'a WorkspaceId>,
    pub(crate) partition: (Timestamp, u16),
    pub(crate) webhook: Option<(&'a WorkspaceId, &'a WebhookId)>,
    pub(crate) after: Option<&'a str>,
    pub(crate) most: Option<u16>,
}

/// Of a sweep: its messages are generated, and what is made of a reference is reckoned.
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

    fn note(&self, doing: &'static str, cost: Cost) {
        self.apart.lock().unwrap_or_else(PoisonError::into_inner).note(doing, cost);
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

impl Surroundings for World<'_> {
    fn machine(&self) -> &Machine {
        &self.machine
    }

    fn table(&self) -> &MemoryTable {
        &self.table
    }

    fn page(&self, doing: &'static str, part: Part<'_>) -> Answer<Page<DueRow>> {
        let beginning = part.webhook.map(|(workspace, webhook)| bucket::webhook_prefix(workspace, webhook));
        let (page, bytes) =
            self.rows.page(part.partition, beginning.as_deref().unwrap_or_default(), part.after, part.most);
        self.note(doing, Cost::query(bytes, Consistency::Strong));
        Ok(page)
    }

    /// Delivered, when the queue's model says so.
    async fn read_delivery(&self, key: &DeliveryKey) -> Answer<Option<Delivery>> {
        // Two items, in one request.
        let one = Cost::get(0, Consistency::Strong);
        self.note("reading a delivery", Cost { requests: 1, ..one.plus(one) });
        let outcome = self.queue().outcome(&delivery::to_reference(key));
        let progress = Progress { state: DeliveryState::Delivered, attempts: 1, ..Progress::NONE };
        let is_over = outcome.is_some_and(|outcome| outcome <= self.machine.elapsed());
        Ok(is_over.then(|| Delivery { key: key.clone(), progress }))
    }

    fn enqueue(&self, entries: &[QueueEntry]) {
        self.queue().take(self.machine.elapsed(), self.machine.model.lasts("delivery"), entries);
    }

    fn give(&self, portion: Portion) {
        self.note("handing shards over", Cost { requests: 1, ..Cost::default() });
        self.portions.lock().unwrap_or_else(PoisonError::into_inner).push(portion);
    }

    /// The table's own count is enough.
    fn account(&self, _whose: Option<&WorkspaceId>) {}
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
