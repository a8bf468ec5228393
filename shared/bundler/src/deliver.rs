//! Delivering: a reference from the queue becomes one or more requests to its webhook, and each leaves its record.
//!
//! What is taken whole at the first try leaves one item, which is outcome and attempt. Otherwise the outcome is written
//! before the attempt's record. Nothing is sent again whose outcome says that it arrived. A crash between a request and
//! its outcome means one more request with the same id: the only duplicate.

use crate::{
    attempt::{self, Attempt, Body, Document, ErrorClass},
    bundle::{self, Bundle, Weighed},
    delivery::{DeliveryKey, Lane, Subject},
    document,
    event::Event,
    limits,
    ports::{Answer, Clock, DeliverTable, PortError, Post, ReadBucket},
    settings::{Settings, Switch},
    table::{
        bucket::{BucketMessage, BucketRow},
        lane::{Delivery, DeliveryState, Progress},
    },
    timestamp::Timestamp,
};

/// What became of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every document of it has arrived now.
    Delivered(Sent),
    /// It had arrived before: nothing was sent.
    DeliveredBefore,
    /// Nothing is there to send.
    Nothing,
    /// The webhook is switched off: it is held.
    Held,
    /// The receiver did not take it: to be tried again.
    NotTaken(Sent, ErrorClass),
    /// The workspace has no such webhook.
    NoWebhook,
    /// There was no time left: to be tried again.
    NoTime,
    /// Trouble of ours: to be tried again.
    Failed(PortError),
}

/// What was sent for a delivery in this invocation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// The id of the last document that was sent.
    pub webhook_id: String,
    pub messages: usize,
    pub requests: u32,
    /// The number of the last attempt.
    pub attempt: u32,
    pub status: Option<u16>,
    pub duration_ms: u64,
}

/// What delivering needs.
pub struct Deliver<'a, T, R, C> {
    pub table: &'a T,
    pub receiver: &'a R,
    pub clock: &'a C,
    /// The platform's name in the last sentence of a note.
    pub platform: &'a str,
    /// When the invocation ends: no request begins that could not end and be recorded before.
    pub deadline: Timestamp,
}

impl<T: DeliverTable, R: Post, C: Clock> Deliver<'_, T, R, C> {
    /// Delivers what `key` names.
    pub async fn deliver(&self, key: &DeliveryKey) -> Outcome {
        self.try_deliver(key).await.unwrap_or_else(Outcome::Failed)
    }

    async fn try_deliver(&self, key: &DeliveryKey) -> Answer<Outcome> {
        let Some(webhook) = self.table.read_webhook(&key.lane.workspace, &key.lane.webhook).await? else {
            return Ok(Outcome::NoWebhook);
        };
        let Some((content, progress)) = load(self.table, key).await? else { return Ok(Outcome::Nothing) };
        match (progress.state, webhook.settings.switch) {
            (DeliveryState::Delivered, _) => Ok(Outcome::DeliveredBefore),
            (DeliveryState::Pending | DeliveryState::Held | DeliveryState::Failed, Switch::Off) => {
                let held = Progress { state: DeliveryState::Held, ..progress };
                self.record(key, held).await?;
                Ok(Outcome::Held)
            }
            (DeliveryState::Pending | DeliveryState::Held | DeliveryState::Failed, Switch::On) => {
                self.send(key, &webhook.settings, &content, progress).await
            }
        }
    }

    /// Sends the documents that have not arrived yet, in order, until one is not taken.
    async fn send(
        &self,
        key: &DeliveryKey,
        settings: &Settings,
        content: &Content,
        mut progress: Progress,
    ) -> Answer<Outcome> {
        let mut sent = Sent::default();
        let parts = content.parts();
        let first = usize::try_from(progress.parts_done).unwrap_or(usize::MAX);
        for part in first..parts {
            if self.clock.now().plus(limits::SENDER_RESERVE) > self.deadline {
                return Ok(Outcome::NoTime);
            }
            let Some((body, messages)) = content.document(part, self.platform) else { return Ok(Outcome::Nothing) };
            let started = self.clock.now();
            let number = progress.attempts + 1;
            let document = Document { part, parts, attempt: number };
            let request = attempt::request(settings, key, document, started, body);
            let exchange = self.receiver.post(&request).await;
            let error = exchange.error(settings.success);
            sent = Sent {
                webhook_id: key.webhook_id(part),
                messages: sent.messages + messages,
                requests: sent.requests + 1,
                attempt: number,
                status: exchange.status(),
                duration_ms: sent.duration_ms + exchange.duration_ms,
            };
            let record = Attempt {
                key: key.clone(),
                document,
                started,
                duration_ms: exchange.duration_ms,
                url: request.url,
                request_headers: request.headers,
                request_body: Body::of(&request.body),
                error,
                result: exchange.result,
            };
            if record.is_receipt(progress) {
                self.table.put_receipt(&record).await?;
                return Ok(Outcome::Delivered(sent));
            }
            progress = after(progress, error, part + 1 == parts);
            self.record(key, progress).await?;
            self.table.put_attempt(&record).await?;
            if let Some(class) = error {
                return Ok(Outcome::NotTaken(sent, class));
            }
        }
        Ok(Outcome::Delivered(sent))
    }

    async fn record(&self, key: &DeliveryKey, progress: Progress) -> Answer<()> {
        let delivery = Delivery { key: key.clone(), progress };
        match key.subject {
            Subject::Bundle { .. } => self.table.put_delivery(&delivery, self.clock.now()).await,
            Subject::Message { .. } => self.table.set_lane_progress(&delivery).await,
        }
    }
}

