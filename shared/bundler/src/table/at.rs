//! What has a time of its own, and is found by the sparse index alone: cuts that wait for their grace, and webhooks of
//! which more fell due than the queue takes at a time. The index is eventually consistent: who finds an entry in it reads
//! the item before acting on it.

use super::{
    cut,
    item::{ItemError, ItemKey, wrong},
};
use crate::{
    delivery::Lane,
    id::{WebhookId, WorkspaceId},
    timestamp::Timestamp,
};

/// The index's partition. There is one, because cuts and turns are few; further ones would be `at#1` and so on.
pub const PARTITION: &str = "at#0";

/// An item that wants to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appointment {
    /// A bucket has a cut whose grace is over.
    Cuts { due: Timestamp, lane: Lane },
    /// References of a webhook wait their turn.
    Turn { workspace: WorkspaceId, webhook: WebhookId },
}

impl Appointment {
    /// From the keys of the item, which are all that the index holds.
    pub fn of(key: &ItemKey) -> Result<Self, ItemError> {
        if key.pk.starts_with("due#") {
            return cut::parse_key(key).map(|(due, lane)| Self::Cuts { due, lane });
        }
        let parts: Vec<&str> = key.pk.split('#').collect();
        let (["hook", workspace, webhook], "turn") = (&parts[..], key.sk.as_str()) else {
            return Err(wrong("sk", "is nothing that has a time of its own"));
        };
        let of_key = |detail| wrong("pk", detail);
        Ok(Self::Turn {
            workspace: WorkspaceId::parse(workspace).map_err(of_key)?,
            webhook: WebhookId::parse(webhook).map_err(of_key)?,
        })
    }
}
