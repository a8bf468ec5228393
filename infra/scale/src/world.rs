//! The ports of the sweep on a machine of virtual time: the generated table over the memory adapter, and a queue that
//! takes everything, each request counted and lasting as the model says.

use crate::{machine::Machine, population::Generated};
use bundler::{
    id::{WebhookId, WorkspaceId},
    memory::{Consistency, Consumed, Cost, MemoryTable},
    ports::{Answer, Enqueue, Page, PortError, QueueEntry, ReadSettings, SweepTable},
    settings::Settings,
    table::{bucket::BucketRow, sweep::Mark},
    timestamp::Timestamp,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub(crate) struct Table<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) rows: &'a Generated,
    pub(crate) others: MemoryTable,
    read: Mutex<Consumed>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(machine: &'a Machine, rows: &'a Generated, others: MemoryTable) -> Self {
        Self { machine, rows, others, read: Mutex::default() }
    }

    pub(crate) fn take_consumed(&self) -> Consumed {
        let mut consumed = self.others.store().take_consumed();
        consumed.add(&std::mem::take(&mut self.read.lock().unwrap_or_else(PoisonError::into_inner)));
        consumed
    }

    async fn pass<R>(&self, answer: impl Future<Output = R>) -> R {
        self.machine.request(Duration::ZERO, answer, |_| Duration::ZERO).await
    }
}

impl ReadSettings for Table<'_> {
    async fn read_settings(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Settings>> {
        self.pass(self.others.read_settings(workspace, webhook)).await
    }
}

impl SweepTable for Table<'_> {
    async fn read_low_water(&self) -> Answer<Option<Timestamp>> {
        self.pass(self.others.read_low_water()).await
    }

    async fn raise_low_water(&self, due: Timestamp) -> Answer<()> {
        self.pass(self.others.raise_low_water(due)).await
    }

    async fn read_marks(&self, due: Timestamp) -> Answer<Vec<Mark>> {
        self.pass(self.others.read_marks(due)).await
    }

    async fn put_mark(&self, mark: &Mark) -> Answer<()> {
        self.pass(self.others.put_mark(mark)).await
    }

    async fn read_due(&self, due: Timestamp, shard: u16, after: Option<&str>) -> Answer<Page<BucketRow>> {
        let answer = async {
            let (page, bytes) = self.rows.page(due, shard, after);
            let cost = Cost::query(bytes, Consistency::Strong);
            self.read.lock().unwrap_or_else(PoisonError::into_inner).note("reading what is due", cost);
            Ok(page)
        };
        let rows = |answer: &Answer<Page<BucketRow>>| {
            self.machine.model.work("a_row", answer.as_ref().map_or(0, |page| page.rows.len()))
        };
        self.machine.request(Duration::ZERO, answer, rows).await
    }
}

/// What the queue has taken.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) consumed: Consumed,
    ids: BTreeSet<String>,
    /// When the last reference of each kind of tenant was taken.
    pub(crate) last: BTreeMap<String, Duration>,
    /// References that came again.
    pub(crate) repeated: usize,
}

impl Taken {
    pub(crate) fn references(&self) -> usize {
        self.ids.len()
    }
}

pub(crate) struct Queue<'a> {
    machine: &'a Machine,
    taken: Mutex<Taken>,
}

impl<'a> Queue<'a> {
    pub(crate) fn new(machine: &'a Machine) -> Self {
        Self { machine, taken: Mutex::default() }
    }

    pub(crate) fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Enqueue for Queue<'_> {
    async fn enqueue(&self, entries: &[QueueEntry]) -> Answer<Vec<Result<(), PortError>>> {
        let answer = async {
            let mut taken = self.taken();
            let bytes = entries.iter().map(|entry| entry.reference.len()).sum();
            taken.consumed.note("enqueueing", Cost::queue(entries.len(), bytes));
            for entry in entries {
                let tenant = entry.group.split('-').next().unwrap_or_default().to_owned();
                taken.last.insert(tenant, self.machine.elapsed());
                if !taken.ids.insert(entry.deduplication_id.clone()) {
                    taken.repeated += 1;
                }
            }
            Ok(entries.iter().map(|_| Ok(())).collect())
        };
        let sending = self.machine.model.work("an_entry", entries.len());
        self.machine.request(sending, answer, |_| Duration::ZERO).await
    }
}
