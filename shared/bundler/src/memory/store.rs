//! Ordered items under one lock: what the memory adapters keep, the journal that each change goes through, and what each
//! request would be billed as.

use super::{
    bill::{Bill, Billing},
    consumed::{Consistency, Consumed, Cost},
};
use crate::{
    ports::{Answer, PortError},
    table::{Item, ItemKey, item::IndexKey},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

/// One change of what is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Put(Item),
    Delete(ItemKey),
}

/// Where changes are kept over a restart. All of one request's changes are kept, or none.
pub trait Journal: Send + Sync {
    fn keep(&self, changes: &[Change]) -> Result<(), String>;
}

/// What one page of a query reads, bytes. DynamoDB's own bound.
pub(super) const PAGE_BYTES: usize = 1_048_576;

/// The items, and which of them stand in the sparse index.
#[derive(Default)]
struct Items {
    items: BTreeMap<ItemKey, Item>,
    indexed: BTreeSet<IndexKey>,
}

#[derive(Default)]
pub struct Store {
    items: Mutex<Items>,
    journal: Option<Box<dyn Journal>>,
    consumed: Mutex<Consumed>,
}

/// The items as one request sees them, and what it changes.
pub(super) struct Request<'a> {
    items: &'a mut Items,
    changes: Vec<Change>,
    before: Vec<(ItemKey, Option<Item>)>,
    bill: Bill,
}

impl Store {
    /// With what a journal kept.
    pub fn restored(items: impl IntoIterator<Item = Item>, journal: Box<dyn Journal>) -> Self {
        let mut restored = Items::default();
        for item in items {
            restored.set(item.key.clone(), Some(item));
        }
        Self { items: Mutex::new(restored), journal: Some(journal), consumed: Mutex::default() }
    }

    /// Every item, in order of keys: for tests and reports.
    pub fn items(&self) -> Vec<Item> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).items.values().cloned().collect()
    }

    /// What was consumed since the last look.
    pub fn take_consumed(&self) -> Consumed {
        std::mem::take(&mut self.consumed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs one request that writes, or would if its condition held: all of its changes happen, or none.
    pub(super) fn request<R>(&self, doing: &'static str, run: impl FnOnce(&mut Request<'_>) -> R) -> Answer<R> {
        self.billed(doing, Billing::Write, run)
    }

    /// As `request`, of several items at once.
    pub(super) fn transaction<R>(&self, doing: &'static str, run: impl FnOnce(&mut Request<'_>) -> R) -> Answer<R> {
        self.billed(doing, Billing::Transaction, run)
    }

    /// Runs one request that reads.
    pub(super) fn read<R>(
        &self,
        doing: &'static str,
        consistency: Consistency,
        run: impl FnOnce(&mut Request<'_>) -> R,
    ) -> Answer<R> {
        self.billed(doing, Billing::Read(consistency), run)
    }

    /// As `request`, of something that is no table: its cost is for the caller to note.
    pub(super) fn unbilled<R>(&self, doing: &'static str, run: impl FnOnce(&mut Request<'_>) -> R) -> Answer<R> {
        self.billed(doing, Billing::Nothing, run)
    }

    pub(super) fn note(&self, doing: &'static str, cost: Cost) {
        self.consumed.lock().unwrap_or_else(PoisonError::into_inner).note(doing, cost);
    }

    fn billed<R>(&self, doing: &'static str, billing: Billing, run: impl FnOnce(&mut Request<'_>) -> R) -> Answer<R> {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let mut request =
            Request { items: &mut items, changes: Vec::new(), before: Vec::new(), bill: Bill::new(billing) };
        let answer = run(&mut request);
        let kept = match &self.journal {
            Some(journal) if !request.changes.is_empty() => journal.keep(&request.changes),
            Some(_) | None => Ok(()),
        };
        match kept {
            Ok(()) => {
                if let Some(cost) = request.cost() {
                    self.note(doing, cost);
                }
                Ok(answer)
            }
            Err(code) => {
                request.undo();
                Err(PortError { doing, code })
            }
        }
    }
}

impl Items {
    /// Puts an item at its key, or nothing; returns what stood there. The index follows.
    fn set(&mut self, key: ItemKey, item: Option<Item>) -> Option<Item> {
        let indexed = item.as_ref().and_then(Item::index_key);
        let before = match item {
            Some(item) => self.items.insert(key, item),
            None => self.items.remove(&key),
        };
        if let Some(entry) = before.as_ref().and_then(Item::index_key) {
            self.indexed.remove(&entry);
        }
        self.indexed.extend(indexed);
        before
    }
}

