//! What a person who looks asks of the table in memory: what a webhook has carried, and what it gathers.

use super::table::{MemoryTable, Range};
use crate::{
    id::{WebhookId, WorkspaceId},
    ports::{Answer, KeepTraffic, Page, ReadGathering, ReadTraffic},
    table::{
        attempt::{self, Attempted},
        bucket::{self, BucketRow},
        traffic::{self, CountedDay},
    },
    timestamp::Timestamp,
};

impl ReadTraffic for MemoryTable {
    async fn read_log(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        after: &str,
        until: &str,
    ) -> Answer<Page<Attempted>> {
        let pk = attempt::partition(workspace, webhook);
        let range = Range { pk: &pk, prefix: "", after: Some(after), until: Some(until), most: None };
        let (items, after) = self.query_eventually("reading the log", &range)?;
        Ok(Page::of(&items, after, attempt::attempted_from_item))
    }

    async fn read_counted_days(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        from: Timestamp,
    ) -> Answer<Page<CountedDay>> {
        let (pk, from) = (traffic::partition(workspace, webhook), from.key());
        let range = Range { pk: &pk, prefix: "", after: Some(&from), until: None, most: None };
        let (items, after) = self.query_eventually("reading what was counted", &range)?;
        Ok(Page::of(&items, after, CountedDay::from_item))
    }
}

impl KeepTraffic for MemoryTable {
    async fn put_counted_day(&self, workspace: &WorkspaceId, webhook: &WebhookId, counted: &CountedDay) -> Answer<()> {
        let item = counted.to_item(workspace, webhook);
        self.store.request("putting what was counted", |request| request.put(item))
    }
}

impl ReadGathering for MemoryTable {
    async fn read_gathering(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        due: Timestamp,
        shard: u16,
        after: Option<&str>,
        most: u16,
    ) -> Answer<Page<BucketRow>> {
        let (pk, prefix) = (bucket::partition(due, shard), bucket::webhook_prefix(workspace, webhook));
        let range = Range { pk: &pk, prefix: &prefix, after, until: None, most: Some(most) };
        let (items, after) = self.query_eventually("reading what is gathered", &range)?;
        Ok(Page::of(&items, after, BucketRow::from_item))
    }
}
