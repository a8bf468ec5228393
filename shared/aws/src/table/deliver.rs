//! What the sender asks of the table.

use super::{FREE, Range, Table, codec, failed_condition, unbuilt};
use crate::failure::{is_condition, port_error};
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem};
use bundler::{
    attempt::Attempt,
    delivery::{DeliveryKey, Lane, Subject},
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    ports::{
        Answer, DeliverTable, Page, PortError, ReadAttempted, ReadAttempts, ReadBucket, ReadDelivery, ReadLaneMessage,
        ReadWebhook,
    },
    settings::Webhook,
    table::{
        attempt::{self, Attempted},
        bucket::{self, BucketRow},
        item::{DUE_PK, DUE_SK},
        lane::{self, Delivery, DeliveryState, LaneMessage},
        settings,
    },
    timestamp::Timestamp,
};

/// What stands there is not delivered and has no more parts done.
const OPEN: &str = "#state <> :delivered AND parts_done <= :parts_done";
/// Attempts in a page, as many as are asked for at a time.
#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "a hundred fits")]
const PAGE: i32 = limits::LOG_ATTEMPTS as i32;

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

impl ReadAttempts for Table {
    async fn read_attempts(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        before: Option<&str>,
    ) -> Answer<Page<Attempt>> {
        let doing = "reading attempts";
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let query = self.client().query().consistent_read(true).scan_index_forward(false).limit(PAGE);
        let query = query.expression_attribute_values(":pk", text(&attempt::partition(workspace, webhook)));
        let query = match before {
            None => query.key_condition_expression("pk = :pk"),
            Some(before) => query
                .key_condition_expression("pk = :pk AND sk < :before")
                .expression_attribute_values(":before", text(before)),
        };
        let (items, after) = self.page(doing, query).await?;
        let after = after.map(codec::sort_key).transpose().map_err(|error| PortError::item(doing, &error))?;
        Ok(Page::of(&items, after, attempt::from_item))
    }
}

impl ReadAttempted for Table {
    async fn read_attempted(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        after: &str,
    ) -> Answer<Page<Attempted>> {
        let range = Range { pk: attempt::partition(workspace, webhook), prefix: "", after: Some(after) };
        let (items, after) = self.query("reading what was attempted", range).await?;
        Ok(Page::of(&items, after, attempt::attempted_from_item))
    }
}

impl ReadDelivery for Table {
    async fn read_delivery(&self, key: &DeliveryKey) -> Answer<Option<Delivery>> {
        let doing = "reading a delivery";
        let (outcome, receipt) = (lane::key(key), attempt::receipt_key(key));
        let (outcome, receipt) = tokio::join!(self.get(doing, &outcome), self.get(doing, &receipt));
        let items: Vec<_> = outcome?.into_iter().chain(receipt?).collect();
        Delivery::from_items(key, &items).map_err(|error| PortError::item(doing, &error))
    }
}

impl Table {
    /// Puts an outcome that is not delivered, unless a receipt says that it is.
    async fn put_unless_receipt(&self, doing: &'static str, put: Put, key: &DeliveryKey) -> Answer<()> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(codec::key(&attempt::receipt_key(key))))
            .condition_expression(FREE)
            .build()
            .map_err(|_| unbuilt(doing))?;
        let request = self
            .client()
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().condition_check(check).build())
            .transact_items(TransactWriteItem::builder().put(put).build());
        let Err(error) = request.send().await else { return Ok(()) };
        match failed_condition(doing, &error)? {
            Some(_) => Ok(()),
            None => Err(port_error(doing, &error)),
        }
    }
}

impl ReadLaneMessage for Table {
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
}

impl DeliverTable for Table {
    async fn read_unattempted(&self, lane: &Lane, after: Option<&str>) -> Answer<Page<DeliveryKey>> {
        let query = Range { pk: lane::partition(lane), prefix: "", after }.ask(self.client().query());
        let query = query
            .filter_expression("#state = :held AND attempts = :none")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":held", AttributeValue::S(DeliveryState::Held.name().to_owned()))
            .expression_attribute_values(":none", AttributeValue::N("0".to_owned()));
        let doing = "reading what waits in a lane";
        let (items, after) = self.page(doing, query).await?;
        let after = after.map(codec::sort_key).transpose().map_err(|error| PortError::item(doing, &error))?;
        Ok(Page::of(&items, after, |item| lane::parse_key(&item.key)))
    }

    async fn put_delivery(&self, delivery: &Delivery, now: Timestamp) -> Answer<()> {
        let (doing, item) = ("putting a delivery", codec::attributes(delivery.to_item(now)));
        let condition = format!("{FREE} OR ({OPEN})");
        match delivery.progress.state {
            DeliveryState::Delivered => {
                let request = self.client().put_item().table_name(&self.name).set_item(Some(item));
                let request = request
                    .condition_expression(condition)
                    .expression_attribute_names("#state", "state")
                    .expression_attribute_values(":delivered", delivered())
                    .expression_attribute_values(":parts_done", parts_done(delivery));
                match request.send().await {
                    Ok(_) => Ok(()),
                    Err(error) if is_condition(&error) => Ok(()),
                    Err(error) => Err(port_error(doing, &error)),
                }
            }
            DeliveryState::Pending
            | DeliveryState::Held
            | DeliveryState::Failed
            | DeliveryState::Expired
            | DeliveryState::Dropped => {
                let put = Put::builder().table_name(&self.name).set_item(Some(item));
                let put = put
                    .condition_expression(condition)
                    .expression_attribute_names("#state", "state")
                    .expression_attribute_values(":delivered", delivered())
                    .expression_attribute_values(":parts_done", parts_done(delivery))
                    .build()
                    .map_err(|_| unbuilt(doing))?;
                self.put_unless_receipt(doing, put, &delivery.key).await
            }
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
            // Under other names: some are words of DynamoDB's own.
            let (target, place) = (format!("#{name}"), format!(":{name}"));
            sets.push(format!("{target} = {place}"));
            request = request.expression_attribute_names(target, name);
            request = request.expression_attribute_values(place, codec::value(value));
        }
        let remove = if gone.is_empty() { String::new() } else { format!(" REMOVE {}", gone.join(", ")) };
        match request.update_expression(format!("SET {}{remove}", sets.join(", "))).send().await {
            Ok(_) => Ok(()),
            Err(error) if is_condition(&error) => Ok(()),
            Err(error) => Err(port_error("recording a message's outcome", &error)),
        }
    }

    async fn put_receipt(&self, attempt: &Attempt) -> Answer<()> {
        let item = codec::attributes(attempt::receipt_to_item(attempt));
        let request = self.client().put_item().table_name(&self.name).set_item(Some(item)).condition_expression(FREE);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_condition(&error) => Ok(()),
            Err(error) => Err(port_error("putting a receipt", &error)),
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
