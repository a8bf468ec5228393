//! What the settings page's door leaves behind for a while: links that were used, and failed tries. Neither holds a token,
//! a key or an address.

use super::item::{Item, ItemError, ItemKey};
use crate::{
    limits,
    portal::{Nonce, SessionId, Source},
    timestamp::Timestamp,
};

/// That a portal link was used. It stands until the link has expired for every clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedLink {
    pub nonce: Nonce,
    /// The session that it opened.
    pub by: SessionId,
    /// When the link expires.
    pub expires: Timestamp,
}

/// Who has used a link.
pub const BY: &str = "by";

impl UsedLink {
    pub fn to_item(&self) -> Item {
        let key = ItemKey { pk: format!("link#{}", self.nonce.hex()), sk: "used".to_owned() };
        Item::new(key).text(BY, self.by.hex()).expires(self.expires.plus(limits::CLOCK_SKEW))
    }
}

/// The failed tries of a source in the window that began then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedTries {
    pub source: Source,
    pub window: Timestamp,
}

/// How many there are.
pub const FAILED: &str = "failed";

impl FailedTries {
    pub fn key(&self) -> ItemKey {
        ItemKey { pk: format!("tries#{}", self.source.hex()), sk: self.window.key() }
    }

    /// When nobody counts in this window any more.
    pub fn expires(&self) -> Timestamp {
        self.window.plus(limits::FAILED_TRIES_WINDOW).plus(limits::CLOCK_SKEW)
    }

    pub fn to_item(&self, failed: u64) -> Item {
        Item::new(self.key()).number(FAILED, failed).expires(self.expires())
    }

    /// How many the item says.
    pub fn failed(item: &Item) -> Result<u64, ItemError> {
        item.get_number(FAILED)
    }
}
