//! How far the sweep has come: a mark for each shard of a window's end, and the low-water mark below which all is done.

use super::item::{Item, ItemError, ItemKey, wrong};
use crate::{limits, timestamp::Timestamp};

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

pub fn low_water_to_item(due: Timestamp) -> Item {
    Item::new(low_water_key()).number("due", due.millis())
}

pub fn low_water_from_item(item: &Item) -> Result<Timestamp, ItemError> {
    item.get_millis("due")
}

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
