//! A window's end and a shard: the partition that is its own due index. In it, one key range for each lane.

use super::{
    item::{Item, ItemError, ItemKey, wrong},
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

/// What a query of a bucket returns for one item. The event is not decoded: a sweep has no use for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketRow {
    pub slot: Slot,
    pub content: BucketContent,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BucketContent {
    Message { event: String },
    Pointer { target: Target },
}

/// The partition key of a window's end and a shard.
pub fn partition(due: Timestamp, shard: u16) -> String {
    format!("due#{}#{shard}", due.key())
}

/// The beginning of every sort key of a lane's bucket.
pub fn prefix(lane: &Lane) -> String {
    format!("{}#", lane.key())
}

impl Slot {
    pub fn key(&self) -> ItemKey {
        let sk = format!("{}{}#{}", prefix(&self.lane), self.timestamp.key(), self.message);
        ItemKey { pk: partition(self.due, self.lane.shard()), sk }
    }

    fn parse(key: &ItemKey) -> Result<Self, ItemError> {
        let mut pk = key.pk.split('#');
        let (Some("due"), Some(due)) = (pk.next(), pk.next().and_then(Timestamp::parse_key)) else {
            return Err(wrong("pk", "is not a bucket's"));
        };
        let parts: Vec<&str> = key.sk.split('#').collect();
        let [workspace, webhook, chat, timestamp, message] = parts[..] else {
            return Err(wrong("sk", "is not a bucket's"));
        };
        let of_key = |detail| wrong("sk", detail);
        Ok(Self {
            due,
            lane: Lane {
                workspace: WorkspaceId::parse(workspace).map_err(of_key)?,
                webhook: WebhookId::parse(webhook).map_err(of_key)?,
                chat: KeyPart::parse(chat).map_err(of_key)?,
            },
            timestamp: Timestamp::parse_key(timestamp).ok_or_else(|| wrong("sk", "holds no moment"))?,
            message: KeyPart::parse(message).map_err(of_key)?,
        })
    }
}

impl BucketMessage {
    pub fn to_item(&self) -> Item {
        Item::new(self.slot.key())
            .text("event", stored::encode(&self.event))
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
        Item::new(self.slot.key()).text("target", target).number("at", self.at.millis()).expires(expires)
    }
}

impl BucketRow {
    pub fn from_item(item: &Item) -> Result<Self, ItemError> {
        let slot = Slot::parse(&item.key)?;
        let content = match item.get_text("target") {
            Ok("lane") => BucketContent::Pointer { target: Target::Lane },
            Ok(due) => {
                let due = Timestamp::parse_key(due).ok_or_else(|| wrong("target", "is not a window's end"))?;
                BucketContent::Pointer { target: Target::Bucket { due } }
            }
            Err(_) => BucketContent::Message { event: item.get_text("event")?.to_owned() },
        };
        Ok(Self { slot, content })
    }

    /// The event, or nothing where a pointer stands.
    pub fn event(&self) -> Result<Option<Event>, ItemError> {
        match &self.content {
            BucketContent::Message { event } => {
                stored::decode(event, self.slot.lane.workspace.clone(), self.slot.timestamp).map(Some)
            }
            BucketContent::Pointer { .. } => Ok(None),
        }
    }

    /// What the message weighs when a bundle is split into documents.
    pub fn stored_bytes(&self) -> usize {
        match &self.content {
            BucketContent::Message { event } => event.len(),
            BucketContent::Pointer { .. } => 0,
        }
    }
}
