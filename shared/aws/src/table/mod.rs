//! The table, in DynamoDB: one method of a port is one request here, with the port's condition as its expression.

mod codec;
mod deliver;
mod erase;
mod files;
mod gather;
mod health;
mod portal;
mod sweep;
mod upstream;
mod watch;

use crate::failure::port_error;
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{query::builders::QueryFluentBuilder, transact_write_items::TransactWriteItemsError},
    types::{AttributeValue, CancellationReason},
};
use aws_types::SdkConfig;
use bundler::{
    id::{WebhookId, WorkspaceId},
    ports::{Answer, PortError, ReadSettings},
    settings::{Gathering, Settings},
    table::{Item, ItemKey, bucket, settings},
};
use std::sync::OnceLock;

pub struct Table {
    config: SdkConfig,
    client: OnceLock<Client>,
    name: String,
}

/// The sparse index, as the template names it.
const INDEX: &str = "due";
/// No item stands at the key.
const FREE: &str = "attribute_not_exists(pk)";

impl Table {
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self { config: config.clone(), client: OnceLock::new(), name }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Made when it is first needed: a client parses all of AWS's partitions, which costs as much as a bare function's
    /// whole start.
    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(&self.config))
    }

    /// Sets a webhook's settings, as the operator does: `PutItem`.
    pub async fn put_settings(&self, workspace: &WorkspaceId, webhook: &WebhookId, value: &Settings) -> Answer<()> {
        self.put("putting settings", settings::settings_to_item(workspace, webhook, value)).await
    }

    async fn get(&self, doing: &'static str, key: &ItemKey) -> Answer<Option<Item>> {
        let request = self.client().get_item().table_name(&self.name).consistent_read(true);
        let request = request.set_key(Some(codec::key(key)));
        let answer = request.send().await.map_err(|error| port_error(doing, &error))?;
        answer.item.map(codec::item).transpose().map_err(|error| PortError::item(doing, &error))
    }

    async fn put(&self, doing: &'static str, item: Item) -> Answer<()> {
        let request = self.client().put_item().table_name(&self.name).set_item(Some(codec::attributes(item)));
        request.send().await.map(|_| ()).map_err(|error| port_error(doing, &error))
    }

    /// One page of what `query` asks for: its items, and the last key read, if there may be more behind it.
    async fn page(
        &self,
        doing: &'static str,
        query: QueryFluentBuilder,
    ) -> Answer<(Vec<Item>, Option<codec::Attributes>)> {
        let answer = query.table_name(&self.name).send().await.map_err(|error| port_error(doing, &error))?;
        let items = answer.items.unwrap_or_default().into_iter().map(codec::item);
        let items = items.collect::<Result<_, _>>().map_err(|error| PortError::item(doing, &error))?;
        Ok((items, answer.last_evaluated_key))
    }

    /// One page of a partition, of the sort keys that begin with `prefix`, behind `after`.
    async fn query(&self, doing: &'static str, range: Range<'_>) -> Answer<(Vec<Item>, Option<String>)> {
        let (items, after) = self.page(doing, range.ask(self.client().query())).await?;
        let after = after.map(codec::sort_key).transpose().map_err(|error| PortError::item(doing, &error))?;
        Ok((items, after))
    }
}

/// A part of a partition.
struct Range<'a> {
    pk: String,
    /// What the sort keys begin with.
    prefix: &'a str,
    /// Behind this sort key, which need not be one of an item.
    after: Option<&'a str>,
}

impl Range<'_> {
    fn all_of(pk: String) -> Self {
        Self { pk, prefix: "", after: None }
    }

    fn ask(self, query: QueryFluentBuilder) -> QueryFluentBuilder {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let query = query.consistent_read(true).expression_attribute_values(":pk", AttributeValue::S(self.pk));
        match (self.prefix, self.after) {
            ("", None) => query.key_condition_expression("pk = :pk"),
            ("", Some(after)) => query
                .key_condition_expression("pk = :pk AND sk > :after")
                .expression_attribute_values(":after", text(after)),
            (prefix, None) => query
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", text(prefix)),
            // There is no condition for both. The text after `after` is itself and a NUL.
            (prefix, Some(after)) => query
                .key_condition_expression("pk = :pk AND sk BETWEEN :next AND :last")
                .expression_attribute_values(":next", AttributeValue::S(format!("{after}\0")))
                .expression_attribute_values(":last", AttributeValue::S(bucket::behind(prefix))),
        }
    }
}

/// Of a transaction that failed, the first condition that does not hold; nothing, if it was no condition's doing and the
/// error says what was. What it was cancelled for otherwise is the error.
fn failed_condition<R>(
    doing: &'static str,
    error: &SdkError<TransactWriteItemsError, R>,
) -> Answer<Option<CancellationReason>> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return Ok(None);
    };
    let reasons = cancelled.cancellation_reasons();
    if let Some(failed) = reasons.iter().find(|reason| reason.code() == Some("ConditionalCheckFailed")) {
        return Ok(Some(failed.clone()));
    }
    let code = reasons.iter().filter_map(|reason| reason.code()).find(|code| *code != "None");
    Err(PortError { doing, code: code.unwrap_or("TransactionCanceledException").to_owned() })
}

/// A request without what it cannot be without: a bug.
fn unbuilt(doing: &'static str) -> PortError {
    PortError { doing, code: "request could not be built".to_owned() }
}

impl ReadSettings for Table {
    async fn read_settings(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Gathering>> {
        let doing = "reading settings";
        let item = self.get(doing, &settings::settings_key(workspace, webhook)).await?;
        let read = item.map(|item| settings::gathering_from_item(&item)).transpose();
        read.map_err(|error| PortError::item(doing, &error))
    }
}
