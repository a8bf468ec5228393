//! Sending again what a person wants: one delivery, or all that were given up in a span of time. It puts references on the
//! queue and nothing else; ids, content and parts stay what they were.

use crate::{
    delivery::{Cause, DeliveryKey, Subject},
    flush,
    health::State,
    id::{WebhookId, WorkspaceId},
    limits, order,
    ports::{Answer, Clock, Enqueue, ReadAttempted, ReadDelivery, ReadStanding},
    settings::{Standing, Switch},
    table::{
        attempt::Attempted,
        lane::{DeliveryState, Progress},
    },
    timestamp::Timestamp,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// What sending again needs, and for which webhook.
pub struct Again<'a, T, Q, C> {
    pub table: &'a T,
    pub queue: &'a Q,
    pub clock: &'a C,
    pub workspace: WorkspaceId,
    pub webhook: WebhookId,
}

/// Why nothing is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    NoWebhook,
    SwitchedOff,
    /// It has to be enabled first.
    Disabled,
    /// The log has no such document at that time.
    NoDelivery,
    /// Its messages are gone.
    Gone,
    /// It was a test: another one is sent, and not the same again.
    Test,
}

/// Deliveries that were given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    /// Attempts from then on are not looked at.
    pub until: Timestamp,
    /// The answer that was not all of it says where to go on.
    pub after: Option<String>,
}

/// What became of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Deliveries that go out again.
    pub references: u64,
    /// Those whose messages are gone.
    pub gone: u64,
    /// Items that do not read, passed over: somebody has to look at them.
    pub unreadable: u64,
    /// From where on the rest of the span is looked at; nothing, if that was all.
    pub after: Option<String>,
}

impl Replayed {
    pub const NOTHING: Self = Self { references: 0, gone: 0, unreadable: 0, after: None };
}

/// A log line may be read to the second, and is written when its request has ended.
const WRITTEN_AFTER: Duration = limits::SENDER_RESERVE;
const SECOND: Duration = Duration::from_secs(1);

