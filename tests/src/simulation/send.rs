//! The requests of the sender, behind gates, the queue as those see it that enqueue, and the receiver.

use super::{
    breaks::Break,
    gate::lock,
    history::Attempted,
    ports::{Ports, at_once},
    sweep::stale,
    world::World,
};
use bundler::{
    attempt::{Attempt, Body, ErrorClass, Exchange, Failure, Request, Response},
    delivery::{self, Cause, DeliveryKey, Lane, Subject},
    id::{KeyPart, WebhookId, WorkspaceId},
    ports::{
        Answer, DeliverTable, Enqueue, Page, PortError, Post, QueueEntry, ReadBucket, ReadDelivery, ReadLaneMessage,
        ReadWebhook,
    },
    settings::Webhook,
    table::{
        bucket::BucketRow,
        cut::Cuts,
        lane::{self, Delivery, LaneMessage},
    },
    timestamp::Timestamp,
};

impl Enqueue for Ports {
    async fn enqueue(&self, entries: &[QueueEntry]) -> Answer<Vec<Result<(), PortError>>> {
        let about = || entries.iter().map(|entry| entry.reference.clone()).collect::<Vec<_>>().join(" ");
        let mut entries = entries.to_vec();
        for entry in &mut entries {
            if self.is(Break::NoGroups) {
                entry.group.clone_from(&entry.deduplication_id);
            }
            if self.is(Break::DeduplicationByLane) {
                let key = delivery::from_reference(&entry.reference);
                entry.deduplication_id = key.map_or_else(|error| error, |key| key.lane.key());
            }
            if self.is(Break::DeduplicationWithoutCut)
                && let Ok(DeliveryKey { lane, subject: Subject::Bundle { due, .. } }) =
                    delivery::from_reference(&entry.reference)
            {
                let subject = Subject::Bundle { due, cut: None };
                entry.deduplication_id = DeliveryKey { lane, subject }.deduplication_id(&Cause::Due);
            }
        }
        let count = entries.len();
        let take = move |world: &World, refused| enqueue(world, &entries, refused);
        if self.is(Break::MarkBeforeAcceptance) {
            self.world.leave(self.invocation, "enqueue", 60_000, take);
            return Ok(vec![Ok(()); count]);
        }
        self.ask("enqueue", about, take).await
    }
}

fn enqueue(world: &World, entries: &[QueueEntry], refused: Option<usize>) -> Answer<Vec<Result<(), PortError>>> {
    let Some(refused) = refused.map(|place| place % entries.len()) else {
        return at_once(world.queue.enqueue(entries));
    };
    let taken = entries.iter().enumerate().filter(|(place, _)| *place != refused).map(|(_, entry)| entry.clone());
    let mut answers = at_once(world.queue.enqueue(&taken.collect::<Vec<_>>()))?;
    let refusal = PortError { doing: "enqueueing", code: "InternalError".to_owned() };
    answers.insert(refused, if world.is(Break::RefusalIgnored) { Ok(()) } else { Err(refusal) });
    Ok(answers)
}

impl ReadWebhook for Ports {
    async fn read_webhook(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Webhook>> {
        let about = || workspace.to_string();
        let (workspace, webhook) = (workspace.clone(), webhook.clone());
        let read = move |world: &World, _| at_once(world.table.read_webhook(&workspace, &webhook));
        self.ask("read_webhook", about, read).await
    }
}

impl ReadDelivery for Ports {
    async fn read_delivery(&self, key: &DeliveryKey) -> Answer<Option<Delivery>> {
        let about = || delivery::to_reference(key);
        let key = key.clone();
        let read = move |world: &World, _| {
            let read = at_once(world.table.read_delivery(&key))?;
            let has_record = || world.table.store().items().iter().any(|item| item.key == lane::key(&key));
            Ok(read.filter(|_| !world.is(Break::ReceiptOverlooked) || has_record()))
        };
        self.ask("read_delivery", about, read).await
    }
}

impl ReadBucket for Ports {
    async fn read_bucket(&self, due: Timestamp, lane: &Lane, after: Option<&str>) -> Answer<Page<BucketRow>> {
        let about = || format!("{} {}", lane.key(), due.rfc3339());
        let (lane, after) = (lane.clone(), after.map(str::to_owned));
        let read = move |world: &World, _| {
            let page = at_once(world.table.read_bucket(due, &lane, after.as_deref()))?;
            Ok(seen(world, page))
        };
        self.ask("read_bucket", about, read).await
    }
}

impl ReadLaneMessage for Ports {
    async fn read_lane_message(
        &self,
        lane: &Lane,
        timestamp: Timestamp,
        message: &KeyPart,
    ) -> Answer<Option<LaneMessage>> {
        let about = || message.to_string();
        let (lane, message) = (lane.clone(), message.clone());
        let read = move |world: &World, _| at_once(world.table.read_lane_message(&lane, timestamp, &message));
        self.ask("read_lane_message", about, read).await
    }
}

impl DeliverTable for Ports {
    async fn read_unattempted(&self, lane: &Lane, after: Option<&str>) -> Answer<Page<DeliveryKey>> {
        let about = || lane.key();
        let (lane, after) = (lane.clone(), after.map(str::to_owned));
        let read = move |world: &World, _| {
            let page = at_once(world.table.read_unattempted(&lane, after.as_deref()));
            let unread = Page { rows: Vec::new(), unreadable: 0, after: None };
            if world.is(Break::LaneOutOfOrder) { Ok(unread) } else { page }
        };
        self.ask("read_unattempted", about, read).await
    }

