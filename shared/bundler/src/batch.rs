//! A batch of references from the queue: groups at the same time, a group in order, and one that goes wrong harms no
//! other group. What could not be done is named, so that the queue hands it out again.

use crate::{
    deliver::{Deliver, Outcome, Sent},
    delivery::{self, DeliveryKey, Subject},
    log::{Level, Line, Log},
    ports::{Clock, DeliverTable, Post},
};
use futures_util::{FutureExt, StreamExt, stream};
use std::panic::AssertUnwindSafe;

/// A record of the delivery queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What the queue knows it by.
    pub id: String,
    pub group: String,
    pub body: String,
}

/// Delivers a batch and returns the ids of the records that the queue has to keep: each one that was not done and, for
/// order's sake, everything behind it in its group.
pub async fn deliver_batch<T: DeliverTable, R: Post, C: Clock, L: Log>(
    deliver: &Deliver<'_, T, R, C>,
    log: &L,
    records: Vec<Record>,
) -> Vec<String> {
    let mut groups: Vec<(String, Vec<Record>)> = Vec::new();
    for record in records {
        match groups.iter_mut().find(|(group, _)| *group == record.group) {
            Some((_, records)) => records.push(record),
            None => groups.push((record.group.clone(), vec![record])),
        }
    }
    let most = groups.len().max(1);
    let groups = groups.into_iter().map(|(_, records)| deliver_group(deliver, log, records));
    let kept: Vec<Vec<String>> = stream::iter(groups).buffer_unordered(most).collect().await;
    kept.into_iter().flatten().collect()
}

async fn deliver_group<T: DeliverTable, R: Post, C: Clock, L: Log>(
    deliver: &Deliver<'_, T, R, C>,
    log: &L,
    records: Vec<Record>,
) -> Vec<String> {
    let mut kept = Vec::new();
    for record in records {
        if !kept.is_empty() || !deliver_record(deliver, log, &record).await {
            kept.push(record.id);
        }
    }
    kept
}

/// Whether the queue may forget the record.
async fn deliver_record<T: DeliverTable, R: Post, C: Clock, L: Log>(
    deliver: &Deliver<'_, T, R, C>,
    log: &L,
    record: &Record,
) -> bool {
    let key = match delivery::from_reference(&record.body) {
        Ok(key) => key,
        Err(error) => {
            log.log(Line::new(Level::Error, "record is not a delivery's reference").text("error", error));
            return false;
        }
    };
    // Only its own group keeps it from being sent twice at a time, and only its own workspace may have put it there.
    if !record.group.starts_with(&key.lane.group_prefix()) {
        let line = Line::new(Level::Error, "record is in the group of another webhook");
        log.log(of_delivery(line, &key).text("outcome", "failed"));
        return false;
    }
    // A poison delivery must not take the records beside it along.
    match AssertUnwindSafe(deliver.deliver(&key)).catch_unwind().await {
        Ok(outcome) => {
            log.log(line(&key, &outcome));
            is_done(&outcome)
        }
        Err(_) => {
            log.log(of_delivery(Line::new(Level::Error, "delivery panicked"), &key).text("outcome", "failed"));
            false
        }
    }
}

fn is_done(outcome: &Outcome) -> bool {
    match outcome {
        // What was not taken is held, and comes back by its webhook's health: never by the queue.
        Outcome::Delivered(_)
        | Outcome::DeliveredBefore
        | Outcome::Nothing
        | Outcome::Held
        | Outcome::NotYet
        | Outcome::NotTaken(..)
        | Outcome::GivenUp(..)
        | Outcome::Over(_) => true,
        Outcome::NoWebhook | Outcome::NoTime | Outcome::Failed(_) => false,
    }
}

/// The one line that says what became of a reference.
fn line(key: &DeliveryKey, outcome: &Outcome) -> Line {
    let (level, message, name) = match outcome {
        Outcome::Delivered(_) => (Level::Info, "delivered", "delivered"),
        Outcome::DeliveredBefore => (Level::Info, "was delivered before", "delivered_before"),
        Outcome::Nothing => (Level::Info, "nothing to deliver", "nothing"),
        Outcome::Held => (Level::Info, "held: the webhook takes nothing now", "held"),
        Outcome::NotYet => (Level::Debug, "not tried yet: its own time has not come", "not_yet"),
        Outcome::NotTaken(..) => (Level::Warn, "the receiver did not take the delivery", "not_taken"),
        Outcome::GivenUp(..) => (Level::Warn, "given up: the receiver did not take the delivery", "failed_for_good"),
        Outcome::Over(_) => (Level::Info, "not delivered: it is over", "over"),
        Outcome::NoWebhook => (Level::Error, "not delivered: there is no such webhook", "no_webhook"),
        Outcome::NoTime => (Level::Info, "not delivered yet: no time left", "no_time"),
        Outcome::Failed(_) => (Level::Error, "not delivered: our own trouble", "failed"),
    };
    let line = of_delivery(Line::new(level, message), key).text("outcome", name);
    match outcome {
        Outcome::Delivered(sent) => of_sent(line, sent),
        Outcome::NotTaken(sent, class) | Outcome::GivenUp(sent, class) => of_sent(line, sent).text("error", class.name()),
        Outcome::Failed(error) => line.text("error", error.to_string()),
        Outcome::Over(state) => line.text("delivery.state", state.name()),
        Outcome::DeliveredBefore
        | Outcome::Nothing
        | Outcome::Held
        | Outcome::NotYet
        | Outcome::NoWebhook
        | Outcome::NoTime => line,
    }
}

fn of_delivery(line: Line, key: &DeliveryKey) -> Line {
    let line = line
        .text("workspace.id", key.lane.workspace.as_str())
        .text("webhook.id", key.lane.webhook.as_str())
        .text("chat.id", key.lane.chat.as_str())
        .text("delivery.id", key.webhook_id(0));
    match &key.subject {
        Subject::Bundle { due, cut: None } => line.text("window.end", due.rfc3339()),
        Subject::Bundle { due, cut: Some(cut) } => {
            line.text("window.end", due.rfc3339()).text("window.cut", cut.rfc3339())
        }
        Subject::Message { message, .. } => line.text("message_id", message.as_str()),
    }
}

fn of_sent(line: Line, sent: &Sent) -> Line {
    let line = line
        .number("bundle.messages", sent.messages as u64)
        .number("attempt.number", sent.attempt)
        .number("attempt.requests", sent.requests)
        .number("duration_ms", sent.duration_ms);
    match sent.status {
        Some(status) => line.number("http.status", status),
        None => line,
    }
}
