//! The port that erases: what it finds by its keys, it takes away.

use super::{Answer, Page};
use crate::{delivery::DeliveryKey, table::ItemKey};
use std::future::Future;

/// The requests that erase a chat.
pub trait EraseTable: Sync {
    /// `Query` of one page of a partition's keys, of those whose sort keys begin with `prefix`, in order, behind `after`.
    fn read_keys(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> impl Future<Output = Answer<Page<ItemKey>>> + Send;

    /// `UpdateItem` of a bundle's outcome, if one stands there with which it might go out some day: its owner has dropped
    /// it, and the index has it no more. Must be a no-op otherwise.
    fn drop_delivery(&self, delivery: &DeliveryKey) -> impl Future<Output = Answer<()>> + Send;

    /// `BatchWriteItem` that deletes up to [`DELETE_BATCH`](crate::limits::DELETE_BATCH) items, each of which need not be
    /// there. Returns those that it did not get to.
    fn delete_items(&self, keys: &[ItemKey]) -> impl Future<Output = Answer<Vec<ItemKey>>> + Send;
}
