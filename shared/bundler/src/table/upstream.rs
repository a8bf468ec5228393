//! What a workspace has set of its upstreams, one item; and when messages first came that do not say when they were sent.

use super::item::{Item, ItemError, ItemKey, wrong};
use crate::{
    id::{KeyPart, MessageId, WorkspaceId},
    limits,
    timestamp::Timestamp,
    upstream::Upstream,
};

const SETTINGS: &str = "settings";
pub const REVISION: &str = "revision";

pub fn key(workspace: &WorkspaceId) -> ItemKey {
    ItemKey { pk: format!("upstream#{workspace}"), sk: SETTINGS.to_owned() }
}

pub fn to_item(workspace: &WorkspaceId, upstream: &Upstream) -> Item {
    // Strings under names: there is nothing in it that JSON cannot write.
    Item::new(key(workspace))
        .text(SETTINGS, serde_json::to_string(upstream).unwrap_or_default())
        .number(REVISION, upstream.revision)
}

/// The default, where nothing stands.
pub fn from_item(item: Option<&Item>) -> Result<Upstream, ItemError> {
    let Some(item) = item else { return Ok(Upstream::default()) };
    // serde's own words may repeat content: only where it stopped is told.
    let read: Upstream = serde_json::from_str(item.get_text(SETTINGS)?)
        .map_err(|error| wrong(SETTINGS, format!("is not what it should be, at column {}", error.column())))?;
    Ok(Upstream { revision: item.get_number(REVISION)?, ..read })
}

/// The moment at which a message first came, in milliseconds.
pub const AT: &str = "at";

pub fn seen_key(workspace: &WorkspaceId, message: &MessageId) -> ItemKey {
    ItemKey { pk: format!("seen#{workspace}"), sk: KeyPart::of(message.as_str()).as_str().to_owned() }
}

/// When it is forgotten that a message came first then.
pub fn seen_expires(first: Timestamp) -> Timestamp {
    first.plus(limits::FIRST_SEEN_LIFE)
}

pub fn seen_to_item(workspace: &WorkspaceId, message: &MessageId, first: Timestamp) -> Item {
    Item::new(seen_key(workspace, message)).number(AT, first.millis()).expires(seen_expires(first))
}

pub fn seen_from_item(item: &Item) -> Result<Timestamp, ItemError> {
    item.get_millis(AT)
}
