//! What the settings page's door asks of the table.

use super::{FREE, Table, codec};
use crate::failure::{is_condition, port_error};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use bundler::{
    ports::{Answer, CountFailedTry, PortError, UseOnce},
    table::{
        item::EXPIRES,
        portal::{BY, FAILED, FailedTries, UsedLink},
    },
};

impl UseOnce for Table {
    async fn use_once(&self, used: &UsedLink) -> Answer<bool> {
        let request = self
            .client()
            .put_item()
            .table_name(&self.name)
            .set_item(Some(codec::attributes(used.to_item())))
            .condition_expression(format!("{FREE} OR #by = :by"))
            .expression_attribute_names("#by", BY)
            .expression_attribute_values(":by", AttributeValue::S(used.by.hex()));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_condition(&error) => Ok(false),
            Err(error) => Err(port_error("using a portal link", &error)),
        }
    }
}

impl CountFailedTry for Table {
    async fn count_failed_try(&self, tries: &FailedTries) -> Answer<u64> {
        let doing = "counting a failed try";
        let request = self
            .client()
            .update_item()
            .table_name(&self.name)
            .set_key(Some(codec::key(&tries.key())))
            .update_expression("ADD #failed :one SET #expires = :expires")
            .expression_attribute_names("#failed", FAILED)
            .expression_attribute_names("#expires", EXPIRES)
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":expires", AttributeValue::N(tries.expires().seconds().to_string()))
            .return_values(ReturnValue::AllNew);
        let answer = request.send().await.map_err(|error| port_error(doing, &error))?;
        let item = codec::item(answer.attributes.unwrap_or_default());
        item.and_then(|item| FailedTries::failed(&item)).map_err(|error| PortError::item(doing, &error))
    }
}
