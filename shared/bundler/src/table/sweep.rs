//! How far the sweep has come: a mark for each shard of a window's end, and the low-water mark below which all is done.

use super::item::{Item, ItemError, ItemKey, wrong};
use crate::{limits, timestamp::Timestamp};
use std::ops::Range;

/// Up to where everything has been enqueued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LowWater {
    /// Every window that ended then or before.
    pub due: Timestamp,
    /// And so many shards, from the first, of the windows that end next.
    pub shards: u16,
}

/// Shards of a window's end that were handed over to other invocations. Until the moment no tick looks at them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub due: Timestamp,
    pub shards: Range<u16>,
    pub until: Timestamp,
}

/// What is noted of a window's end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    pub shards: Vec<Mark>,
    pub claims: Vec<Claim>,
}

/// How far one shard of a window's end has been enqueued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub due: Timestamp,
    pub shard: u16,
    pub position: Position,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// Every lane up to and with this sort key.
    Through(String),
    Complete,
}

/// The partition key of the marks of a window's end.
pub fn partition(due: Timestamp) -> String {
    format!("sweep#{}", due.key())
}

pub fn low_water_key() -> ItemKey {
    ItemKey { pk: "sweep".to_owned(), sk: "low-water".to_owned() }
}

/// The attribute that says how far: as a text it sorts as its value does.
pub const DONE: &str = "done";
/// The attribute that says of how many shards.
const SHARDS: &str = "shards";

impl LowWater {
    pub fn to_text(self) -> String {
        format!("{}#{:03}", self.due.key(), self.shards)
    }

    pub fn to_item(self) -> Item {
        Item::new(low_water_key()).text(DONE, self.to_text()).number(SHARDS, u64::from(limits::SHARDS))
    }

    /// A mark of a sweep that counts its shards otherwise is an error: it, or who stored what is due, looks elsewhere.
    pub fn from_item(item: &Item) -> Result<Self, ItemError> {
        if item.get_number(SHARDS)? != u64::from(limits::SHARDS) {
            return Err(wrong(SHARDS, "is not the number of shards that this function knows"));
        }
        let parts = item.get_text(DONE)?.split_once('#');
        let parsed = parts
            .and_then(|(due, shards)| Some(Self { due: Timestamp::parse_key(due)?, shards: shards.parse().ok()? }));
        parsed.ok_or_else(|| wrong(DONE, "is not a low-water mark"))
    }
}

impl Claim {
    pub fn to_item(&self) -> Item {
        let key = ItemKey { pk: partition(self.due), sk: format!("{CLAIM}{}", range_to_text(&self.shards)) };
        Item::new(key).number("until", self.until.millis()).expires(self.due.plus(limits::MARK_LIFE))
    }

    fn from_item(due: Timestamp, shards: &str, item: &Item) -> Result<Self, ItemError> {
        let shards = parse_range(shards).ok_or_else(|| wrong("sk", "is not a claim's"))?;
        Ok(Self { due, shards, until: item.get_millis("until")? })
    }
}

/// Shards as keys and payloads hold them: `032-064`, the second one not among them.
pub fn range_to_text(shards: &Range<u16>) -> String {
    format!("{:03}-{:03}", shards.start, shards.end)
}

/// Reads what `range_to_text` wrote.
pub fn parse_range(text: &str) -> Option<Range<u16>> {
    let (start, end) = text.split_once('-')?;
    Some(start.parse().ok()?..end.parse().ok()?)
}

impl Marks {
    pub fn from_items(due: Timestamp, items: &[Item]) -> Result<Self, ItemError> {
        let mut marks = Self::default();
        for item in items {
            match item.key.sk.strip_prefix(CLAIM) {
                Some(shards) => marks.claims.push(Claim::from_item(due, shards, item)?),
                None => marks.shards.push(Mark::from_item(due, item)?),
            }
        }
        Ok(marks)
    }
}

/// The beginning of a claim's sort key. A mark's is its shard's number.
const CLAIM: &str = "claim#";

impl Mark {
    pub fn to_item(&self) -> Item {
        let key = ItemKey { pk: partition(self.due), sk: self.shard.to_string() };
        let item = Item::new(key).expires(self.due.plus(limits::MARK_LIFE));
        match &self.position {
            Position::Through(sk) => item.text("through", sk.clone()),
            Position::Complete => item,
        }
    }

    pub fn from_item(due: Timestamp, item: &Item) -> Result<Self, ItemError> {
        let shard = item.key.sk.parse().map_err(|_| wrong("sk", "is not a shard"))?;
        let position = item.get_text("through").map_or(Position::Complete, |sk| Position::Through(sk.to_owned()));
        Ok(Self { due, shard, position })
    }
}
