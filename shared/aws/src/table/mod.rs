//! The table, in DynamoDB: one method of a port is one request here, with the port's condition as its expression.

mod codec;
mod deliver;
mod gather;
mod sweep;

use crate::failure::port_error;
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use aws_types::SdkConfig;
use bundler::{
    id::{WebhookId, WorkspaceId},
    ports::{Answer, PortError, ReadSettings},
    settings::Settings,
    table::{Item, ItemKey, settings},
};
use std::sync::OnceLock;

pub struct Table {
    config: SdkConfig,
    client: OnceLock<Client>,
    name: String,
}

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

    /// One page of a partition, of the sort keys that begin with `prefix`, behind `after`.
    async fn query(
        &self,
        doing: &'static str,
        pk: String,
        prefix: &str,
        after: Option<&str>,
    ) -> Answer<(Vec<Item>, Option<String>)> {
        let mut request = self.client().query().table_name(&self.name).consistent_read(true);
        if prefix.is_empty() {
            request = request.key_condition_expression("pk = :pk");
        } else {
            request = request
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()));
        }
        if let Some(sk) = after {
            let key = ItemKey { pk: pk.clone(), sk: sk.to_owned() };
            request = request.set_exclusive_start_key(Some(codec::key(&key)));
        }
        let request = request.expression_attribute_values(":pk", AttributeValue::S(pk));
        let answer = request.send().await.map_err(|error| port_error(doing, &error))?;
        let items = answer.items.unwrap_or_default().into_iter().map(codec::item);
        let items = items.collect::<Result<_, _>>().map_err(|error| PortError::item(doing, &error))?;
        let after = answer.last_evaluated_key.and_then(|mut key| match key.remove("sk") {
            Some(AttributeValue::S(sk)) => Some(sk),
            _ => None,
        });
        Ok((items, after))
    }
}

impl ReadSettings for Table {
    async fn read_settings(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Settings>> {
        let doing = "reading settings";
        let item = self.get(doing, &settings::settings_key(workspace, webhook)).await?;
        let read = item.map(|item| settings::settings_from_item(&item)).transpose();
        read.map_err(|error| PortError::item(doing, &error))
    }
}
