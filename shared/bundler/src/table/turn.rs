//! What waits its turn: of a webhook of which more fell due than the queue takes of one at a time, the lanes that are not
//! enqueued yet. They stay where they are, in their buckets; what is kept is from where on.

use super::{
    item::{DUE_PK, DUE_SK, EXPIRES, Item, ItemError, ItemKey, wrong},
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
const KIND: &str = "kind";
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

/// The last references of a webhook that the queue was given: one for each of its groups, which are first in, first out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Out {
    pub kind: OutKind,
    pub keys: Vec<DeliveryKey>,
    /// From then on the next ones go out, whatever has become of these. In whole seconds.
    pub until: Timestamp,
}

/// Where the references come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutKind {
    /// They waited their turn: they have no record before they have an outcome.
    Turn,
    /// They were held: they have a record, which says so until they are attempted.
    Release,
}

impl Out {
    pub fn to_item(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Item {
        let references: Vec<String> = self.keys.iter().map(delivery::to_reference).collect();
        Item::new(out_key(workspace, webhook)).expires(self.until).text("references", references.join("\n")).text(
            KIND,
            match self.kind {
                OutKind::Turn => "turn",
                OutKind::Release => "release",
            },
        )
    }

    pub fn from_item(item: &Item) -> Result<Self, ItemError> {
        let references = item.get_text("references")?.lines();
        let read = |text| delivery::from_reference(text).map_err(|detail| wrong("references", detail));
        let until = Timestamp::from_seconds(item.get_number(EXPIRES)?).ok_or_else(|| wrong(EXPIRES, "is no moment"))?;
        let kind = match item.get_text(KIND) {
            // The first ones were of turns alone.
            Ok("turn") | Err(_) => OutKind::Turn,
            Ok("release") => OutKind::Release,
            Ok(_) => return Err(wrong(KIND, "is none that we know")),
        };
        Ok(Self { kind, keys: references.map(read).collect::<Result<_, _>>()?, until })
    }
}
