//! What a workspace has set of its upstreams: one item.

use super::item::{Item, ItemError, ItemKey, wrong};
use crate::{id::WorkspaceId, upstream::Upstream};

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