    async fn put_delivery(&self, delivery: &Delivery, now: Timestamp) -> Answer<()> {
        let about = || outcome(delivery);
        let delivery = delivery.clone();
        let put = move |world: &World, _| {
            let put =
                if world.is(Break::OutcomeLost) { Ok(()) } else { at_once(world.table.put_delivery(&delivery, now)) };
            world.note_held();
            put
        };
        self.ask("put_delivery", about, put).await
    }

    async fn set_lane_progress(&self, delivery: &Delivery) -> Answer<()> {
        let about = || outcome(delivery);
        let delivery = delivery.clone();
        let set = move |world: &World, _| {
            let set =
                if world.is(Break::OutcomeLost) { Ok(()) } else { at_once(world.table.set_lane_progress(&delivery)) };
            world.note_held();
            set
        };
        self.ask("set_lane_progress", about, set).await
    }

    async fn put_receipt(&self, attempt: &Attempt) -> Answer<()> {
        let about = || attempt.webhook_id();
        // Nobody reads it for its body, and compressing bodies would take half of a schedule's time.
        let receipt = attempt.clone().gathered();
        let put = move |world: &World, _| {
            if world.is(Break::OutcomeLost) { Ok(()) } else { at_once(world.table.put_receipt(&receipt)) }
        };
        self.ask("put_receipt", about, put).await
    }

    async fn put_attempt(&self, attempt: &Attempt) -> Answer<()> {
        // Nothing depends on attempts, and compressing their bodies would take half of a schedule's time.
        let about = || format!("{} attempt {}", attempt.webhook_id(), attempt.document.attempt);
        self.ask("put_attempt", about, |_, _| Ok(())).await
    }
}

/// A bucket as a query returns it, as broken as it is to be.
fn seen(world: &World, mut page: Page<BucketRow>) -> Page<BucketRow> {
    if world.is(Break::StaleBucket) {
        let then = stale(world);
        page.rows.retain(|row| !matches!(row, BucketRow::Message { message, .. } if message.at > then));
    }
    if world.is(Break::StaleCuts) {
        let then = stale(world);
        let is_unseen = |cuts: &Cuts| cuts.moments.last().is_some_and(|last| *last > then);
        page.rows.retain(|row| !matches!(row, BucketRow::Cuts(cuts) if is_unseen(cuts)));
    }
    if world.is(Break::UnconditionalPut) {
        let book = lock(&world.book);
        for row in &mut page.rows {
            if let BucketRow::Pointer { slot, .. } = row
                && let Some(item) = book.overwritten.get(&slot.key())
                && let Ok(overwritten) = BucketRow::from_item(item)
            {
                *row = overwritten;
            }
        }
    }
    page
}

fn outcome(delivery: &Delivery) -> String {
    format!("{} {:?}", delivery::to_reference(&delivery.key), delivery.progress)
}

impl Post for Ports {
    async fn post(&self, request: &Request) -> Exchange {
        let began = self.world.now();
        let mut headers = request.headers.clone();
        if self.is(Break::IdByAttempt) {
            let attempt = headers.iter().find(|(name, _)| name == "bundlehook-attempt").map(|(_, value)| value.clone());
            for (_, id) in headers.iter_mut().filter(|(name, _)| name == "webhook-id") {
                id.push_str(attempt.as_deref().unwrap_or_default());
            }
        }
        let attempted = Attempted::read((self.invocation, self.began), began, &headers, &request.body);
        let attempted = attempted.expect("what the sender sends is a document with its headers");
        let about = format!("{} attempt {} {:?}", attempted.webhook_id, attempted.attempt, attempted.messages);
        let place = {
            let mut book = lock(&self.world.book);
            book.attempts.push(attempted);
            book.attempts.len() - 1
        };
        let take = move |world: &World, _| {
            let mut book = lock(&world.book);
            let (fails, now) = (book.receiver_fails, world.now());
            let is_dead = (book.receiver_dead.0..book.receiver_dead.1).contains(&now);
            let status = if is_dead || world.draw(|random| random.chance(fails)) { 500 } else { 200 };
            book.attempts[place].status = Some(status);
            Ok(status)
        };
        let answer = self.ask("post", || about.clone(), take).await;
        let ended = self.world.now();
        let mut book = lock(&self.world.book);
        book.attempts[place].ended = Some(ended);
        book.attempts[place].is_known = answer == Ok(200);
        let failure = |_| Failure { class: ErrorClass::Timeout, detail: "no answer".to_owned() };
        let result = answer.map_err(failure).map(|status| Response {
            status,
            headers: Vec::new(),
            body: Body::of(b""),
            body_is_cut: false,
        });
        Exchange { result, duration_ms: ended - began }
    }
}
