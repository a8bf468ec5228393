//! What upstreams ask of the table in memory.

use super::table::MemoryTable;
use crate::{
    id::{MessageId, WorkspaceId},
    ports::{Answer, FirstSeen, PortError, PutUpstream, ReadUpstream},
    table::upstream::{self, REVISION},
    timestamp::Timestamp,
    upstream::Upstream,
};

impl ReadUpstream for MemoryTable {
    async fn read_upstream(&self, workspace: &WorkspaceId) -> Answer<Upstream> {
        let doing = "reading the settings of upstreams";
        let item = self.get(doing, &upstream::key(workspace))?;
        upstream::from_item(item.as_ref()).map_err(|error| PortError::item(doing, &error))
    }
}

impl PutUpstream for MemoryTable {
    async fn put_upstream(&self, workspace: &WorkspaceId, value: &Upstream) -> Answer<bool> {
        let item = upstream::to_item(workspace, value);
        self.store.request("putting the settings of upstreams", |request| {
            let stands = request.standing(&item).and_then(|stored| stored.get_number(REVISION).ok());
            let is_next = stands.unwrap_or(0) + 1 == value.revision.max(1);
            if is_next {
                request.put(item);
            }
            is_next
        })
    }
}

impl FirstSeen for MemoryTable {
    async fn first_seen(&self, workspace: &WorkspaceId, message: &MessageId, now: Timestamp) -> Answer<Timestamp> {
        // DynamoDB keeps it in milliseconds, too.
        let (doing, item) = ("asking when a message first came", upstream::seen_to_item(workspace, message, now));
        self.store.request(doing, |request| {
            let stands = request.standing(&item).cloned().unwrap_or(item);
            request.put(stands.clone());
            upstream::seen_from_item(&stands).map_err(|error| PortError::item(doing, &error))
        })?
    }
}
