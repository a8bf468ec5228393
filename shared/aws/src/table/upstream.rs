//! What upstreams ask of the table.

use super::{FREE, Table, codec};
use crate::failure::{is_condition, port_error};
use aws_sdk_dynamodb::types::AttributeValue;
use bundler::{
    id::WorkspaceId,
    ports::{Answer, PortError, PutUpstream, ReadUpstream},
    table::upstream::{self, REVISION},
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
