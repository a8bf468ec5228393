//! What one request to the store looked at and changed, weighed while it runs: the bytes that it is billed by.

use super::consumed::{Consistency, Cost};
use crate::table::{Item, ItemKey};
use std::cell::{Cell, RefCell};

/// What a request is billed as.
#[derive(Clone, Copy)]
pub(super) enum Billing {
    Read(Consistency),
    Write,
    Transaction,
    Nothing,
}

pub(super) struct Bill {
    billing: Billing,
    /// The most that each item weighs that was looked at or changed by its key, as it stands or as it is to be.
    items: RefCell<Vec<(ItemKey, usize)>>,
    /// What the items of ranges weigh, if one was read.
    ranged: Cell<Option<usize>>,
}

impl Bill {
    pub(super) fn new(billing: Billing) -> Self {
        Self { billing, items: RefCell::default(), ranged: Cell::default() }
    }

    /// An item was looked at, or is to be there.
    pub(super) fn look(&self, key: &ItemKey, item: Option<&Item>) {
        let bytes = item.map_or(0, |item| self.weigh(item));
        let mut items = self.items.borrow_mut();
        match items.iter_mut().find(|(looked_at, _)| looked_at == key) {
            Some((_, most)) => *most = bytes.max(*most),
            None => items.push((key.clone(), bytes)),
        }
    }

    /// A range is read, and so many bytes of it.
    pub(super) fn range(&self, bytes: usize) {
        self.ranged.set(Some(self.ranged.get().unwrap_or_default() + bytes));
    }

    /// What an item weighs; nothing is weighed where nothing is billed.
    pub(super) fn weigh(&self, item: &Item) -> usize {
        match self.billing {
            Billing::Read(_) | Billing::Write | Billing::Transaction => item.size_bytes(),
            Billing::Nothing => 0,
        }
    }

    /// The cost of the one request; nothing where it is not billed.
    pub(super) fn total(&self) -> Option<Cost> {
        let items = self.items.borrow();
        let bytes = items.iter().map(|(_, bytes)| *bytes);
        let total = match self.billing {
            Billing::Nothing => return None,
            Billing::Read(consistency) => {
                let range = self.ranged.get().map(|bytes| Cost::query(bytes, consistency));
                bytes.map(|bytes| Cost::get(bytes, consistency)).chain(range).fold(Cost::default(), Cost::plus)
            }
            Billing::Write => bytes.map(Cost::write).fold(Cost::default(), Cost::plus),
            Billing::Transaction => Cost::transaction(bytes),
        };
        Some(Cost { requests: 1, ..total })
    }
}
