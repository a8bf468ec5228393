//! What a lane keeps beside its buckets: messages that are not aggregated, and the outcome of each delivery.

use super::{
    attempt, bucket,
    item::{DUE_PK, DUE_SK, EVENT, IndexKey, Item, ItemError, ItemKey, Value, wrong},
    stored,
};
use crate::{
    delivery::{DeliveryKey, Lane, Subject},
    event::Event,
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    timestamp::Timestamp,
};
use std::collections::BTreeMap;

/// A message that goes out by itself, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneMessage {
    pub lane: Lane,
    pub event: Event,
    /// When it arrived.
    pub at: Timestamp,
    pub progress: Progress,
}

/// What has become of a delivery. A bundle's is an item of its own; a message's stands in its item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub key: DeliveryKey,
    pub progress: Progress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub state: DeliveryState,
    /// Attempts so far, failed ones included.
    pub attempts: u32,
    /// Failed attempts of this delivery itself.
    pub errors: u32,
    /// Documents of the bundle that have arrived, in order.
    pub parts_done: u32,
    /// Of one that was not taken: when it is tried again at the earliest.
    pub next: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// No outcome yet.
    Pending,
    Delivered,
    /// Waits, because its webhook is off or did not take it.
    Held,
    /// Given up, to be sent again by a person.
    Failed,
    /// Not sent, because it was held for as long as anything is.
    Expired,
    /// Not sent, because the owner dropped it.
    Dropped,
}

impl Progress {
    /// What a receipt says: taken whole at the first try.
    pub const RECEIPT: Self =
        Self { state: DeliveryState::Delivered, attempts: 1, errors: 0, parts_done: 1, next: None };
    /// Nothing was tried yet.
    pub const NONE: Self = Self { state: DeliveryState::Pending, attempts: 0, errors: 0, parts_done: 0, next: None };

    fn write(self, item: Item) -> Item {
        item.text(STATE, self.state.name())
            .number("attempts", self.attempts.into())
            .number("errors", self.errors.into())
            .number("parts_done", self.parts_done.into())
            .number(NEXT_AT, self.next.map_or(0, Timestamp::millis))
    }

    fn read(item: &Item) -> Result<Self, ItemError> {
        let count = |name| Ok(u32::try_from(item.get_number(name)?).unwrap_or(u32::MAX));
        Ok(Self {
            state: DeliveryState::parse(item.get_text(STATE)?)?,
            attempts: count("attempts")?,
            errors: count("errors")?,
            parts_done: count("parts_done")?,
            // Records of before have none.
            next: item.get_millis(NEXT_AT).ok().filter(|next| *next > Timestamp::EPOCH),
        })
    }
}

impl DeliveryState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Dropped => "dropped",
        }
    }

    fn parse(name: &str) -> Result<Self, ItemError> {
        let all = [Self::Pending, Self::Delivered, Self::Held, Self::Failed, Self::Expired, Self::Dropped];
        all.into_iter().find(|state| state.name() == name).ok_or_else(|| wrong("state", "is none that we know"))
    }
}

/// The states of a delivery that may go out some day, if only by a person's wish.
pub const OPEN: [DeliveryState; 3] = [DeliveryState::Pending, DeliveryState::Held, DeliveryState::Failed];
/// The beginning of the sort key of every bundle's outcome.
pub const BUNDLE: &str = "b#";
/// The attribute that holds a delivery's state, and the one of when it is tried again.
pub const STATE: &str = "state";
pub const NEXT_AT: &str = "next_at";

/// The partition key of what a lane keeps.
pub fn partition(lane: &Lane) -> String {
    format!("lane#{}", lane.key())
}

/// Where a delivery's outcome stands.
pub fn key(delivery: &DeliveryKey) -> ItemKey {
    ItemKey { pk: partition(&delivery.lane), sk: subject_to_text(&delivery.subject) }
}

pub(super) fn subject_to_text(subject: &Subject) -> String {
    match subject {
        Subject::Bundle { due, cut } => format!("b#{}#{}", due.key(), cut.map(Timestamp::key).unwrap_or_default()),
        Subject::Message { timestamp, message } => format!("m#{}#{message}", timestamp.key()),
    }
}

/// Reads what `subject_to_text` wrote.
pub(super) fn parse_subject(text: &str) -> Option<Subject> {
    let parts: Vec<&str> = text.split('#').collect();
    match parts[..] {
        ["b", due, ""] => Some(Subject::Bundle { due: Timestamp::parse_key(due)?, cut: None }),
        ["b", due, cut] => {
            Some(Subject::Bundle { due: Timestamp::parse_key(due)?, cut: Some(Timestamp::parse_key(cut)?) })
        }
        ["m", timestamp, message] => {
            let message = KeyPart::parse(message).ok()?;
            Some(Subject::Message { timestamp: Timestamp::parse_key(timestamp)?, message })
        }
        _ => None,
    }
}

/// When a message that is not aggregated expires.
pub fn message_expires(at: Timestamp) -> Timestamp {
    at.plus(limits::MESSAGE_LIFE)
}

