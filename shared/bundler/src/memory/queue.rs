//! The delivery queue in memory: first in, first out within a group; one group's messages are handed out only when none
//! of it is under way; what is not finished becomes visible again; ids are remembered for five minutes.

use super::{
    consumed::{Consumed, Cost},
    store::{Request, Store},
};
use crate::{
    ports::{Answer, Clock, Enqueue, PortError, QueueEntry},
    table::{Item, ItemError, ItemKey},
    timestamp::Timestamp,
};
use std::{collections::BTreeSet, slice, time::Duration};

/// How long a deduplication id is remembered. SQS's own.
const DEDUPLICATION: Duration = Duration::from_secs(300);

pub struct MemoryQueue<C> {
    store: Store,
    clock: C,
    visibility: Duration,
    max_receives: u64,
}

/// A message that was handed out, until it is finished or its visibility ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub reference: String,
    pub group: String,
    /// How often it was handed out, this time included.
    pub receives: u64,
    key: ItemKey,
}

impl<C: Clock> MemoryQueue<C> {
    pub fn new(store: Store, clock: C, visibility: Duration, max_receives: u64) -> Self {
        Self { store, clock, visibility, max_receives }
    }

    /// Up to `most` messages. What was handed out too often goes to the dead letters instead.
    pub fn receive(&self, most: usize) -> Answer<Vec<Received>> {
        let (doing, now) = ("receiving", self.clock.now());
        let received = self.store.unbilled(doing, |request| {
            self.try_receive(request, now, most).map_err(|error| PortError::item(doing, &error))
        })??;
        let bytes = received.iter().map(|one| one.reference.len()).sum();
        self.store.note(doing, Cost::queue(received.len(), bytes));
        Ok(received)
    }

    /// Done with a message. Must be a no-op when it has become visible again meanwhile.
    pub fn finish(&self, received: &Received) -> Answer<()> {
        self.finish_all(slice::from_ref(received))
    }

    /// As `finish`, of a batch's messages at once.
    pub fn finish_all(&self, received: &[Received]) -> Answer<()> {
        let (doing, now) = ("finishing", self.clock.now());
        self.store.note(doing, Cost::queue(received.len(), 0));
        self.store.unbilled(doing, |request| {
            for one in received {
                let current = request.get(&one.key).is_some_and(|item| {
                    item.get_number("receives") == Ok(one.receives)
                        && item.get_number("visible").is_ok_and(|visible| visible > now.millis())
                });
                if current {
                    request.delete(&one.key);
                }
            }
        })
    }

    /// What was consumed since the last look.
    pub fn take_consumed(&self) -> Consumed {
        self.store.take_consumed()
    }

    /// Messages that are waiting or under way.
    pub fn len(&self) -> Answer<usize> {
        self.store.unbilled("counting", |request| request.range("queue", "", None).count())
    }

    pub fn is_empty(&self) -> Answer<bool> {
        self.len().map(|length| length == 0)
    }

    /// References that were handed out too often.
    pub fn dead_letters(&self) -> Answer<Vec<String>> {
        let text = |item: &Item| item.get_text("reference").unwrap_or_default().to_owned();
        self.store.unbilled("reading dead letters", |request| request.range("dead", "", None).map(text).collect())
    }

    fn try_receive(&self, request: &mut Request<'_>, now: Timestamp, most: usize) -> Result<Vec<Received>, ItemError> {
        let mut blocked = BTreeSet::new();
        let mut chosen = Vec::new();
        for item in request.range("queue", "", None) {
            if chosen.len() >= most {
                break;
            }
            let group = item.get_text("group")?;
            if item.get_number("visible")? > now.millis() {
                blocked.insert(group.to_owned());
            } else if !blocked.contains(group) {
                chosen.push(item.clone());
            }
        }
        let mut received = Vec::new();
        for item in chosen {
            let receives = item.get_number("receives")? + 1;
            if receives > self.max_receives {
                request.delete(&item.key);
                request.put(Item { key: ItemKey { pk: "dead".to_owned(), ..item.key.clone() }, ..item });
                continue;
            }
            received.push(Received {
                reference: item.get_text("reference")?.to_owned(),
                group: item.get_text("group")?.to_owned(),
                receives,
                key: item.key.clone(),
            });
            request.put(item.number("receives", receives).number("visible", now.plus(self.visibility).millis()));
        }
        Ok(received)
    }
}

impl<C: Clock> Enqueue for MemoryQueue<C> {
    async fn enqueue(&self, entries: &[QueueEntry]) -> Answer<Vec<Result<(), PortError>>> {
        let (doing, now) = ("enqueueing", self.clock.now());
        self.store.note(doing, Cost::queue(entries.len(), entries.iter().map(|entry| entry.reference.len()).sum()));
        self.store.unbilled(doing, |request| {
            for entry in entries {
                // High throughput mode: ids are remembered by group.
                let sk = format!("{}#{}", entry.group, entry.deduplication_id);
                let remembered = Item::new(ItemKey { pk: "known".to_owned(), sk }).number("at", now.millis());
                let known = request.get(&remembered.key).and_then(|item| item.get_millis("at").ok());
                if known.is_some_and(|at| now.since(at) < DEDUPLICATION) {
                    continue;
                }
                request.put(remembered);
                let last = request.get(&counter()).and_then(|item| item.get_number("last").ok()).unwrap_or_default();
                request.put(Item::new(counter()).number("last", last + 1));
                let key = ItemKey { pk: "queue".to_owned(), sk: format!("{:020}", last + 1) };
                let item = Item::new(key).text("reference", &entry.reference).text("group", &entry.group);
                request.put(item.number("receives", 0).number("visible", 0));
            }
        })?;
        Ok(entries.iter().map(|_| Ok(())).collect())
    }
}

fn counter() -> ItemKey {
    ItemKey { pk: "counter".to_owned(), sk: String::new() }
}
