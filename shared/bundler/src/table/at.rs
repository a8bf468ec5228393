//! What has a time of its own, and is found by the sparse index alone: cuts that wait for their grace, webhooks of which
//! more fell due than the queue takes at a time, and those that do not take what they are sent. The index is eventually consistent: who finds an entry in it reads
//! the item before acting on it.

use super::{
    cut, file,
    item::{ItemError, ItemKey, wrong},
    settings, turn,
};
use crate::{
    delivery::Lane,
    file::FileKey,
    id::{WebhookId, WorkspaceId},
    timestamp::Timestamp,
};

/// The index's partition. There is one, because these are few; further ones would be `at#1` and so on.
pub const PARTITION: &str = "at#0";

/// An item that wants to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appointment {
    /// A bucket has a cut whose grace is over.
    Cuts { due: Timestamp, lane: Lane },
    /// References of a webhook wait their turn.
    Turn { workspace: WorkspaceId, webhook: WebhookId },
    /// A webhook's probe is due, what was held for it goes out, or its owner has to be told something.
    Health { workspace: WorkspaceId, webhook: WebhookId },
    /// A file should be there by now, or be known to be gone, and nobody should wait for it.
    File(FileKey),
}

impl Appointment {
    /// From the keys of the item, which are all that the index holds.
    pub fn of(key: &ItemKey) -> Result<Self, ItemError> {
        if key.pk.starts_with("due#") {
            return cut::parse_key(key).map(|(due, lane)| Self::Cuts { due, lane });
        }
        if key.pk.starts_with("file#") {
            return file::parse_key(key).map(Self::File);
        }
        let parts: Vec<&str> = key.pk.split('#').collect();
        let ["hook", workspace, webhook] = parts[..] else {
            return Err(wrong("pk", "is nothing that has a time of its own"));
        };
        let of_key = |detail| wrong("pk", detail);
        let workspace = WorkspaceId::parse(workspace).map_err(of_key)?;
        let webhook = WebhookId::parse(webhook).map_err(of_key)?;
        match &*key.sk {
            turn::TURN => Ok(Self::Turn { workspace, webhook }),
            settings::HEALTH => Ok(Self::Health { workspace, webhook }),
            _ => Err(wrong("sk", "is nothing that has a time of its own")),
        }
    }
}
