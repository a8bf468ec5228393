//! What all invocations share: the table with its messages, the queue, and the ledger that everything is noted in.

use super::{
    ledger::Ledger,
    population::{Population, number},
    queue::Fifo,
};
use crate::{
    machine::Machine,
    world::{Part, Surroundings},
};
use bundler::{
    delivery::DeliveryKey,
    flush::Portion,
    id::WorkspaceId,
    memory::{Cost, MemoryTable},
    ports::{Answer, Page, QueueEntry, ReadDelivery, ReadRests, SweepTable},
    table::{bucket::DueRow, lane::Delivery, turn::Rest},
};
use futures_util::FutureExt;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct World {
    pub(crate) machine: Machine,
    pub(crate) table: MemoryTable,
    pub(crate) population: Population,
    queue: Mutex<Fifo>,
    ledger: Mutex<Ledger>,
    portions: Mutex<Vec<Portion>>,
}

impl World {
    pub(crate) fn new(machine: Machine, table: MemoryTable, population: Population, queue: Fifo) -> Self {
        table.store().take_consumed();
        let ledger = Mutex::new(Ledger::of(&population));
        Self { machine, table, population, queue: Mutex::new(queue), ledger, portions: Mutex::default() }
    }

    pub(crate) fn queue(&self) -> MutexGuard<'_, Fifo> {
        lock(&self.queue)
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    /// What has been given away since the last look.
    pub(crate) fn take_given(&self) -> Vec<Portion> {
        std::mem::take(&mut lock(&self.portions))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Surroundings for World {
    fn machine(&self) -> &Machine {
        &self.machine
    }

    fn table(&self) -> &MemoryTable {
        &self.table
    }

    fn page(&self, _doing: &'static str, part: Part<'_>) -> Answer<Page<DueRow>> {
        let (due, shard) = part.partition;
        let page = match part.webhook {
            None => self.table.read_due(due, shard, part.after, part.most).now_or_never(),
            Some((workspace, webhook)) => {
                let (workspace, webhook) = (workspace.clone(), webhook.clone());
                let rest = Rest { workspace, webhook, due, shard, after: part.after.map(str::to_owned) };
                self.table.read_rest(&rest).now_or_never()
            }
        };
        page.expect("memory answers at once")
    }

    async fn read_delivery(&self, key: &DeliveryKey) -> Answer<Option<Delivery>> {
        self.table.read_delivery(key).await
    }

    fn enqueue(&self, entries: &[QueueEntry]) {
        let (now, bytes) = (self.machine.elapsed(), entries.iter().map(|entry| entry.reference.len()).sum());
        self.queue().take(now, entries);
        let mut ledger = self.ledger();
        ledger.enqueued(now, entries);
        ledger.note(None, Cost::queue(entries.len(), bytes));
    }

    fn give(&self, portion: Portion) {
        self.ledger().note(None, Cost { requests: 1, ..Cost::default() });
        lock(&self.portions).push(portion);
    }

    fn account(&self, whose: Option<&WorkspaceId>) {
        let cost = self.table.store().take_consumed().total();
        let kind = whose.map(|whose| self.population.kind(number(whose.as_str())));
        self.ledger().note(kind, cost);
    }
}
