//! What a person who looks asks of the table: what a webhook has carried, and what it gathers. Eventually consistent, at
//! half the price.

use super::{Range, Table, codec};
use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use bundler::{
    id::{WebhookId, WorkspaceId},
    ports::{Answer, KeepTraffic, Page, PortError, ReadGathering, ReadTraffic},
    table::{
        Item, ItemError,
        attempt::{self, Attempted},
        bucket::{self, BucketRow},
        traffic::{self, CountedDay},
    },
    timestamp::Timestamp,
};

impl Table {
    async fn look<T>(
        &self,
        doing: &'static str,
        query: QueryFluentBuilder,
        read: impl Fn(&Item) -> Result<T, ItemError>,
    ) -> Answer<Page<T>> {
        let (items, after) = self.page(doing, query.consistent_read(false)).await?;
        let after = after.map(codec::sort_key).transpose().map_err(|error| PortError::item(doing, &error))?;
        Ok(Page::of(&items, after, read))
    }
}

impl ReadTraffic for Table {
    async fn read_log(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        after: &str,
        until: &str,
    ) -> Answer<Page<Attempted>> {
        // A range has two ends that belong to it. The text after `after` is itself and a NUL.
        let query = self
            .client()
            .query()
            .key_condition_expression("pk = :pk AND sk BETWEEN :next AND :until")
            .expression_attribute_values(":pk", AttributeValue::S(attempt::partition(workspace, webhook)))
            .expression_attribute_values(":next", AttributeValue::S(format!("{after}\0")))
            .expression_attribute_values(":until", AttributeValue::S(until.to_owned()));
        self.look("reading the log", query, attempt::attempted_from_item).await
    }

    async fn read_counted_days(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        from: Timestamp,
    ) -> Answer<Page<CountedDay>> {
        let range = Range { pk: traffic::partition(workspace, webhook), prefix: "", after: Some(&from.key()) };
        self.look("reading what was counted", range.ask(self.client().query()), CountedDay::from_item).await
    }
}

impl KeepTraffic for Table {
    async fn put_counted_day(&self, workspace: &WorkspaceId, webhook: &WebhookId, counted: &CountedDay) -> Answer<()> {
        self.put("putting what was counted", counted.to_item(workspace, webhook)).await
    }
}

impl ReadGathering for Table {
    async fn read_gathering(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        due: Timestamp,
        shard: u16,
        after: Option<&str>,
        most: u16,
    ) -> Answer<Page<BucketRow>> {
        let prefix = bucket::webhook_prefix(workspace, webhook);
        let range = Range { pk: bucket::partition(due, shard), prefix: &prefix, after };
        let query = range.ask(self.client().query()).limit(i32::from(most));
        self.look("reading what is gathered", query, BucketRow::from_item).await
    }
}
