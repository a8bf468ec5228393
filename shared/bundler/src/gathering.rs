//! What a webhook is gathering: its open buckets, chat by chat. It writes nothing.
//!
//! A bucket is a key range, so that listing them is one request for each shard of each window that is open. They are asked in
//! order, many at a time, and what does not fit an answer goes on from a shard and a chat. Within an answer, chats stand by
//! their window's end and their name.

use crate::{
    bundle,
    delivery::Lane,
    event::ChatKind,
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    mail::Count,
    ports::{Answer, Clock, ReadGathering, ReadStanding},
    schedule::Schedule,
    settings::History,
    table::bucket::{self, BucketMessage, BucketRow},
    timestamp::Timestamp,
    window::{AggregationUnit, Window},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{StreamExt, TryStreamExt, stream};
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
    /// The first and the last message's own timestamp.
    pub first_at: Timestamp,
    pub last_at: Timestamp,
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

/// Where a look at a shard begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    due: Timestamp,
    shard: u16,
    /// Behind this chat, or with the first.
    behind: Option<KeyPart>,
}

/// Every shard of every window, in order, from where another look ended.
fn places(ends: BTreeSet<Timestamp>, from: Option<Place>) -> Vec<Place> {
    let shards = |due| (0..limits::SHARDS).map(move |shard| Place { due, shard, behind: None });
    let all = ends.into_iter().flat_map(shards);
    let Some(from) = from else { return all.collect() };
    let place = |place: Place| if (place.due, place.shard) == (from.due, from.shard) { from.clone() } else { place };
    all.filter(|place| (place.due, place.shard) >= (from.due, from.shard)).map(place).collect()
}

/// What a request for a shard has brought.
struct Shard {
    /// In order of keys.
    chats: Vec<(KeyPart, OpenBucket)>,
    rows: usize,
    /// Where its rest begins, if it has any.
    rest: Option<Place>,
}

async fn look<T: ReadGathering>(
    table: &T,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    place: &Place,
) -> Answer<Shard> {
    let after = place.behind.clone().map(|chat| {
        let lane = Lane { workspace: workspace.clone(), webhook: webhook.clone(), chat };
        bucket::behind(&bucket::prefix(&lane))
    });
    let most = limits::GATHERING_PAGE_ROWS;
    let page = table.read_gathering(workspace, webhook, place.due, place.shard, after.as_deref(), most).await?;
    let rows = page.rows.len();
    let mut chats = open_buckets(page.rows);
    let last = page.after.and_then(|after| KeyPart::parse(after.split('#').nth(2)?).ok());
    if let Some((chat, bucket)) = chats.last_mut() {
        bucket.is_exact = last.as_ref() != Some(chat);
    }
    let rest = last.map(|chat| Place { behind: Some(chat), ..place.clone() });
    Ok(Shard { chats, rows, rest })
}

/// The buckets that these rows are of, which stand in order of keys: of each chat its cuts first.
fn open_buckets(rows: Vec<BucketRow>) -> Vec<(KeyPart, OpenBucket)> {
    let mut chats: Vec<(KeyPart, OpenBucket)> = Vec::new();
    let mut cuts = None;
    for row in rows {
        let (message, moments) = match row {
            BucketRow::Cuts(stored) => {
                cuts = Some((stored.lane.chat, stored.moments));
                continue;
            }
            // What a pointer points to is gathered elsewhere.
            BucketRow::Pointer { .. } => continue,
            BucketRow::Message { message, stored_bytes: _ } => {
                let of_chat = cuts.as_ref().filter(|(chat, _)| *chat == message.slot.lane.chat);
                (message, of_chat.map_or(&[][..], |(_, moments)| moments))
            }
        };
        if !bundle::takes(moments, None, message.at) {
            continue;
        }
        let BucketMessage { slot, event, at: _ } = *message;
        let first = match chats.pop_if(|(chat, _)| *chat == slot.lane.chat) {
            Some((_, bucket)) => (bucket.messages, bucket.first_at),
            None => (0, slot.timestamp),
        };
        let bucket = OpenBucket {
            chat: event.chat.id.as_str().to_owned(),
            name: event.chat.full_name,
            is_group: event.chat.kind == ChatKind::Group,
            messages: first.0 + 1,
            is_exact: true,
            first_at: first.1,
            last_at: slot.timestamp,
            window_end: slot.due,
        };
        chats.push((slot.lane.chat, bucket));
    }
    chats
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

impl Place {
    /// Needs no escaping in a query, and holds nothing that leads out of the webhook's range.
    fn to_text(&self) -> String {
        let chat = self.behind.as_ref().map_or("", KeyPart::as_str);
        format!("{}~{}~{}", self.due.key(), self.shard, URL_SAFE_NO_PAD.encode(chat))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('~');
        let due = Timestamp::parse_key(parts.next()?)?;
        let shard = parts.next()?.parse().ok().filter(|shard| *shard < limits::SHARDS)?;
        let chat = String::from_utf8(URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()?;
        let behind = if chat.is_empty() { None } else { Some(KeyPart::parse(&chat).ok()?) };
        parts.next().is_none().then_some(Self { due, shard, behind })
    }
}
