//! What a webhook is gathering: its open buckets, chat by chat. It writes nothing.
//!
//! A bucket is a key range, so that listing them is one request for each shard of each window that is open. They are asked in
//! order, many at a time, and what does not fit an answer goes on from a shard and a chat. Within an answer, chats stand by
//! their window's end and their name.

mod place;
mod shard;

use crate::{
    id::{WebhookId, WorkspaceId},
    limits,
    mail::Count,
    ports::{Answer, Clock, ReadGathering, ReadStanding},
    schedule::Schedule,
    settings::History,
    timestamp::Timestamp,
    window::{AggregationUnit, Window},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use place::{Place, places};
use shard::{Shard, look};
use std::{collections::BTreeSet, time::Duration};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered {
    pub chats: Vec<OpenBucket>,
    /// How many there are from where the look began.
    pub total: Count,
    /// Where the next look begins, if these are not all.
    pub after: Option<String>,
}

/// What a chat has gathered in a window. Nothing of what was said is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBucket {
    /// Its id as upstream gave it.
    pub chat: String,
    /// As its latest message has it.
    pub name: String,
    pub is_group: bool,
    /// Those that no cut has taken.
    pub messages: u64,
    /// Whether there are no more of them.
    pub is_exact: bool,
    pub window_end: Timestamp,
}

/// Lists up to `most` chats, from the beginning or from where another look ended. A webhook that there is not gathers
/// nothing.
pub async fn list<T: ReadStanding + ReadGathering, C: Clock>(
    table: &T,
    clock: &C,
    unit: AggregationUnit,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    most: usize,
    after: Option<&str>,
) -> Answer<Gathered> {
    let standing = table.read_standing(workspace, webhook).await?;
    let schedule = standing.map(|standing| standing.gathering.schedule);
    let ends = schedule.map(|schedule| open_windows(&schedule, unit, clock.now())).unwrap_or_default();
    let places = places(ends, after.and_then(Place::parse));
    // Gathered first: a stream that makes them as it goes could be moved to no other thread.
    let looks: Vec<_> = places.iter().map(|place| look(table, workspace, webhook, place)).collect();
    let mut looks = stream::iter(looks).buffered(limits::GATHERING_CONCURRENCY);
    let mut found = Found::default();
    for place in &places {
        if found.rows >= limits::GATHERING_ROWS {
            found.end(place);
            break;
        }
        let Some(shard) = looks.try_next().await? else { break };
        found.add(place, shard, most);
    }
    Ok(found.gathered())
}

/// Whether another look could have ended there.
pub fn is_place(after: &str) -> bool {
    Place::parse(after).is_some()
}

/// The ends of the windows that messages may still be put into, or were, and that have not begun to go out: by whatever was
/// in force at the messages' timestamps.
fn open_windows(schedule: &History<Schedule>, unit: AggregationUnit, now: Timestamp) -> BTreeSet<Timestamp> {
    let last = now.plus(limits::AHEAD);
    let mut ends = BTreeSet::new();
    for (from, until, value) in schedule.spans() {
        let mut moment = until.map_or(last, |until| last.min(before(until)));
        while moment >= from {
            let Some(window) = Window::of(value, unit, moment) else { break };
            if window.end.plus(limits::GRACE) <= now || before(window.start) >= moment {
                break;
            }
            ends.insert(window.end);
            moment = before(window.start);
        }
    }
    ends
}

/// The last moment before: windows begin on whole seconds.
fn before(moment: Timestamp) -> Timestamp {
    moment.minus(Duration::from_millis(1))
}

/// What was found so far.
#[derive(Default)]
struct Found {
    chats: Vec<OpenBucket>,
    count: u64,
    rows: usize,
    /// Whether there may be chats that were not counted.
    has_more: bool,
    after: Option<Place>,
}

impl Found {
    /// Adds the chats of the shard that stand before the end of the answer, and counts all of them.
    fn add(&mut self, place: &Place, mut shard: Shard, most: usize) {
        self.rows += shard.rows;
        self.count += shard.chats.len() as u64;
        self.has_more |= shard.rest.is_some();
        if self.after.is_some() {
            return;
        }
        self.after = shard.rest;
        let room = most.saturating_sub(self.chats.len());
        if shard.chats.len() > room {
            shard.chats.truncate(room);
            let behind = shard.chats.last().map(|(chat, _)| chat.clone()).or_else(|| place.behind.clone());
            self.after = Some(Place { behind, ..place.clone() });
        }
        self.chats.extend(shard.chats.into_iter().map(|(_, bucket)| bucket));
    }

    /// Nothing from `place` on was looked at.
    fn end(&mut self, place: &Place) {
        self.has_more = true;
        self.after.get_or_insert_with(|| place.clone());
    }

    fn gathered(mut self) -> Gathered {
        self.chats.sort_by(|one, other| order(one).cmp(&order(other)));
        let total = if self.has_more { Count::MoreThan(self.count) } else { Count::Exactly(self.count) };
        Gathered { chats: self.chats, total, after: self.after.map(|place| place.to_text()) }
    }
}

fn order(bucket: &OpenBucket) -> (Timestamp, &str, &str) {
    (bucket.window_end, &bucket.name, &bucket.chat)
}
