//! Events that come without a call: from the upstream queue, from the event bus, by direct invocation. No key is asked
//! for, because IAM has decided who may bring them; each event's workspace is the one that it names.
//!
//! Poison or trouble is decided here, for all of them, by [`fate`]. What is stored, was here before or is ignored is
//! done. Trouble of ours comes again. What will never be taken does as well, because nobody reads an answer here: it
//! goes on failing until the queue or the bus gives up on it, and so ends among the dead letters, where a person sees
//! it, and not in nothing. Only a direct invocation is told: its caller reads what was rejected, as over HTTP.

use super::{
    Reply,
    body::{self, Shape},
    ingest::IngestApi,
    results::{self, Status, Taken},
    take::Whose,
};
use crate::{
    ingest::IngestFiles,
    log::{Level, Line, Log},
    ports::{Enqueue, GatherTable, ReadRootSecret},
    timestamp::Timestamp,
};
use serde_json::Value;
use std::fmt;

/// A record of the upstream queue: one native event, or whatever else somebody put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What the queue knows it by.
    pub id: String,
    pub body: String,
}

/// Why what was brought has to come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDone {
    /// It will never be taken: it is on its way to the dead letters.
    Rejected,
    /// Trouble of ours: it is taken when it comes again.
    Failed,
}

impl fmt::Display for NotDone {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Rejected => "taking events in: rejected, which trying again will not change",
            Self::Failed => "taking events in: not everything could be stored",
        })
    }
}

impl std::error::Error for NotDone {}

impl<T: GatherTable, Q: Enqueue, F: IngestFiles, S: ReadRootSecret, L: Log> IngestApi<'_, T, Q, F, S, L> {
    /// Takes a batch of the upstream queue in, and returns the ids of the records that the queue has to keep.
    pub async fn take_batch(&self, now: Timestamp, records: &[Record]) -> Vec<String> {
        // Each record is an event by itself, so nothing stands before it in a pointer.
        let bodies = records.iter().map(|record| record.body.as_str()).collect();
        let taken = self.take(now, Whose::Anyones, Shape::One, bodies).await;
        let kept = |(record, taken): (&Record, &Taken)| Some((record.id.clone(), fate(taken).err()?));
        let kept: Vec<(String, NotDone)> = records.iter().zip(&taken).filter_map(kept).collect();
        if !kept.is_empty() {
            self.log.log(kept_line(records.len(), &kept));
        }
        kept.into_iter().map(|(id, _)| id).collect()
    }

    /// Takes in the one event that the bus brings.
    pub async fn take_detail(&self, now: Timestamp, detail: &str) -> Result<(), NotDone> {
        let taken = self.take(now, Whose::Anyones, Shape::One, vec![detail]).await;
        taken.iter().try_for_each(fate)
    }

    /// Takes in what a direct invocation brings, an event or an array of them, and answers with the document that the
    /// same call over HTTP is answered with. It fails only where that would be 503, so that who does not wait for an
    /// answer brings all of it again.
    pub async fn take_payload(&self, now: Timestamp, payload: &[u8]) -> Result<Vec<u8>, NotDone> {
        let reply = match body::events(payload) {
            Ok((shape, events)) => results::reply(shape, self.take(now, Whose::Anyones, shape, events).await),
            Err(problem) => Err(problem),
        };
        let reply = reply.unwrap_or_else(|problem| Reply::problem(&problem));
        if reply.status < 500 { Ok(reply.body) } else { Err(NotDone::Failed) }
    }
}

/// What is to become of an event that nobody waits for.
fn fate(taken: &Taken) -> Result<(), NotDone> {
    match taken.status() {
        Status::Accepted | Status::Duplicate | Status::Ignored => Ok(()),
        Status::Rejected => Err(NotDone::Rejected),
        Status::Failed => Err(NotDone::Failed),
    }
}

/// The one line of a batch that was not done whole: the queue's ids lead from it to the dead letters.
fn kept_line(records: usize, kept: &[(String, NotDone)]) -> Line {
    let of = |why: NotDone| -> Vec<Value> {
        kept.iter().filter(|(_, found)| *found == why).map(|(id, _)| id.as_str().into()).collect()
    };
    let (rejected, failed) = (of(NotDone::Rejected), of(NotDone::Failed));
    let level = if failed.is_empty() { Level::Warn } else { Level::Error };
    Line::new(level, "records kept by the queue")
        .number("records", records as u64)
        .number("rejected", rejected.len() as u64)
        .number("failed", failed.len() as u64)
        .value("record.rejected", Value::Array(rejected))
        .value("record.failed", Value::Array(failed))
}