impl<T: ReadStanding + ReadAttempted + ReadDelivery, Q: Enqueue, C: Clock> Again<'_, T, Q, C> {
    /// Sends the delivery again that a document with this id was sent for at that time, whatever became of it. A nonce is
    /// used once; with the same one, the queue swallows it for five minutes.
    pub async fn resend(&self, webhook_id: &str, sent_at: Timestamp, nonce: &str) -> Answer<Result<(), Refusal>> {
        let standing = match self.standing().await? {
            Ok(standing) => standing,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(key) = self.find(webhook_id, sent_at).await? else { return Ok(Err(Refusal::NoDelivery)) };
        if key.lane.is_test() {
            return Ok(Err(Refusal::Test));
        }
        let progress = self.table.read_delivery(&key).await?.map(|delivery| delivery.progress);
        if self.is_gone(&key, progress) {
            return Ok(Err(Refusal::Gone));
        }
        let cause = Cause::Resend { nonce: nonce.to_owned() };
        let entry = order::deliver(&key, standing.gathering.concurrency, &cause);
        self.queue.enqueue(&[entry]).await?.into_iter().collect::<Answer<Vec<()>>>()?;
        Ok(Ok(()))
    }

    /// Sends everything again that was attempted in the span and is given up by now, as much of it as fits an invocation.
    /// Asked for twice, each goes out once: the queue swallows the second reference, and the sender one that comes later.
    pub async fn replay(&self, span: &Span, deadline: Timestamp) -> Answer<Result<Replayed, Refusal>> {
        let standing = match self.standing().await? {
            Ok(standing) => standing,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut replayed = Replayed::NOTHING;
        // One that was tried eleven times stands in the log as often.
        let mut taken = BTreeSet::new();
        let mut after = span.after.clone().unwrap_or_else(|| span.from.key());
        loop {
            let page = self.table.read_attempted(&self.workspace, &self.webhook, &after).await?;
            replayed.unreadable += page.unreadable;
            let is_all = page.after.is_none() || page.rows.last().is_some_and(|row| row.at >= span.until);
            let mut rows = page.rows;
            rows.retain(|row| {
                row.at < span.until && !row.is_taken && !row.key.lane.is_test() && !taken.contains(&row.key)
            });
            let (failed, gone) = self.failed(rows).await?;
            replayed.gone += gone;
            replayed.references += failed.len() as u64;
            self.enqueue(&failed, standing.gathering.concurrency).await?;
            taken.extend(failed.into_keys());
            let Some(next) = page.after.filter(|_| !is_all) else { return Ok(Ok(replayed)) };
            if replayed.references >= limits::TURN_REFERENCES || self.clock.now() >= deadline {
                return Ok(Ok(Replayed { after: Some(next), ..replayed }));
            }
            after = next;
        }
    }

    /// How the webhook stands, if it takes anything.
    async fn standing(&self) -> Answer<Result<Standing, Refusal>> {
        let standing = self.table.read_standing(&self.workspace, &self.webhook).await?;
        Ok(standing.ok_or(Refusal::NoWebhook).and_then(|standing| {
            match (standing.gathering.switch, &standing.health.state) {
                (Switch::Off, _) => Err(Refusal::SwitchedOff),
                (Switch::On, State::Disabled { .. }) => Err(Refusal::Disabled),
                (Switch::On, State::Healthy | State::Failing { .. } | State::Draining { .. }) => Ok(standing),
            }
        }))
    }

    /// The delivery that a document was sent for: an attempt stands in the log by when it began, a receipt a little before.
    async fn find(&self, webhook_id: &str, sent_at: Timestamp) -> Answer<Option<DeliveryKey>> {
        let until = sent_at.plus(SECOND);
        let mut after = sent_at.minus(limits::RECEIPT_AGE).minus(WRITTEN_AFTER).key();
        loop {
            let page = self.table.read_attempted(&self.workspace, &self.webhook, &after).await?;
            let is_over = page.rows.last().is_some_and(|row| row.at >= until);
            let mut rows = page.rows.into_iter().take_while(|row| row.at < until);
            let found = rows.find(|row| row.key.webhook_id(row.part) == webhook_id);
            match (found, page.after) {
                (Some(row), _) => return Ok(Some(row.key)),
                (None, Some(next)) if !is_over => after = next,
                (None, _) => return Ok(None),
            }
        }
    }

    /// Of what was not taken, what is given up by now, with its attempts; and how much more of it is gone.
    async fn failed(&self, not_taken: Vec<Attempted>) -> Answer<(BTreeMap<DeliveryKey, u32>, u64)> {
        let not_taken: BTreeSet<DeliveryKey> = not_taken.into_iter().map(|row| row.key).collect();
        let read = not_taken.into_iter().map(|key| async move {
            let progress = self.table.read_delivery(&key).await?.map(|delivery| delivery.progress);
            Answer::Ok((key, progress))
        });
        let read: Vec<_> = stream::iter(read).buffered(limits::LOG_CONCURRENCY).try_collect().await?;
        let (mut failed, mut gone) = (BTreeMap::new(), 0);
        for (key, progress) in read {
            match progress {
                Some(Progress { state: DeliveryState::Failed, .. }) if self.is_gone(&key, progress) => gone += 1,
                Some(Progress { state: DeliveryState::Failed, attempts, .. }) => drop(failed.insert(key, attempts)),
                Some(_) | None => {}
            }
        }
        Ok((failed, gone))
    }

    /// Lane by lane, as batches have to be; in each, what was first due goes out first.
    async fn enqueue(&self, failed: &BTreeMap<DeliveryKey, u32>, concurrency: u16) -> Answer<()> {
        let mut deliveries: Vec<_> = failed.keys().map(|key| (key.clone(), concurrency)).collect();
        deliveries.sort_by_cached_key(|(key, _)| (key.lane.clone(), key.due()));
        let cause = |key: &DeliveryKey| Cause::Replay { attempts: failed.get(key).copied().unwrap_or_default() };
        flush::enqueue(self.queue, &deliveries, &cause).await
    }

    /// Whether its messages are. Those of a bundle are by the clock; a message by itself is what its outcome stands in.
    fn is_gone(&self, key: &DeliveryKey, progress: Option<Progress>) -> bool {
        match &key.subject {
            Subject::Bundle { due, .. } => self.clock.now() >= due.plus(limits::MESSAGE_LIFE),
            Subject::Message { .. } => progress.is_none(),
        }
    }
}