/// What a delivery consists of.
enum Content {
    Bundle(Bundle),
    Message(Box<Event>),
}

impl Content {
    fn parts(&self) -> usize {
        match self {
            Self::Bundle(bundle) => bundle.documents.len(),
            Self::Message(_) => 1,
        }
    }

    /// The body of a document, and how many messages it holds.
    fn document(&self, part: usize, platform: &str) -> Option<(Vec<u8>, usize)> {
        match self {
            Self::Bundle(bundle) => document::part_of(bundle, part, platform),
            Self::Message(event) => Some((document::message(event), 1)),
        }
    }
}

/// Reads a delivery's outcome and content; nothing if it has no content.
async fn load<P: DeliverTable>(table: &P, key: &DeliveryKey) -> Answer<Option<(Content, Progress)>> {
    match &key.subject {
        Subject::Message { timestamp, message } => {
            let stored = table.read_lane_message(&key.lane, *timestamp, message).await?;
            Ok(stored.map(|stored| (Content::Message(Box::new(stored.event)), stored.progress)))
        }
        Subject::Bundle { due, cut } => {
            let delivery = table.read_delivery(key).await?;
            let progress = delivery.map_or(Progress::NONE, |delivery| delivery.progress);
            if progress.state == DeliveryState::Delivered {
                return Ok(Some((Content::Bundle(Bundle::new(Vec::new())), progress)));
            }
            let (bundle, unreadable) = read_bundle(table, &key.lane, *due, *cut).await?;
            if unreadable > 0 {
                let code = format!("{unreadable} items do not read");
                return Err(PortError { doing: "reading a bucket", code });
            }
            Ok((!bundle.events.is_empty()).then_some((Content::Bundle(bundle), progress)))
        }
    }
}

/// Reads what a bundle consists of; and how many items beside it do not read, some of which may belong to it.
pub(crate) async fn read_bundle<P: ReadBucket>(
    table: &P,
    lane: &Lane,
    due: Timestamp,
    cut: Option<Timestamp>,
) -> Answer<(Bundle, u64)> {
    let (mut messages, mut cuts, mut unreadable) = (Vec::new(), Vec::new(), 0);
    let mut after: Option<String> = None;
    loop {
        let page = table.read_bucket(due, lane, after.as_deref()).await?;
        unreadable += page.unreadable;
        for row in page.rows {
            match row {
                BucketRow::Message { message, stored_bytes } => messages.push((message, stored_bytes)),
                BucketRow::Cuts(stored) => cuts = stored.moments,
                // What a pointer points to is gathered elsewhere.
                BucketRow::Pointer { .. } => {}
            }
        }
        after = page.after;
        if after.is_none() {
            break;
        }
    }
    messages.retain(|(message, _)| bundle::takes(&cuts, cut, message.at));
    let weigh = |(message, stored_bytes): (Box<BucketMessage>, usize)| Weighed { event: message.event, stored_bytes };
    Ok((Bundle::new(messages.into_iter().map(weigh).collect()), unreadable))
}

/// A delivery's progress after an attempt.
fn after(progress: Progress, error: Option<ErrorClass>, last_part: bool) -> Progress {
    let attempts = progress.attempts + 1;
    match error {
        Some(_) => Progress { state: DeliveryState::Held, attempts, errors: progress.errors + 1, ..progress },
        None => {
            let state = if last_part { DeliveryState::Delivered } else { DeliveryState::Pending };
            Progress { state, attempts, parts_done: progress.parts_done + 1, ..progress }
        }
    }
}
