//! What the aggregator asks of the table.

use super::{Table, codec};
use crate::failure::{is_condition, port_error};
use aws_sdk_dynamodb::types::AttributeValue;
use bundler::{
    ports::{Answer, Page, PortError, SweepTable},
    table::{
        bucket::{self, BucketRow},
        sweep::{self, Mark},
    },
    timestamp::Timestamp,
};

impl SweepTable for Table {
    async fn read_low_water(&self) -> Answer<Option<Timestamp>> {
        let doing = "reading the low-water mark";
        let item = self.get(doing, &sweep::low_water_key()).await?;
        let read = item.map(|item| sweep::low_water_from_item(&item)).transpose();
        read.map_err(|error| PortError::item(doing, &error))
    }

    async fn raise_low_water(&self, due: Timestamp) -> Answer<()> {
        let item = codec::attributes(sweep::low_water_to_item(due));
        let request = self
            .client()
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR due <= :due")
            .expression_attribute_values(":due", AttributeValue::N(due.millis().to_string()));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_condition(&error) => Ok(()),
            Err(error) => Err(port_error("raising the low-water mark", &error)),
        }
    }

    async fn read_marks(&self, due: Timestamp) -> Answer<Vec<Mark>> {
        let doing = "reading marks";
        // 256 marks of some 100 bytes are one page.
        let (items, _) = self.query(doing, sweep::partition(due), "", None).await?;
        let marks = items.iter().map(|item| Mark::from_item(due, item));
        marks.collect::<Result<_, _>>().map_err(|error| PortError::item(doing, &error))
    }

    async fn put_mark(&self, mark: &Mark) -> Answer<()> {
        self.put("putting a mark", mark.to_item()).await
    }

    async fn read_due(&self, due: Timestamp, shard: u16, after: Option<&str>) -> Answer<Page<BucketRow>> {
        let (items, after) = self.query("reading what is due", bucket::partition(due, shard), "", after).await?;
        Ok(Page::of_bucket(items, after))
    }
}
