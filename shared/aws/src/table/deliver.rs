//! What the sender asks of the table.

use super::{Range, Table, codec};
use crate::failure::{is_condition, port_error};
use aws_sdk_dynamodb::types::AttributeValue;
use bundler::{
    attempt::Attempt,
    delivery::{DeliveryKey, Lane, Subject},
    id::{KeyPart, WebhookId, WorkspaceId},
    ports::{Answer, DeliverTable, Page, PortError, ReadBucket, ReadDelivery, ReadWebhook},
    settings::Webhook,
    table::{
        attempt,
        bucket::{self, BucketRow},
        item::{DUE_PK, DUE_SK},
        lane::{self, Delivery, DeliveryState, LaneMessage},
        settings,
    },
    timestamp::Timestamp,
};

/// What stands there is not delivered and has no more parts done.
const OPEN: &str = "#state <> :delivered AND parts_done <= :parts_done";

impl ReadWebhook for Table {
    async fn read_webhook(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Webhook>> {
        let doing = "reading a webhook";
        let (items, _) = self.query(doing, Range::all_of(settings::partition(workspace, webhook))).await?;
        settings::webhook_from_items(&items).map_err(|error| PortError::item(doing, &error))
    }
}

impl ReadBucket for Table {
    async fn read_bucket(&self, due: Timestamp, lane: &Lane, after: Option<&str>) -> Answer<Page<BucketRow>> {
        let (pk, prefix) = (bucket::partition(due, lane.shard()), bucket::prefix(lane));
        let (items, after) = self.query("reading a bucket", Range { pk, prefix: &prefix, after }).await?;
        Ok(Page::of(&items, after, BucketRow::from_item))
    }
}

impl ReadDelivery for Table {
    async fn read_delivery(&self, key: &DeliveryKey) -> Answer<Option<Delivery>> {
        let doing = "reading a delivery";
        let item = self.get(doing, &lane::key(key)).await?;
        let read = item.map(|item| Delivery::from_item(key, &item)).transpose();
        read.map_err(|error| PortError::item(doing, &error))
    }
}

impl DeliverTable for Table {
    async fn read_lane_message(
        &self,
        lane: &Lane,
        timestamp: Timestamp,
        message: &KeyPart,
    ) -> Answer<Option<LaneMessage>> {
        let doing = "reading a message";
        let key = DeliveryKey { lane: lane.clone(), subject: Subject::Message { timestamp, message: message.clone() } };
        let item = self.get(doing, &lane::key(&key)).await?;
        let read = item.map(|item| LaneMessage::from_item(&key, &item)).transpose();
        read.map_err(|error| PortError::item(doing, &error))
    }

    async fn put_delivery(&self, delivery: &Delivery, now: Timestamp) -> Answer<()> {
        let request = self
            .client()
            .put_item()
            .table_name(&self.name)
            .set_item(Some(codec::attributes(delivery.to_item(now))))
            .condition_expression(format!("attribute_not_exists(pk) OR ({OPEN})"))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":delivered", delivered())
            .expression_attribute_values(":parts_done", parts_done(delivery));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_condition(&error) => Ok(()),
            Err(error) => Err(port_error("putting a delivery", &error)),
        }
    }

    async fn set_lane_progress(&self, delivery: &Delivery) -> Answer<()> {
        let mut request = self
            .client()
            .update_item()
            .table_name(&self.name)
            .set_key(Some(codec::key(&lane::key(&delivery.key))))
            .condition_expression(format!("attribute_exists(pk) AND {OPEN}"))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":delivered", delivered());
        let outcome = delivery.outcome();
        let mut sets = Vec::new();
        let gone: Vec<&str> = [DUE_PK, DUE_SK].into_iter().filter(|name| !outcome.contains_key(*name)).collect();
        for (name, value) in outcome {
            let (target, place) = (if name == "state" { "#state" } else { name.as_str() }, format!(":{name}"));
            sets.push(format!("{target} = {place}"));
            request = request.expression_attribute_values(place, codec::value(value));
        }
        let remove = if gone.is_empty() { String::new() } else { format!(" REMOVE {}", gone.join(", ")) };
        match request.update_expression(format!("SET {}{remove}", sets.join(", "))).send().await {
            Ok(_) => Ok(()),
            Err(error) if is_condition(&error) => Ok(()),
            Err(error) => Err(port_error("recording a message's outcome", &error)),
        }
    }

    async fn put_attempt(&self, attempt: &Attempt) -> Answer<()> {
        self.put("putting an attempt", attempt::to_item(attempt)).await
    }
}

fn delivered() -> AttributeValue {
    AttributeValue::S(DeliveryState::Delivered.name().to_owned())
}

fn parts_done(delivery: &Delivery) -> AttributeValue {
    AttributeValue::N(delivery.progress.parts_done.to_string())
}
