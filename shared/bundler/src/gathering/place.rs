//! Where a look at what is gathering begins, and how an answer names it. It holds no key: none leads out of a webhook's range.

use crate::{id::KeyPart, limits, timestamp::Timestamp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::collections::BTreeSet;

/// Where a look at a shard begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) due: Timestamp,
    pub(super) shard: u16,
    /// Behind this chat, or with the first.
    pub(super) behind: Option<KeyPart>,
}

/// Every shard of every window, in order, from where another look ended.
pub(super) fn places(ends: BTreeSet<Timestamp>, from: Option<Place>) -> Vec<Place> {
    let shards = |due| (0..limits::SHARDS).map(move |shard| Place { due, shard, behind: None });
    let all = ends.into_iter().flat_map(shards);
    let Some(from) = from else { return all.collect() };
    let place = |place: Place| if (place.due, place.shard) == (from.due, from.shard) { from.clone() } else { place };
    all.filter(|place| (place.due, place.shard) >= (from.due, from.shard)).map(place).collect()
}

impl Place {
    /// Needs no escaping in a query, and names no webhook.
    pub(super) fn to_text(&self) -> String {
        let chat = self.behind.as_ref().map_or("", KeyPart::as_str);
        format!("{}~{}~{}", self.due.key(), self.shard, URL_SAFE_NO_PAD.encode(chat))
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('~');
        let due = Timestamp::parse_key(parts.next()?)?;
        let shard = parts.next()?.parse().ok().filter(|shard| *shard < limits::SHARDS)?;
        let chat = String::from_utf8(URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()?;
        let behind = if chat.is_empty() { None } else { Some(KeyPart::parse(&chat).ok()?) };
        parts.next().is_none().then_some(Self { due, shard, behind })
    }
}
