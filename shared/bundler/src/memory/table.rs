//! The table in memory: each method is one request under one lock, with the condition that its port states.

use super::{
    consumed::Consistency,
    store::{PAGE_BYTES, Request, Store},
};
use crate::{
    attempt::Attempt,
    delivery::{DeliveryKey, Lane, Subject},
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    ports::{
        Answer, Content, DeliverTable, GatherTable, Page, PortError, Put, PutInLane, ReadAttempted, ReadAttempts,
        ReadBucket, ReadDelivery, ReadLaneMessage, ReadSettings, ReadStanding, ReadWebhook,
    },
    settings::{Gathering, Settings, Standing, Webhook},
    table::{
        Item, ItemKey,
        attempt::{self, Attempted},
        bucket::{self, BucketMessage, BucketRow, Pointer, Target},
        item::{DUE_PK, DUE_SK},
        lane::{self, Delivery, DeliveryState, LaneMessage},
        settings,
    },
    timestamp::Timestamp,
};

/// A part of a partition, in order.
pub(super) struct Range<'a> {
    pub(super) pk: &'a str,
    /// What the sort keys begin with.
    pub(super) prefix: &'a str,
    /// Behind this sort key, and up to that one: neither need be one of an item.
    pub(super) after: Option<&'a str>,
    pub(super) until: Option<&'a str>,
    /// Items in a page.
    pub(super) most: Option<u16>,
}

pub struct MemoryTable {
    pub(super) store: Store,
    /// What one page of a bucket reads.
    bucket_page_bytes: usize,
}

impl MemoryTable {
    pub fn new(store: Store) -> Self {
        Self { store, bucket_page_bytes: PAGE_BYTES }
    }

    /// With shorter pages of buckets: for tests, which have little to read.
    #[must_use]
    pub fn with_bucket_pages_of(self, bytes: usize) -> Self {
        Self { bucket_page_bytes: bytes, ..self }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Sets a webhook's settings, as the operator does.
    pub fn put_settings(&self, workspace: &WorkspaceId, webhook: &WebhookId, value: &Settings) -> Answer<()> {
        self.store.request("putting settings", |request| {
            request.put(settings::settings_to_item(workspace, webhook, value));
        })
    }

    fn put_late(&self, doing: &'static str, pointer: &Pointer, target: Item) -> Answer<Put> {
        let pointer = pointer.to_item();
        self.store.transaction(doing, |request| {
            let (at_pointer, at_target) = (request.standing(&pointer), request.standing(&target));
            if let Some(taken) = at_pointer.or(at_target) {
                return occupant(doing, taken, &target);
            }
            request.put(pointer);
            request.put(target);
            Ok(Put::Stored)
        })?
    }

    pub(super) fn query(
        &self,
        doing: &'static str,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Answer<(Vec<Item>, Option<String>)> {
        self.page(doing, Consistency::Strong, &Range { pk, prefix, after, until: None, most: None }, PAGE_BYTES)
    }

    /// One page of a query of buckets.
    pub(super) fn query_bucket(
        &self,
        doing: &'static str,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        most: Option<u16>,
    ) -> Answer<(Vec<Item>, Option<String>)> {
        let range = Range { pk, prefix, after, until: None, most };
        self.page(doing, Consistency::Strong, &range, self.bucket_page_bytes)
    }

    /// One page of a query that is eventually consistent, as short as one of a bucket.
    pub(super) fn query_eventually(
        &self,
        doing: &'static str,
        range: &Range<'_>,
    ) -> Answer<(Vec<Item>, Option<String>)> {
        self.page(doing, Consistency::Eventual, range, self.bucket_page_bytes)
    }

    /// One page of a range.
    pub(super) fn read_range(
        &self,
        doing: &'static str,
        consistency: Consistency,
        range: &Range<'_>,
    ) -> Answer<(Vec<Item>, Option<String>)> {
        self.page(doing, consistency, range, PAGE_BYTES)
    }

    fn page(
        &self,
        doing: &'static str,
        consistency: Consistency,
        range: &Range<'_>,
        most_bytes: usize,
    ) -> Answer<(Vec<Item>, Option<String>)> {
        let Range { pk, prefix, after, until, most } = *range;
        self.store.read(doing, consistency, |request| {
            let (mut items, mut bytes) = (Vec::new(), 0);
            for item in request.range_until(pk, prefix, after, until) {
                bytes += item.size_bytes();
                items.push(item.clone());
                if bytes >= most_bytes || most.is_some_and(|most| items.len() >= most.into()) {
                    let after = item.key.sk.clone();
                    return (items, Some(after));
                }
            }
            (items, None)
        })
    }

    pub(super) fn get(&self, doing: &'static str, key: &ItemKey) -> Answer<Option<Item>> {
        self.store.read(doing, Consistency::Strong, |request| request.get(key).cloned())
    }
}

/// What stands at a key that a message wanted.
fn occupant(doing: &'static str, item: &Item, wanted: &Item) -> Answer<Put> {
    let target = Target::of_item(item).map_err(|error| PortError::item(doing, &error))?;
    Ok(target.map_or_else(|| Put::Message(Content::of(item, wanted)), Put::Pointer))
}

impl ReadSettings for MemoryTable {
    async fn read_settings(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Gathering>> {
        let doing = "reading settings";
        let item = self.get(doing, &settings::settings_key(workspace, webhook))?;
        let read = item.map(|item| settings::gathering_from_item(&item)).transpose();
        read.map_err(|error| PortError::item(doing, &error))
    }
}

impl GatherTable for MemoryTable {
    async fn put_in_bucket(&self, message: &BucketMessage) -> Answer<Put> {
        let doing = "putting a message";
        let item = message.to_item();
        self.store.request(doing, |request| match request.standing(&item) {
            Some(taken) => occupant(doing, taken, &item),
            None => {
                request.put(item);
                Ok(Put::Stored)
            }
        })?
    }

