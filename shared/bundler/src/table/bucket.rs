//! A window's end and a shard: the partition that is its own due index. In it, one key range for each lane.

use super::{
    cut::{self, Cuts},
    item::{EVENT, Item, ItemError, ItemKey, wrong},
    lane, stored,
};
use crate::{
    delivery::Lane,
    event::Event,
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    timestamp::Timestamp,
};

/// Where a message stands in a bucket: made only of what upstream said and of the window that follows from it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    pub due: Timestamp,
    pub lane: Lane,
    pub timestamp: Timestamp,
    pub message: KeyPart,
}

/// A message in the bucket of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketMessage {
    pub slot: Slot,
    pub event: Event,
    /// When it arrived.
    pub at: Timestamp,
}

/// Stands at the key of a message that came after its window, and says where the message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    pub slot: Slot,
    pub target: Target,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// In the bucket of the window that ends then.
    Bucket { due: Timestamp },
    /// In its lane: nothing was aggregated any more when it came.
    Lane,
}

/// What a query of a bucket returns for one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BucketRow {
    Message {
        message: Box<BucketMessage>,
        /// What it weighs when a bundle is split into documents.
        stored_bytes: usize,
    },
    Pointer {
        slot: Slot,
        target: Target,
    },
    Cuts(Cuts),
}

/// What the sweep reads of an item: everything but the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueRow {
    Message { lane: Lane, at: Timestamp },
    Pointer { lane: Lane },
    Cuts(Cuts),
}

/// The attributes that a [`DueRow`] is read from, besides the keys.
pub const DUE_ATTRIBUTES: [&str; 4] = ["at", TARGET, cut::CUTS, cut::ENQUEUED];
const TARGET: &str = "target";

/// The partition key of a window's end and a shard.
pub fn partition(due: Timestamp, shard: u16) -> String {
    format!("due#{}#{shard}", due.key())
}

/// The beginning of every sort key of a lane's bucket.
pub fn prefix(lane: &Lane) -> String {
    format!("{}#", lane.key())
}

/// The beginning of every sort key of a webhook's buckets.
pub fn webhook_prefix(workspace: &WorkspaceId, webhook: &WebhookId) -> String {
    format!("{workspace}#{webhook}#")
}

/// A sort key behind every one that begins with `prefix`, and before all others behind them: keys are ASCII.
pub fn behind(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

/// A window's end, from the partition key of its buckets.
pub(super) fn parse_due(pk: &str) -> Result<Timestamp, ItemError> {
    let due = pk.strip_prefix("due#").and_then(|rest| rest.split_once('#'));
    due.and_then(|(due, _)| Timestamp::parse_key(due)).ok_or_else(|| wrong("pk", "is not a bucket's"))
}

/// A lane, from the first three parts of a sort key.
pub(super) fn parse_lane(workspace: &str, webhook: &str, chat: &str) -> Result<Lane, ItemError> {
    let of_key = |detail| wrong("sk", detail);
    Ok(Lane {
        workspace: WorkspaceId::parse(workspace).map_err(of_key)?,
        webhook: WebhookId::parse(webhook).map_err(of_key)?,
        chat: KeyPart::parse(chat).map_err(of_key)?,
    })
}

impl Slot {
    pub fn key(&self) -> ItemKey {
        let sk = format!("{}{}#{}", prefix(&self.lane), self.timestamp.key(), self.message);
        ItemKey { pk: partition(self.due, self.lane.shard()), sk }
    }

    fn parse(key: &ItemKey) -> Result<Self, ItemError> {
        let parts: Vec<&str> = key.sk.split('#').collect();
        let [workspace, webhook, chat, timestamp, message] = parts[..] else {
            return Err(wrong("sk", "is not a bucket's"));
        };
        Ok(Self {
            due: parse_due(&key.pk)?,
            lane: parse_lane(workspace, webhook, chat)?,
            timestamp: Timestamp::parse_key(timestamp).ok_or_else(|| wrong("sk", "holds no moment"))?,
            message: KeyPart::parse(message).map_err(|detail| wrong("sk", detail))?,
        })
    }
}

impl BucketMessage {
    pub fn to_item(&self) -> Item {
        Item::new(self.slot.key())
            .text(EVENT, stored::encode(&self.event, &self.slot.lane.chat, &self.slot.message))
            .number("at", self.at.millis())
            .expires(self.slot.due.plus(limits::MESSAGE_LIFE))
    }
}

impl Pointer {
    pub fn to_item(&self) -> Item {
        // A pointer lives as long as what it points to.
        let (target, expires) = match self.target {
            Target::Bucket { due } => (due.key(), due.plus(limits::MESSAGE_LIFE)),
            Target::Lane => ("lane".to_owned(), lane::message_expires(self.at)),
        };
        Item::new(self.slot.key()).text(TARGET, target).number("at", self.at.millis()).expires(expires)
    }
}

impl Target {
    /// Where the pointer that stands in `item` points to; nothing if it is a message.
    pub fn of_item(item: &Item) -> Result<Option<Self>, ItemError> {
        match item.get_text(TARGET) {
            Ok("lane") => Ok(Some(Self::Lane)),
            Ok(due) => {
                let due = Timestamp::parse_key(due).ok_or_else(|| wrong(TARGET, "is not a window's end"))?;
                Ok(Some(Self::Bucket { due }))
            }
            Err(_) => Ok(None),
        }
    }
}

impl BucketRow {
    pub fn from_item(item: &Item) -> Result<Self, ItemError> {
        if cut::stands_at(&item.key) {
            return Cuts::from_item(item).map(Self::Cuts);
        }
        let slot = Slot::parse(&item.key)?;
        if let Some(target) = Target::of_item(item)? {
            return Ok(Self::Pointer { slot, target });
        }
        let stored = item.get_text(EVENT)?;
        let event = stored::decode(stored, &slot.lane, slot.timestamp, &slot.message)?;
        let message = Box::new(BucketMessage { slot, event, at: item.get_millis("at")? });
        Ok(Self::Message { message, stored_bytes: stored.len() })
    }
}

impl DueRow {
    pub fn from_item(item: &Item) -> Result<Self, ItemError> {
        if cut::stands_at(&item.key) {
            return Cuts::from_item(item).map(Self::Cuts);
        }
        let lane = Slot::parse(&item.key)?.lane;
        Ok(match Target::of_item(item)? {
            Some(_) => Self::Pointer { lane },
            None => Self::Message { lane, at: item.get_millis("at")? },
        })
    }

    pub fn lane(&self) -> &Lane {
        match self {
            Self::Message { lane, .. } | Self::Pointer { lane } => lane,
            Self::Cuts(cuts) => &cuts.lane,
        }
    }
}
