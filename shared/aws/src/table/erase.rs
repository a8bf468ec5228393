//! What erasing asks of the table.

use super::{Range, Table, codec, unbuilt};
use crate::failure::{is_condition, port_error};
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use bundler::{
    delivery::DeliveryKey,
    ports::{Answer, EraseTable, Page, PortError},
    table::{
        ItemKey,
        item::{DUE_PK, DUE_SK},
        lane::{self, DeliveryState},
    },
};

impl EraseTable for Table {
    async fn read_keys(&self, pk: &str, prefix: &str, after: Option<&str>) -> Answer<Page<ItemKey>> {
        let doing = "reading keys";
        let query = Range { pk: pk.to_owned(), prefix, after }.ask(self.client().query());
        let (items, after) = self.page(doing, query.projection_expression("pk, sk")).await?;
        let after = after.map(codec::sort_key).transpose().map_err(|error| PortError::item(doing, &error))?;
        Ok(Page::of(&items, after, |item| Ok(item.key.clone())))
    }

    async fn drop_delivery(&self, delivery: &DeliveryKey) -> Answer<()> {
        let text = |state: DeliveryState| AttributeValue::S(state.name().to_owned());
        let mut request = self
            .client()
            .update_item()
            .table_name(&self.name)
            .set_key(Some(codec::key(&lane::key(delivery))))
            .update_expression(format!("SET #state = :dropped, #next = :never REMOVE {DUE_PK}, {DUE_SK}"))
            .condition_expression("#state IN (:open0, :open1, :open2)")
            .expression_attribute_names("#state", lane::STATE)
            .expression_attribute_names("#next", lane::NEXT_AT)
            .expression_attribute_values(":dropped", text(DeliveryState::Dropped))
            .expression_attribute_values(":never", AttributeValue::N("0".to_owned()));
        for (place, open) in lane::OPEN.into_iter().enumerate() {
            request = request.expression_attribute_values(format!(":open{place}"), text(open));
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_condition(&error) => Ok(()),
            Err(error) => Err(port_error("dropping a delivery", &error)),
        }
    }

    async fn delete_items(&self, keys: &[ItemKey]) -> Answer<Vec<ItemKey>> {
        let doing = "deleting items";
        let delete = |key: &ItemKey| {
            let delete = DeleteRequest::builder().set_key(Some(codec::key(key))).build().map_err(|_| unbuilt(doing))?;
            Ok(WriteRequest::builder().delete_request(delete).build())
        };
        let deletes = keys.iter().map(delete).collect::<Answer<Vec<_>>>()?;
        let request = self.client().batch_write_item().request_items(&self.name, deletes);
        let answer = request.send().await.map_err(|error| port_error(doing, &error))?;
        let left = answer.unprocessed_items.unwrap_or_default().into_values().flatten();
        let left = left.filter_map(|request| Some(codec::item(request.delete_request?.key)));
        let left = left.map(|item| item.map(|item| item.key)).collect::<Result<_, _>>();
        left.map_err(|error| PortError::item(doing, &error))
    }
}
