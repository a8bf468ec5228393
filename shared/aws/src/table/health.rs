//! What is asked of the table about webhooks that do not take what they are sent.

use super::{FREE, INDEX, Range, Table, codec, failed_condition, unbuilt};
use crate::failure::{is_condition, port_error};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, builders::PutBuilder};
use bundler::{
    health::Health,
    id::{WebhookId, WorkspaceId},
    limits,
    owner::Changed,
    ports::{Answer, CreateWebhook, HeldPage, OwnerTable, Page, PortError, PutHealth, ReadActions, ReadHeld},
    settings::Settings,
    table::{
        action::{self, Action},
        item::{DUE_PK, IndexKey},
        lane::HeldKind,
        settings::{self, If},
        turn::REVISION,
    },
};

impl PutHealth for Table {
    async fn put_health(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Answer<bool> {
        let request = self
            .client()
            .put_item()
            .table_name(&self.name)
            .set_item(Some(codec::attributes(settings::health_to_item(workspace, webhook, &health.risen()))))
            .condition_expression(settings::as_read(health.revision))
            .expression_attribute_names("#revision", REVISION)
            .expression_attribute_values(":revision", AttributeValue::N(health.revision.to_string()));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_condition(&error) => Ok(false),
            Err(error) => Err(port_error("putting health", &error)),
        }
    }
}

impl OwnerTable for Table {
    async fn put_settings_and_health(&self, changed: &Changed) -> Answer<bool> {
        let doing = "changing a webhook";
        let puts = settings::changed_to_puts(changed).into_iter().map(|(item, condition)| {
            let put = Put::builder().table_name(&self.name).set_item(Some(codec::attributes(item)));
            let put = match condition {
                If::AsRead(condition, read) => put
                    .condition_expression(condition)
                    .expression_attribute_names("#revision", REVISION)
                    .expression_attribute_values(":revision", AttributeValue::N(read.to_string())),
                If::Free => put.condition_expression(FREE),
                If::Always => put,
            };
            let put = put.build().map_err(|_| unbuilt(doing))?;
            Ok(TransactWriteItem::builder().put(put).build())
        });
        let puts = puts.collect::<Answer<Vec<_>>>()?;
        let request = self.client().transact_write_items().set_transact_items(Some(puts));
        let Err(error) = request.send().await else { return Ok(true) };
        match failed_condition(doing, &error)? {
            Some(_) => Ok(false),
            None => Err(port_error(doing, &error)),
        }
    }
}

impl CreateWebhook for Table {
    async fn put_new_settings(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        settings: &Settings,
    ) -> Answer<bool> {
        let item = settings::settings_to_item(workspace, webhook, settings);
        let request = self
            .client()
            .put_item()
            .table_name(&self.name)
            .set_item(Some(codec::attributes(item)))
            .condition_expression(FREE);
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_condition(&error) => Ok(false),
            Err(error) => Err(port_error("creating a webhook", &error)),
        }
    }
}

impl ReadActions for Table {
    async fn read_actions(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Page<Action>> {
        let query = Range::all_of(action::partition(workspace, webhook)).ask(self.client().query());
        let most = i32::try_from(limits::RECENT_ACTIONS).unwrap_or(i32::MAX);
        let (items, _) = self.page("reading actions", query.scan_index_forward(false).limit(most)).await?;
        Ok(Page::of(&items, None, Action::from_item))
    }
}

impl ReadHeld for Table {
    async fn read_held(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        kind: HeldKind,
        after: Option<&IndexKey>,
    ) -> Answer<HeldPage> {
        let doing = "reading what is held";
        let query = self
            .client()
            .query()
            .index_name(INDEX)
            .key_condition_expression(format!("{DUE_PK} = :pk"))
            .expression_attribute_values(":pk", AttributeValue::S(kind.partition(workspace, webhook)))
            .set_exclusive_start_key(after.map(codec::index_start));
        let answer = query.table_name(&self.name).send().await.map_err(|error| port_error(doing, &error))?;
        let read = |entry| codec::index_key(entry).map_err(|error| PortError::item(doing, &error));
        let keys = answer.items.unwrap_or_default().into_iter().map(read).collect::<Answer<Vec<_>>>()?;
        Ok(HeldPage::of(&keys, answer.last_evaluated_key.map(read).transpose()?))
    }
}

impl Table {
    /// The health, in a transaction, on the same condition.
    pub(super) fn health_put(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> PutBuilder {
        Put::builder()
            .table_name(&self.name)
            .set_item(Some(codec::attributes(settings::health_to_item(workspace, webhook, &health.risen()))))
            .condition_expression(settings::as_read(health.revision))
            .expression_attribute_names("#revision", REVISION)
            .expression_attribute_values(":revision", AttributeValue::N(health.revision.to_string()))
    }
}