    async fn put_late_in_bucket(&self, pointer: &Pointer, message: &BucketMessage) -> Answer<Put> {
        self.put_late("putting a late message", pointer, message.to_item())
    }

    async fn put_in_lane(&self, message: &LaneMessage) -> Answer<PutInLane> {
        let doing = "putting a message";
        let item = message.to_item();
        self.store.request(doing, |request| match request.standing(&item) {
            Some(taken) => {
                let stored = LaneMessage::from_item(&message.delivery(), taken);
                let progress = stored.map_err(|error| PortError::item(doing, &error))?.progress;
                Ok(PutInLane::Taken(progress, Content::of(taken, &item)))
            }
            None => {
                request.put(item);
                Ok(PutInLane::Stored)
            }
        })?
    }

    async fn put_late_in_lane(&self, pointer: &Pointer, message: &LaneMessage) -> Answer<Put> {
        self.put_late("putting a late message", pointer, message.to_item())
    }
}

impl ReadWebhook for MemoryTable {
    async fn read_webhook(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Webhook>> {
        let doing = "reading a webhook";
        let (items, _) = self.query(doing, &settings::partition(workspace, webhook), "", None)?;
        settings::webhook_from_items(&items).map_err(|error| PortError::item(doing, &error))
    }
}

impl ReadStanding for MemoryTable {
    async fn read_standing(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Standing>> {
        let doing = "reading how a webhook stands";
        let (items, _) = self.query(doing, &settings::partition(workspace, webhook), "", None)?;
        settings::standing_from_items(&items).map_err(|error| PortError::item(doing, &error))
    }
}

impl ReadBucket for MemoryTable {
    async fn read_bucket(&self, due: Timestamp, lane: &Lane, after: Option<&str>) -> Answer<Page<BucketRow>> {
        let pk = bucket::partition(due, lane.shard());
        let (items, after) = self.query_bucket("reading a bucket", &pk, &bucket::prefix(lane), after, None)?;
        Ok(Page::of(&items, after, BucketRow::from_item))
    }
}

impl ReadAttempts for MemoryTable {
    async fn read_attempts(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        before: Option<&str>,
    ) -> Answer<Page<Attempt>> {
        let pk = attempt::partition(workspace, webhook);
        let (items, after) = self.store.read("reading attempts", Consistency::Strong, |request| {
            let (mut items, mut bytes) = (Vec::new(), 0);
            for item in request.range_back(&pk, before) {
                bytes += item.size_bytes();
                items.push(item.clone());
                if bytes >= self.bucket_page_bytes || items.len() >= limits::LOG_ATTEMPTS {
                    return (items, Some(item.key.sk.clone()));
                }
            }
            (items, None)
        })?;
        Ok(Page::of(&items, after, attempt::from_item))
    }
}

impl ReadAttempted for MemoryTable {
    async fn read_attempted(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        after: &str,
    ) -> Answer<Page<Attempted>> {
        let pk = attempt::partition(workspace, webhook);
        let (items, after) = self.query_bucket("reading what was attempted", &pk, "", Some(after), None)?;
        Ok(Page::of(&items, after, attempt::attempted_from_item))
    }
}

impl ReadDelivery for MemoryTable {
    async fn read_delivery(&self, key: &DeliveryKey) -> Answer<Option<Delivery>> {
        let doing = "reading a delivery";
        let keys = [lane::key(key), attempt::receipt_key(key)];
        let found = keys.iter().map(|key| self.get(doing, key)).collect::<Answer<Vec<_>>>()?;
        let items: Vec<Item> = found.into_iter().flatten().collect();
        Delivery::from_items(key, &items).map_err(|error| PortError::item(doing, &error))
    }
}

impl ReadLaneMessage for MemoryTable {
    async fn read_lane_message(
        &self,
        lane: &Lane,
        timestamp: Timestamp,
        message: &KeyPart,
    ) -> Answer<Option<LaneMessage>> {
        let doing = "reading a message";
        let key = DeliveryKey { lane: lane.clone(), subject: Subject::Message { timestamp, message: message.clone() } };
        let item = self.get(doing, &lane::key(&key))?;
        let read = item.map(|item| LaneMessage::from_item(&key, &item)).transpose();
        read.map_err(|error| PortError::item(doing, &error))
    }
}

impl DeliverTable for MemoryTable {
    async fn read_unattempted(&self, lane: &Lane, after: Option<&str>) -> Answer<Page<DeliveryKey>> {
        let (items, after) = self.query("reading what waits in a lane", &lane::partition(lane), "", after)?;
        let held: Vec<Item> = items.into_iter().filter(lane::is_unattempted).collect();
        Ok(Page::of(&held, after, |item| lane::parse_key(&item.key)))
    }

