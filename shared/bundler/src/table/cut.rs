//! The cuts of a bucket: an item in the chat's own key range, before its messages, so that one query sees both.

use super::{
    bucket,
    item::{DUE_PK, DUE_SK, Item, ItemError, ItemKey, wrong},
};
use crate::{delivery::Lane, limits, timestamp::Timestamp};

/// Where a bucket was cut by "flush now", and what of it is on its way. What arrived after one cut and up to the next
/// is a delivery of its own; what arrived after the last one goes out when the window ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cuts {
    pub due: Timestamp,
    pub lane: Lane,
    /// Each later than the one before it, by which no cut changes what an earlier one has taken.
    pub moments: Vec<Timestamp>,
    /// How many of them, from the first, the queue has taken.
    pub enqueued: usize,
}

pub const CUTS: &str = "cuts";
pub const ENQUEUED: &str = "enqueued";
/// Behind the lane's prefix and before every timestamp.
const SORTS_FIRST: &str = "!";

/// Where the cuts of a lane's bucket stand.
pub fn key(due: Timestamp, lane: &Lane) -> ItemKey {
    let sk = format!("{}{SORTS_FIRST}", bucket::prefix(lane));
    ItemKey { pk: bucket::partition(due, lane.shard()), sk }
}

impl Cuts {
    pub fn none(due: Timestamp, lane: Lane) -> Self {
        Self { due, lane, moments: Vec::new(), enqueued: 0 }
    }

    /// Those that are not on their way yet, in order.
    pub fn waiting(&self) -> &[Timestamp] {
        self.moments.get(self.enqueued..).unwrap_or_default()
    }

    /// While one waits, the item stands in the index of what has a time of its own.
    pub fn to_item(&self) -> Item {
        let moments: Vec<String> = self.moments.iter().map(|cut| cut.key()).collect();
        let item = Item::new(key(self.due, &self.lane))
            .text(CUTS, moments.join(","))
            .number(ENQUEUED, self.enqueued as u64)
            .expires(self.due.plus(limits::MESSAGE_LIFE));
        match self.waiting() {
            [] => item,
            [next, ..] => item.text(DUE_PK, super::at::PARTITION).text(DUE_SK, next.plus(limits::GRACE).key()),
        }
    }

    pub fn from_item(item: &Item) -> Result<Self, ItemError> {
        let (due, lane) = parse_key(&item.key)?;
        let moments = item.get_text(CUTS)?.split(',').map(Timestamp::parse_key);
        let moments = moments.collect::<Option<Vec<_>>>().ok_or_else(|| wrong(CUTS, "holds no moment"))?;
        let enqueued = usize::try_from(item.get_number(ENQUEUED)?).unwrap_or(usize::MAX);
        Ok(Self { due, lane, moments, enqueued })
    }
}

/// Whether it is cuts that stand at a key of a bucket.
pub fn stands_at(key: &ItemKey) -> bool {
    key.sk.ends_with(SORTS_FIRST)
}

/// Reads what `key` wrote.
pub(super) fn parse_key(key: &ItemKey) -> Result<(Timestamp, Lane), ItemError> {
    let parts: Vec<&str> = key.sk.split('#').collect();
    let [workspace, webhook, chat, SORTS_FIRST] = parts[..] else { return Err(wrong("sk", "is not a cut's")) };
    Ok((bucket::parse_due(&key.pk)?, bucket::parse_lane(workspace, webhook, chat)?))
}
