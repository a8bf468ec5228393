//! The most recent attempts of a webhook, whole, for who wants to see what was sent and what came back; and what happened
//! to it last, whoever did it. It writes nothing.
//!
//! A body that is not kept is made again from its messages, and compared with the digest of what was sent: one that is not
//! the same any more, because messages are gone or this version writes them otherwise, is said to be left out.

use crate::{
    attempt::{self, Attempt, Body},
    deliver,
    delivery::Subject,
    document,
    file::KnownFiles,
    id::{WebhookId, WorkspaceId},
    limits,
    ports::{Answer, ReadActions, ReadAttempts, ReadBucket, ReadFiles, ReadLaneMessage, ReadWebhook},
    table::{self, action::Action, lane::LaneMessage},
    timestamp::Timestamp,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::cmp::Reverse;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// By when they began, newest first.
    pub attempts: Vec<Attempt>,
    /// Items that do not read, passed over: somebody has to look at them.
    pub unreadable: u64,
}

/// The `most` attempts that began last, up to 100. `platform` is the name in the last sentence of a note.
pub async fn attempts<T: ReadAttempts + ReadBucket + ReadLaneMessage + ReadFiles>(
    table: &T,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    most: usize,
    platform: &str,
) -> Answer<Recent> {
    let Recent { attempts, unreadable } = newest(table, workspace, webhook, most.min(limits::LOG_ATTEMPTS)).await?;
    let whole = attempts.into_iter().map(|attempt| whole(table, attempt, platform));
    let attempts = stream::iter(whole).buffered(limits::LOG_CONCURRENCY).try_collect().await?;
    Ok(Recent { attempts, unreadable })
}

/// Which attempt, for who has seen it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    /// When its delivery fell due: a receipt stands there.
    pub due: Timestamp,
    pub started: Timestamp,
    pub webhook_id: &'a str,
    /// From 1.
    pub attempt: u32,
}

impl Named<'_> {
    pub fn is(&self, attempt: &Attempt) -> bool {
        let is_document = attempt.webhook_id() == self.webhook_id && attempt.document.attempt == self.attempt;
        is_document && attempt.started == self.started
    }
}

/// One attempt, whole, for as long as it is kept.
pub async fn find<T: ReadAttempts + ReadBucket + ReadLaneMessage + ReadFiles>(
    table: &T,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    named: &Named<'_>,
    platform: &str,
) -> Answer<Option<Attempt>> {
    // It is the first of those that stand before what is just behind the one key that it can have, or the other.
    for moment in [named.due, named.started] {
        let behind = table::attempt::behind(moment, named.webhook_id);
        let page = table.read_attempts(workspace, webhook, Some(&behind)).await?;
        if let Some(found) = page.rows.into_iter().find(|attempt| named.is(attempt)) {
            return whole(table, found, platform).await.map(Some);
        }
    }
    Ok(None)
}

/// Something that happened to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A request for a delivery.
    Sent(Box<Attempt>),
    /// Somebody changed it, or it was disabled.
    Done(Action),
}

impl Happening {
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Sent(attempt) => attempt.started,
            Self::Done(action) => action.at,
        }
    }
}

/// The `most` that happened last, newest first, up to 10; and how many items do not read. Attempts have their bodies as
/// they are kept.
pub async fn actions<T: ReadAttempts + ReadActions + ReadWebhook>(
    table: &T,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    most: usize,
) -> Answer<(Vec<Happening>, u64)> {
    let most = most.min(limits::RECENT_ACTIONS);
    let Recent { attempts, unreadable } = newest(table, workspace, webhook, most).await?;
    let done = table.read_actions(workspace, webhook).await?;
    // That it is disabled stands in its health, until what ends it writes it down.
    let read = table.read_webhook(workspace, webhook).await?;
    let disabled = read.and_then(|read| Action::of_disabling(&read.health));
    let sent = attempts.into_iter().map(|attempt| Happening::Sent(Box::new(attempt)));
    let mut all: Vec<_> = sent.chain(done.rows.into_iter().chain(disabled).map(Happening::Done)).collect();
    all.sort_by_key(|happening| Reverse(happening.at()));
    all.truncate(most);
    Ok((all, unreadable + done.unreadable))
}

/// Those that began last, their bodies as they are kept.
async fn newest<T: ReadAttempts>(
    table: &T,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    most: usize,
) -> Answer<Recent> {
    let mut recent = Recent { attempts: Vec::new(), unreadable: 0 };
    let mut before: Option<String> = None;
    loop {
        let page = table.read_attempts(workspace, webhook, before.as_deref()).await?;
        recent.unreadable += page.unreadable;
        recent.attempts.extend(page.rows);
        recent.attempts.sort_by_key(|attempt| Reverse(attempt.started));
        recent.attempts.truncate(most);
        let oldest = recent.attempts.last().filter(|_| recent.attempts.len() == most).map(|attempt| attempt.started);
        let is_all = page.after.as_deref().is_none_or(|after| is_decided(after, oldest));
        if is_all || most == 0 {
            return Ok(recent);
        }
        before = page.after;
    }
}

/// Whether nothing before the sort key `after` can have begun later than the `oldest` of as many as are wanted.
fn is_decided(after: &str, oldest: Option<Timestamp>) -> bool {
    table::attempt::began_before(after).zip(oldest).is_some_and(|(bound, oldest)| oldest >= bound)
}

/// The attempt with its body, if that was left to the messages.
pub async fn whole<T: ReadBucket + ReadLaneMessage + ReadFiles>(
    table: &T,
    attempt: Attempt,
    platform: &str,
) -> Answer<Attempt> {
    let Body::Gathered { bytes, digest } = &attempt.request_body else { return Ok(attempt) };
    let lane = &attempt.key.lane;
    let made = match &attempt.key.subject {
        Subject::Bundle { due, cut } => {
            // What does not read is missing in the body, as what is gone is: the digest tells.
            let (bundle, _) = deliver::read_bundle(table, lane, *due, *cut).await?;
            let messages = bundle.part(attempt.document.part).unwrap_or_default();
            let links = KnownFiles::of_messages(table, lane, messages).await?.ended(messages);
            document::part_of(&bundle, attempt.document.part, platform, &|event| links.of(event))
        }
        Subject::Message { timestamp, message } => {
            let stored = table.read_lane_message(lane, *timestamp, message).await?;
            match stored {
                None => None,
                Some(LaneMessage { event, .. }) => {
                    let messages = std::slice::from_ref(&event);
                    let links = KnownFiles::of_messages(table, lane, messages).await?.ended(messages);
                    Some(document::message(&event, &|event| links.of(event)))
                }
            }
        }
    };
    let same = made.filter(|body| attempt::digest(body) == *digest);
    let request_body = same.map_or(Body::LeftOut { bytes: *bytes }, |body| Body::of(&body));
    Ok(Attempt { request_body, ..attempt })
}
