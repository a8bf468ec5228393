//! What the ports' doc comments promise, each promise a check that runs on any adapter. Here they run in memory;
//! `conformance` runs `all` of each port on the adapters that speak to AWS.

pub(crate) mod cuts;
pub(crate) mod deliver;
pub(crate) mod erase;
pub(crate) mod files;
pub(crate) mod gather;
pub(crate) mod gathering;
pub(crate) mod health;
pub(crate) mod pages;
pub(crate) mod portal;
pub(crate) mod queue;
pub(crate) mod sweep;
pub(crate) mod traffic;
pub(crate) mod turns;
pub(crate) mod upstream;
pub(crate) mod values;

use crate::world::{HandClock, at};
use bundler::{
    memory::{Change, Journal, MemoryQueue, MemoryTable, Store},
    ports::{
        CountFailedTry, CreateWebhook, DeliverTable, Enqueue, EraseTable, FirstSeen, GatherTable, KeepTraffic,
        OwnerTable, PutUpstream, ReadActions, ReadAttempted, ReadAttempts, ReadGathering, SweepTable, UseOnce,
    },
    table::Item,
};
use std::{future::Future, time::Duration};

/// Makes tables of an adapter, and looks into them from behind.
pub(crate) trait Tables {
    type Table: GatherTable
        + SweepTable
        + DeliverTable
        + ReadAttempts
        + ReadAttempted
        + OwnerTable
        + CreateWebhook
        + KeepTraffic
        + ReadGathering
        + ReadActions
        + UseOnce
        + CountFailedTry
        + EraseTable
        + PutUpstream
        + FirstSeen;

    /// A table that holds these items and no others.
    fn holding(&self, items: Vec<Item>) -> impl Future<Output = Self::Table>;

    /// Every item of a table, in order of keys.
    fn items(&self, table: &Self::Table) -> impl Future<Output = Vec<Item>>;
}

/// Makes queues of an adapter.
pub(crate) trait Queues {
    type Queue: Enqueue;

    fn empty(&self) -> impl Future<Output = Self::Queue>;

    /// Takes everything that a queue hands out, as (group, reference), in the order in which it is handed out.
    fn take(&self, queue: &Self::Queue) -> impl Future<Output = Vec<(String, String)>>;
}

/// The memory adapters.
pub(crate) struct Memory;

struct NoJournal;

impl Journal for NoJournal {
    fn keep(&self, _changes: &[Change]) -> Result<(), String> {
        Ok(())
    }
}

impl Tables for Memory {
    type Table = MemoryTable;

    async fn holding(&self, items: Vec<Item>) -> MemoryTable {
        MemoryTable::new(Store::restored(items, Box::new(NoJournal)))
    }

    async fn items(&self, table: &MemoryTable) -> Vec<Item> {
        table.store().items()
    }
}

impl Queues for Memory {
    type Queue = MemoryQueue<HandClock>;

    async fn empty(&self) -> Self::Queue {
        let clock = HandClock::new(at("2021-02-24T17:00:45Z"));
        MemoryQueue::new(Store::default(), clock, Duration::from_secs(360), 5)
    }

    async fn take(&self, queue: &Self::Queue) -> Vec<(String, String)> {
        let mut taken = Vec::new();
        loop {
            let received = queue.receive(10).expect("the queue hands out");
            if received.is_empty() {
                return taken;
            }
            for one in received {
                queue.finish(&one).expect("a message is finished");
                taken.push((one.group, one.reference));
            }
        }
    }
}

/// Declares a port's rules: a test of each in memory, and `all` of them for another adapter.
macro_rules! rules {
    ($fixture:ident: $($rule:ident,)*) => {
        /// Every rule, one after the other.
        pub(crate) async fn all(fixture: &impl $fixture) {
            $($rule(fixture).await;)*
        }

        mod in_memory {
            $(#[test]
            fn $rule() {
                $crate::world::run(super::$rule(&$crate::contract::Memory));
            })*
        }
    };
}
use rules;
