//! What waits its turn: of a webhook of which more fell due than the queue takes of one at a time, the lanes that are not
//! enqueued yet. They stay where they are, in their buckets; what is kept is from where on.

use super::{
    item::{DUE_PK, DUE_SK, Item, ItemError, ItemKey, wrong},
    settings,
};
use crate::{
    delivery::{self, DeliveryKey},
    id::{WebhookId, WorkspaceId},
    limits,
    timestamp::Timestamp,
};

/// In one shard of a window's end, the lanes of a webhook that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    pub workspace: WorkspaceId,
    pub webhook: WebhookId,
    pub due: Timestamp,
    pub shard: u16,
    /// They are those behind this sort key, or all.
    pub after: Option<String>,
}

/// Stands in the index as long as a webhook has rests. It changes with every rest that is added, so that it cannot be
/// taken away by who has not seen all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    pub revision: u64,
}

pub const REVISION: &str = "revision";
/// The sort key of a webhook's turn.
pub(super) const TURN: &str = "turn";

/// The partition key of a webhook's rests, in order of windows' ends.
pub fn partition(workspace: &WorkspaceId, webhook: &WebhookId) -> String {
    format!("rest#{workspace}#{webhook}")
}

pub fn key(workspace: &WorkspaceId, webhook: &WebhookId) -> ItemKey {
    ItemKey { pk: settings::partition(workspace, webhook), sk: TURN.to_owned() }
}

/// The index's keys of a turn that began at `now`.
pub fn index(now: Timestamp) -> (String, String) {
    (super::at::PARTITION.to_owned(), now.key())
}

impl Turn {
    pub fn to_item(self, workspace: &WorkspaceId, webhook: &WebhookId, now: Timestamp) -> Item {
        let (due_pk, due_sk) = index(now);
        Item::new(key(workspace, webhook)).number(REVISION, self.revision).text(DUE_PK, due_pk).text(DUE_SK, due_sk)
    }

    pub fn from_item(item: &Item) -> Result<Self, ItemError> {
        Ok(Self { revision: item.get_number(REVISION)? })
    }
}

impl Rest {
    /// The beginning of every rest's sort key, and of nothing else in the partition.
    pub const PREFIX: &str = "due#";

    pub fn key(&self) -> ItemKey {
        let sk = format!("{}{}#{:03}", Self::PREFIX, self.due.key(), self.shard);
        ItemKey { pk: partition(&self.workspace, &self.webhook), sk }
    }

    pub fn to_item(&self) -> Item {
        let item = Item::new(self.key()).expires(self.due.plus(limits::MESSAGE_LIFE));
        match &self.after {
            Some(after) => item.text("after", after),
            None => item,
        }
    }

    pub fn from_item(workspace: &WorkspaceId, webhook: &WebhookId, item: &Item) -> Result<Self, ItemError> {
        let parts = item.key.sk.strip_prefix(Self::PREFIX).and_then(|rest| rest.split_once('#'));
        let (due, shard) = parts.ok_or_else(|| wrong("sk", "is not a rest's"))?;
        Ok(Self {
            workspace: workspace.clone(),
            webhook: webhook.clone(),
            due: Timestamp::parse_key(due).ok_or_else(|| wrong("sk", "holds no moment"))?,
            shard: shard.parse().map_err(|_| wrong("sk", "holds no shard"))?,
            after: item.get_text("after").ok().map(str::to_owned),
        })
    }
}

/// Where the last references of a webhook's turn stand: one for each group of the queue.
pub fn out_key(workspace: &WorkspaceId, webhook: &WebhookId) -> ItemKey {
    ItemKey { pk: partition(workspace, webhook), sk: "out".to_owned() }
}

pub fn out_to_item(workspace: &WorkspaceId, webhook: &WebhookId, out: &[DeliveryKey], now: Timestamp) -> Item {
    let references: Vec<String> = out.iter().map(delivery::to_reference).collect();
    // When it is gone the next turn begins, whatever has become of these.
    let item = Item::new(out_key(workspace, webhook)).expires(now.plus(limits::TURN_WAIT));
    item.text("references", references.join("\n"))
}

pub fn out_from_item(item: &Item) -> Result<Vec<DeliveryKey>, ItemError> {
    let references = item.get_text("references")?.lines();
    references.map(|text| delivery::from_reference(text).map_err(|detail| wrong("references", detail))).collect()
}