/// The sparse index's keys of a held delivery.
pub fn held_index(delivery: &DeliveryKey, next: Option<Timestamp>) -> (String, String) {
    let Lane { workspace, webhook, chat } = &delivery.lane;
    let kind = next.map_or(HeldKind::Waiting, |_| HeldKind::Retrying);
    let moment = next.unwrap_or_else(|| delivery.due());
    (kind.partition(workspace, webhook), format!("{}#{chat}#{}", moment.key(), key(delivery).sk))
}

/// Whether an item of a lane is a held delivery that was never attempted.
pub fn is_unattempted(item: &Item) -> bool {
    item.get_text(STATE) == Ok(DeliveryState::Held.name()) && item.get_number("attempts") == Ok(0)
}

/// The delivery whose outcome stands at the key.
pub fn parse_key(key: &ItemKey) -> Result<DeliveryKey, ItemError> {
    let pk: Vec<&str> = key.pk.split('#').collect();
    let ["lane", workspace, webhook, chat] = pk[..] else { return Err(wrong("pk", "is not a lane's")) };
    let subject = parse_subject(&key.sk).ok_or_else(|| wrong("sk", "is not a delivery's"))?;
    Ok(DeliveryKey { lane: bucket::parse_lane(workspace, webhook, chat)?, subject })
}

/// Of which kind a held delivery is: it goes out as soon as its webhook takes any, or it has a next time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldKind {
    Waiting,
    Retrying,
}

impl HeldKind {
    /// The sparse index's partition of a webhook's held deliveries of this kind: those that wait, by when they were first
    /// due; those that are tried again, by when that is.
    pub fn partition(self, workspace: &WorkspaceId, webhook: &WebhookId) -> String {
        match self {
            Self::Waiting => format!("held#{workspace}#{webhook}"),
            Self::Retrying => format!("retry#{workspace}#{webhook}"),
        }
    }
}

/// A held delivery as the index has it: its keys alone, and its own next time, of one that has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub key: DeliveryKey,
    pub next: Option<Timestamp>,
}

impl Held {
    pub fn of(index: &IndexKey) -> Result<Self, ItemError> {
        let key = parse_key(&index.key)?;
        let moment = index.due_sk.split_once('#').and_then(|(moment, _)| Timestamp::parse_key(moment));
        let next = if index.due_pk.starts_with("retry#") { moment } else { None };
        Ok(Self { key, next })
    }
}

impl LaneMessage {
    pub fn delivery(&self) -> DeliveryKey {
        let subject = Subject::Message {
            timestamp: self.event.message.timestamp,
            message: KeyPart::of(self.event.message.id.as_str()),
        };
        DeliveryKey { lane: self.lane.clone(), subject }
    }

    pub fn to_item(&self) -> Item {
        let item = Item::new(key(&self.delivery()))
            .text(EVENT, stored::encode(&self.event, &self.lane.chat, &KeyPart::of(self.event.message.id.as_str())))
            .number("at", self.at.millis())
            .expires(message_expires(self.at));
        self.progress.write(item)
    }

    /// Reads the item that stands at the key of `delivery`.
    pub fn from_item(delivery: &DeliveryKey, item: &Item) -> Result<Self, ItemError> {
        let Subject::Message { timestamp, message } = &delivery.subject else {
            return Err(wrong("sk", "is not a message's"));
        };
        Ok(Self {
            lane: delivery.lane.clone(),
            event: stored::decode(item.get_text(EVENT)?, &delivery.lane, *timestamp, message)?,
            at: item.get_millis("at")?,
            progress: Progress::read(item)?,
        })
    }
}

impl Delivery {
    pub fn to_item(&self, now: Timestamp) -> Item {
        let item = Item::new(key(&self.key)).expires(now.plus(limits::DELIVERY_LIFE));
        Item { attributes: item.attributes.into_iter().chain(self.outcome()).collect(), ..item }
    }

    /// The attributes that say what has become of the delivery. Only a held one stands in the index.
    pub fn outcome(&self) -> BTreeMap<String, Value> {
        let item = self.progress.write(Item::new(key(&self.key)));
        match self.progress.state {
            DeliveryState::Held => {
                let (due_pk, due_sk) = held_index(&self.key, self.progress.next);
                item.text(DUE_PK, due_pk).text(DUE_SK, due_sk)
            }
            DeliveryState::Pending
            | DeliveryState::Delivered
            | DeliveryState::Failed
            | DeliveryState::Expired
            | DeliveryState::Dropped => item,
        }
        .attributes
    }

    /// Of the items that stand at the keys of its outcome and its receipt.
    pub fn from_items(delivery: &DeliveryKey, items: &[Item]) -> Result<Option<Self>, ItemError> {
        let stands_at = |key: &ItemKey| items.iter().find(|item| item.key == *key);
        if stands_at(&attempt::receipt_key(delivery)).is_some() {
            return Ok(Some(Self { key: delivery.clone(), progress: Progress::RECEIPT }));
        }
        stands_at(&key(delivery)).map(|item| Self::from_item(delivery, item)).transpose()
    }

    /// Reads the item that stands at the key of `delivery`.
    pub fn from_item(delivery: &DeliveryKey, item: &Item) -> Result<Self, ItemError> {
        Ok(Self { key: delivery.clone(), progress: Progress::read(item)? })
    }
}