impl Request<'_> {
    pub(super) fn get(&self, key: &ItemKey) -> Option<&Item> {
        let item = self.items.items.get(key);
        self.bill.look(key, item);
        item
    }

    /// What stands where `item` is to be put: the condition of a put, which costs as much if it fails.
    pub(super) fn standing(&self, item: &Item) -> Option<&Item> {
        self.bill.look(&item.key, Some(item));
        self.get(&item.key)
    }

    pub(super) fn put(&mut self, item: Item) {
        self.standing(&item);
        self.changes.push(Change::Put(item.clone()));
        let before = self.items.set(item.key.clone(), Some(item.clone()));
        self.before.push((item.key, before));
    }

    pub(super) fn delete(&mut self, key: &ItemKey) {
        self.get(key);
        if let Some(item) = self.items.set(key.clone(), None) {
            self.changes.push(Change::Delete(key.clone()));
            self.before.push((key.clone(), Some(item)));
        }
    }

    /// One page of the index's keys in a partition, up to `until`, behind `after`.
    pub(super) fn index(
        &self,
        due_pk: &str,
        until: &str,
        after: Option<&IndexKey>,
    ) -> (Vec<IndexKey>, Option<IndexKey>) {
        let first = || IndexKey { due_pk: due_pk.to_owned(), due_sk: String::new(), key: ItemKey::default() };
        let from = after.cloned().unwrap_or_else(first);
        let (mut keys, mut bytes) = (Vec::new(), 0);
        self.bill.range(0);
        for key in self.items.indexed.range(&from..) {
            if key.due_pk != due_pk || key.due_sk.as_str() > until {
                break;
            }
            if Some(key) == after {
                continue;
            }
            self.bill.range(key.size_bytes());
            bytes += key.size_bytes();
            keys.push(key.clone());
            if bytes >= PAGE_BYTES {
                return (keys, Some(key.clone()));
            }
        }
        (keys, None)
    }

    /// Items of a partition whose sort keys begin with `prefix`, in order, behind `after`.
    pub(super) fn range<'a>(
        &'a self,
        pk: &'a str,
        prefix: &'a str,
        after: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Item> {
        self.range_until(pk, prefix, after, None)
    }

    /// As `range`, up to `until`.
    pub(super) fn range_until<'a>(
        &'a self,
        pk: &'a str,
        prefix: &'a str,
        after: Option<&'a str>,
        until: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Item> {
        let from = ItemKey { pk: pk.to_owned(), sk: after.unwrap_or(prefix).to_owned() };
        self.bill.range(0);
        self.items
            .items
            .range(from..)
            .map(|(_, item)| item)
            .take_while(move |item| item.key.pk == pk && item.key.sk.starts_with(prefix))
            .take_while(move |item| until.is_none_or(|until| item.key.sk.as_str() <= until))
            .filter(move |item| after != Some(item.key.sk.as_str()))
            .inspect(|item| self.bill.range(self.bill.weigh(item)))
    }

    /// Items of a partition from the last sort key to the first, before `before`.
    pub(super) fn range_back<'a>(&'a self, pk: &'a str, before: Option<&'a str>) -> impl Iterator<Item = &'a Item> {
        let key = |sk: &str| ItemKey { pk: pk.to_owned(), sk: sk.to_owned() };
        // No sort key stands behind this one: keys are ASCII.
        let until = before.map_or_else(|| key("\u{10ffff}"), key);
        self.bill.range(0);
        self.items
            .items
            .range(key("")..until)
            .rev()
            .map(|(_, item)| item)
            .inspect(|item| self.bill.range(self.bill.weigh(item)))
    }

    /// What the request costs as it was run; nothing where it is not billed.
    fn cost(&self) -> Option<Cost> {
        // One request changes an item once.
        let changed = self.before.iter().map(|(key, before)| Cost::index(before.as_ref(), self.items.items.get(key)));
        let index = changed.fold(Cost::default(), Cost::plus);
        self.bill.total().map(|total| total.plus(index))
    }

    fn undo(&mut self) {
        for (key, before) in self.before.drain(..).rev() {
            self.items.set(key, before);
        }
    }
}
