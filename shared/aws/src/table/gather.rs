//! What ingest asks of the table.

use super::{FREE, Table, codec, failed_condition, unbuilt};
use crate::failure::port_error;
use aws_sdk_dynamodb::{
    operation::put_item::PutItemError,
    types::{Put as PutRequest, ReturnValuesOnConditionCheckFailure::AllOld, TransactWriteItem},
};
use bundler::{
    ports::{Answer, Content, GatherTable, PortError, Put, PutInLane},
    table::{
        Item,
        bucket::{BucketMessage, Pointer, Target},
        lane::LaneMessage,
    },
};

/// What a conditional put of one item found.
enum Found {
    Free,
    Taken(Option<codec::Attributes>),
}

impl Table {
    async fn put_if_free(&self, doing: &'static str, item: Item) -> Answer<Found> {
        let request = self.client().put_item().table_name(&self.name).set_item(Some(codec::attributes(item)));
        let request = request.condition_expression(FREE).return_values_on_condition_check_failure(AllOld);
        let Err(error) = request.send().await else { return Ok(Found::Free) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => Ok(Found::Taken(failed.item.clone())),
            Some(_) | None => Err(port_error(doing, &error)),
        }
    }

    async fn put_late(&self, doing: &'static str, pointer: &Pointer, target: Item) -> Answer<Put> {
        let mut request = self.client().transact_write_items();
        for item in [pointer.to_item(), target.clone()] {
            let put = PutRequest::builder()
                .table_name(&self.name)
                .set_item(Some(codec::attributes(item)))
                .condition_expression(FREE)
                .return_values_on_condition_check_failure(AllOld)
                .build()
                .map_err(|_| unbuilt(doing))?;
            request = request.transact_items(TransactWriteItem::builder().put(put).build());
        }
        let Err(error) = request.send().await else { return Ok(Put::Stored) };
        // Reasons stand in the order of the request: the pointer's key, then the target's.
        match failed_condition(doing, &error)? {
            Some(reason) => occupant(doing, reason.item, &target),
            None => Err(port_error(doing, &error)),
        }
    }
}

/// What stands at a key that the message `wanted`.
fn occupant(doing: &'static str, attributes: Option<codec::Attributes>, wanted: &Item) -> Answer<Put> {
    let item = standing(doing, attributes)?;
    let target = Target::of_item(&item).map_err(|error| PortError::item(doing, &error))?;
    Ok(target.map_or_else(|| Put::Message(Content::of(&item, wanted)), Put::Pointer))
}

/// The item that a condition failed for, which DynamoDB was asked to return.
fn standing(doing: &'static str, attributes: Option<codec::Attributes>) -> Answer<Item> {
    let attributes = attributes.ok_or_else(|| PortError { doing, code: "the answer lacks the item".to_owned() })?;
    codec::item(attributes).map_err(|error| PortError::item(doing, &error))
}

impl GatherTable for Table {
    async fn put_in_bucket(&self, message: &BucketMessage) -> Answer<Put> {
        let (doing, item) = ("putting a message", message.to_item());
        match self.put_if_free(doing, item.clone()).await? {
            Found::Free => Ok(Put::Stored),
            Found::Taken(attributes) => occupant(doing, attributes, &item),
        }
    }

    async fn put_late_in_bucket(&self, pointer: &Pointer, message: &BucketMessage) -> Answer<Put> {
        self.put_late("putting a late message", pointer, message.to_item()).await
    }

    async fn put_in_lane(&self, message: &LaneMessage) -> Answer<PutInLane> {
        let (doing, item) = ("putting a message", message.to_item());
        let taken = match self.put_if_free(doing, item.clone()).await? {
            Found::Free => return Ok(PutInLane::Stored),
            Found::Taken(attributes) => standing(doing, attributes)?,
        };
        let stored = LaneMessage::from_item(&message.delivery(), &taken);
        let progress = stored.map_err(|error| PortError::item(doing, &error))?.progress;
        Ok(PutInLane::Taken(progress, Content::of(&taken, &item)))
    }

    async fn put_late_in_lane(&self, pointer: &Pointer, message: &LaneMessage) -> Answer<Put> {
        self.put_late("putting a late message", pointer, message.to_item()).await
    }
}