    async fn put_delivery(&self, delivery: &Delivery, now: Timestamp) -> Answer<()> {
        let (doing, item) = ("putting a delivery", delivery.to_item(now));
        let put = |request: &mut Request<'_>, is_free: bool| {
            if request.standing(&item).is_none_or(|stored| may_replace(stored, delivery)) && is_free {
                request.put(item);
            }
        };
        match delivery.progress.state {
            DeliveryState::Delivered => self.store.request(doing, |request| put(request, true)),
            DeliveryState::Pending
            | DeliveryState::Held
            | DeliveryState::Failed
            | DeliveryState::Expired
            | DeliveryState::Dropped => self.store.transaction(doing, |request| {
                let is_free = request.get(&attempt::receipt_key(&delivery.key)).is_none();
                put(request, is_free);
            }),
        }
    }

    async fn set_lane_progress(&self, delivery: &Delivery) -> Answer<()> {
        self.store.request("recording a message's outcome", |request| set_progress(request, delivery))
    }

    async fn put_receipt(&self, attempt: &Attempt) -> Answer<()> {
        let item = attempt::receipt_to_item(attempt);
        self.store.request("putting a receipt", |request| {
            if request.standing(&item).is_none() {
                request.put(item);
            }
        })
    }

    async fn put_attempt(&self, attempt: &Attempt) -> Answer<()> {
        self.store.request("putting an attempt", |request| request.put(attempt::to_item(attempt)))
    }
}

/// Unless what stands there is delivered or has more parts done.
fn may_replace(stored: &Item, delivery: &Delivery) -> bool {
    stored.get_text("state") != Ok(DeliveryState::Delivered.name())
        && stored.get_number("parts_done").is_ok_and(|done| done <= u64::from(delivery.progress.parts_done))
}

fn set_progress(request: &mut Request<'_>, delivery: &Delivery) {
    let Some(stored) = request.get(&lane::key(&delivery.key)) else { return };
    if !may_replace(stored, delivery) {
        return;
    }
    let mut item = stored.clone();
    for name in [DUE_PK, DUE_SK] {
        item.attributes.remove(name);
    }
    item.attributes.extend(delivery.outcome());
    request.put(item);
}
