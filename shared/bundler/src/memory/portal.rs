//! What the settings page's door asks of the table in memory.

use super::table::MemoryTable;
use crate::{
    ports::{Answer, CountFailedTry, PortError, UseOnce},
    table::portal::{BY, FailedTries, UsedLink},
};

impl UseOnce for MemoryTable {
    async fn use_once(&self, used: &UsedLink) -> Answer<bool> {
        let item = used.to_item();
        self.store.request("using a portal link", |request| {
            let is_own =
                request.standing(&item).is_none_or(|stands| stands.attributes.get(BY) == item.attributes.get(BY));
            if is_own {
                request.put(item);
            }
            is_own
        })
    }
}

impl CountFailedTry for MemoryTable {
    async fn count_failed_try(&self, tries: &FailedTries) -> Answer<u64> {
        let doing = "counting a failed try";
        self.store.request(doing, |request| {
            let before = request.get(&tries.key()).map(FailedTries::failed).transpose();
            let failed = before.map_err(|error| PortError::item(doing, &error))?.unwrap_or_default() + 1;
            request.put(tries.to_item(failed));
            Ok(failed)
        })?
    }
}
