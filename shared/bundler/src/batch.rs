//! A batch of references from the queue: groups at the same time, a group in order, and one that goes wrong harms no
//! other group. What could not be done is named, so that the queue hands it out again.

use crate::{
    deliver::{Deliver, Outcome, Sent},
    log::{Level, Line, Log},
    order::{self, Order},
    ports::{Clock, DeliverTable, MintLinks, Post, ReadHeld, ReadRests, SendMail},
    tell::{self, Tell, Told},
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

/// What a batch needs: to deliver, and to tell owners.
pub struct Batch<'a, T, R, C, L, M> {
    pub deliver: Deliver<'a, T, R, C, L>,
    pub tell: Tell<'a, T, M, C>,
}

/// What the sender asks of the table.
pub trait SenderTable: DeliverTable + ReadHeld + ReadRests {}

impl<T: DeliverTable + ReadHeld + ReadRests> SenderTable for T {}

impl<T: SenderTable, R: Post, C: Clock, L: MintLinks, M: SendMail> Batch<'_, T, R, C, L, M> {
    /// Delivers a batch and returns the ids of the records that the queue has to keep: each one that was not done and,
    /// for order's sake, everything behind it in its group.
    pub async fn take<O: Log>(&self, log: &O, records: Vec<Record>) -> Vec<String> {
        let mut groups: Vec<(String, Vec<Record>)> = Vec::new();
        for record in records {
            match groups.iter_mut().find(|(group, _)| *group == record.group) {
                Some((_, records)) => records.push(record),
                None => groups.push((record.group.clone(), vec![record])),
            }
        }
        let most = groups.len().max(1);
        let groups = groups.into_iter().map(|(_, records)| self.take_group(log, records));
        let kept: Vec<Vec<String>> = stream::iter(groups).buffer_unordered(most).collect().await;
        kept.into_iter().flatten().collect()
    }

    async fn take_group<O: Log>(&self, log: &O, records: Vec<Record>) -> Vec<String> {
        let mut kept = Vec::new();
        for record in records {
            if !kept.is_empty() || !self.take_record(log, &record).await {
                kept.push(record.id);
            }
        }
        kept
    }

    /// Whether the queue may forget the record.
    async fn take_record<O: Log>(&self, log: &O, record: &Record) -> bool {
        let order = match order::parse(&record.body) {
            Ok(order) => order,
            Err(error) => {
                log.log(Line::new(Level::Error, "record is not a delivery's reference").text("error", error));
                return false;
            }
        };
        // Only its own group keeps it from being sent twice at a time, and only its own workspace may have put it there.
        if !record.group.starts_with(&order.group_prefix()) {
            let line = Line::new(Level::Error, "record is in the group of another webhook");
            log.log(order.name(line).text("outcome", "failed"));
            return false;
        }
        // A poison delivery must not take the records beside it along.
        if let Ok((line, is_done)) = AssertUnwindSafe(self.carry_out(record, &order)).catch_unwind().await {
            log.log(order.name(line));
            is_done
        } else {
            log.log(order.name(Line::new(Level::Error, "delivery panicked")).text("outcome", "failed"));
            false
        }
    }

    /// The one line that says what became of an order, and whether it is done.
    async fn carry_out(&self, record: &Record, order: &Order) -> (Line, bool) {
        match order {
            Order::Deliver { key, wish } => {
                let outcome = self.deliver.deliver(key, *wish, &record.group).await;
                (line(&outcome), is_done(&outcome))
            }
            Order::Tell { workspace, webhook } => match self.tell.tell(workspace, webhook).await {
                Told::Mailed { mails: 0 } => (Line::new(Level::Debug, "the owner knows already"), true),
                Told::Mailed { mails } => (Line::new(Level::Info, "told the owner").number("mails", mails), true),
                Told::Nobody => (Line::new(Level::Warn, "told nobody: there is no address, or no sender"), true),
                Told::Refused { code } => (tell::refused(&code), true),
                // Its webhook's health still owes it, and the tick brings it back: kept by the queue as well, there would
                // be another one every five minutes for as long as no mail goes out.
                Told::Failed(error) => {
                    (Line::new(Level::Error, "could not tell the owner").text("error", error.to_string()), true)
                }
            },
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
        | Outcome::AwaitsFile
        | Outcome::NotTaken(..)
        | Outcome::GivenUp(..)
        | Outcome::Over(_) => true,
        Outcome::Later | Outcome::NoWebhook | Outcome::NoTime | Outcome::Failed(_) => false,
    }
}

/// What became of a reference.
fn line(outcome: &Outcome) -> Line {
    let (level, message, name) = match outcome {
        Outcome::Delivered(_) => (Level::Info, "delivered", "delivered"),
        Outcome::DeliveredBefore => (Level::Info, "was delivered before", "delivered_before"),
        Outcome::Nothing => (Level::Info, "nothing to deliver", "nothing"),
        Outcome::Held => (Level::Info, "held: the webhook takes nothing now", "held"),
        Outcome::Later => (Level::Info, "not sent again yet: another request has to end before", "later"),
        Outcome::NotYet => (Level::Debug, "not tried yet: its own time has not come", "not_yet"),
        Outcome::AwaitsFile => (Level::Info, "not sent yet: a file is being copied", "awaits_file"),
        Outcome::NotTaken(..) => (Level::Warn, "the receiver did not take the delivery", "not_taken"),
        Outcome::GivenUp(..) => (Level::Warn, "given up: the receiver did not take the delivery", "failed_for_good"),
        Outcome::Over(_) => (Level::Info, "not delivered: it is over", "over"),
        Outcome::NoWebhook => (Level::Error, "not delivered: there is no such webhook", "no_webhook"),
        Outcome::NoTime => (Level::Info, "not delivered yet: no time left", "no_time"),
        Outcome::Failed(_) => (Level::Error, "not delivered: our own trouble", "failed"),
    };
    let line = Line::new(level, message).text("outcome", name);
    match outcome {
        Outcome::Delivered(sent) => of_sent(line, sent),
        Outcome::NotTaken(sent, class) | Outcome::GivenUp(sent, class) => {
            of_sent(line, sent).text("error", class.name())
        }
        Outcome::Failed(error) => line.text("error", error.to_string()),
        Outcome::Over(state) => line.text("delivery.state", state.name()),
        Outcome::DeliveredBefore
        | Outcome::Nothing
        | Outcome::Held
        | Outcome::Later
        | Outcome::NotYet
        | Outcome::AwaitsFile
        | Outcome::NoWebhook
        | Outcome::NoTime => line,
    }
}

fn of_sent(line: Line, sent: &Sent) -> Line {
    let line = line
        .number("bundle.messages", sent.messages as u64)
        .number("attempt.number", sent.attempt)
        .number("attempt.requests", sent.requests)
        .number("duration_ms", sent.duration_ms);
    let line = match sent.missing_files {
        0 => line,
        missing => line.number("files.missing", missing as u64),
    };
    match sent.status {
        Some(status) => line.number("http.status", status),
        None => line,
    }
}
