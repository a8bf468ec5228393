//! What upstreams ask of the table.

use super::{FREE, Table, codec};
use crate::failure::{is_condition, port_error};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use bundler::{
    id::{MessageId, WorkspaceId},
    ports::{Answer, FirstSeen, PortError, PutUpstream, ReadUpstream},
    table::{
        item::EXPIRES,
        upstream::{self, AT, REVISION},
    },
    timestamp::Timestamp,
    upstream::Upstream,
};

impl ReadUpstream for Table {
    async fn read_upstream(&self, workspace: &WorkspaceId) -> Answer<Upstream> {
        let doing = "reading the settings of upstreams";
        let item = self.get(doing, &upstream::key(workspace)).await?;
        upstream::from_item(item.as_ref()).map_err(|error| PortError::item(doing, &error))
    }
}

impl PutUpstream for Table {
    async fn put_upstream(&self, workspace: &WorkspaceId, value: &Upstream) -> Answer<bool> {
        let item = codec::attributes(upstream::to_item(workspace, value));
        let request = self.client().put_item().table_name(&self.name).set_item(Some(item));
        let request = match value.revision {
            0 | 1 => request.condition_expression(FREE),
            next => request
                .condition_expression("#revision = :before")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":before", AttributeValue::N((next - 1).to_string())),
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_condition(&error) => Ok(false),
            Err(error) => Err(port_error("putting the settings of upstreams", &error)),
        }
    }
}

impl FirstSeen for Table {
    async fn first_seen(&self, workspace: &WorkspaceId, message: &MessageId, now: Timestamp) -> Answer<Timestamp> {
        let doing = "asking when a message first came";
        let number = |number: u64| AttributeValue::N(number.to_string());
        let request = self
            .client()
            .update_item()
            .table_name(&self.name)
            .set_key(Some(codec::key(&upstream::seen_key(workspace, message))))
            .update_expression("SET #at = if_not_exists(#at, :now), #expires = if_not_exists(#expires, :expires)")
            .expression_attribute_names("#at", AT)
            .expression_attribute_names("#expires", EXPIRES)
            .expression_attribute_values(":now", number(now.millis()))
            .expression_attribute_values(":expires", number(upstream::seen_expires(now).seconds()))
            .return_values(ReturnValue::AllNew);
        let answer = request.send().await.map_err(|error| port_error(doing, &error))?;
        let item = codec::item(answer.attributes.unwrap_or_default());
        item.and_then(|item| upstream::seen_from_item(&item)).map_err(|error| PortError::item(doing, &error))
    }
}
