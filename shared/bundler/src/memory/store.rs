//! Ordered items under one lock: what the memory adapters keep, and the journal that each change goes through.

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
}

/// The items as one request sees them, and what it changes.
pub(super) struct Request<'a> {
    items: &'a mut Items,
    changes: Vec<Change>,
    before: Vec<(ItemKey, Option<Item>)>,
}

impl Store {
    /// With what a journal kept.
    pub fn restored(items: impl IntoIterator<Item = Item>, journal: Box<dyn Journal>) -> Self {
        let mut restored = Items::default();
        for item in items {
            restored.set(item.key.clone(), Some(item));
        }
        Self { items: Mutex::new(restored), journal: Some(journal) }
    }

    /// Every item, in order of keys: for tests and reports.
    pub fn items(&self) -> Vec<Item> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).items.values().cloned().collect()
    }

    /// Runs one request: all of its changes happen, or none.
    pub(super) fn request<R>(&self, doing: &'static str, run: impl FnOnce(&mut Request<'_>) -> R) -> Answer<R> {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let mut request = Request { items: &mut items, changes: Vec::new(), before: Vec::new() };
        let answer = run(&mut request);
        let kept = match &self.journal {
            Some(journal) if !request.changes.is_empty() => journal.keep(&request.changes),
            Some(_) | None => Ok(()),
        };
        match kept {
            Ok(()) => Ok(answer),
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
        self.items.items.get(key)
    }

    pub(super) fn put(&mut self, item: Item) {
        self.changes.push(Change::Put(item.clone()));
        let before = self.items.set(item.key.clone(), Some(item.clone()));
        self.before.push((item.key, before));
    }

    pub(super) fn delete(&mut self, key: &ItemKey) {
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
        for key in self.items.indexed.range(&from..) {
            if key.due_pk != due_pk || key.due_sk.as_str() > until {
                break;
            }
            if Some(key) == after {
                continue;
            }
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
        let from = ItemKey { pk: pk.to_owned(), sk: after.unwrap_or(prefix).to_owned() };
        self.items
            .items
            .range(from..)
            .map(|(_, item)| item)
            .take_while(move |item| item.key.pk == pk && item.key.sk.starts_with(prefix))
            .filter(move |item| after != Some(item.key.sk.as_str()))
    }

    fn undo(&mut self) {
        for (key, before) in self.before.drain(..).rev() {
            self.items.set(key, before);
        }
    }
}
