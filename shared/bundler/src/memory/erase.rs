//! What erasing asks of the table in memory.

use super::table::MemoryTable;
use crate::{
    delivery::DeliveryKey,
    ports::{Answer, EraseTable, Page},
    table::{
        ItemKey,
        item::{DUE_PK, DUE_SK},
        lane::{self, DeliveryState},
    },
};

impl EraseTable for MemoryTable {
    async fn read_keys(&self, pk: &str, prefix: &str, after: Option<&str>) -> Answer<Page<ItemKey>> {
        let (items, after) = self.query_bucket("reading keys", pk, prefix, after, None)?;
        Ok(Page::of(&items, after, |item| Ok(item.key.clone())))
    }

    async fn drop_delivery(&self, delivery: &DeliveryKey) -> Answer<()> {
        self.store.request("dropping a delivery", |request| {
            let open = |state: &str| lane::OPEN.iter().any(|open| open.name() == state);
            let stored = request.get(&lane::key(delivery));
            let Some(stored) = stored.filter(|item| item.get_text(lane::STATE).is_ok_and(open)) else { return };
            let mut item = stored.clone().text(lane::STATE, DeliveryState::Dropped.name()).number(lane::NEXT_AT, 0);
            for name in [DUE_PK, DUE_SK] {
                item.attributes.remove(name);
            }
            request.put(item);
        })
    }

    async fn delete_items(&self, keys: &[ItemKey]) -> Answer<Vec<ItemKey>> {
        self.store.request("deleting items", |request| keys.iter().for_each(|key| request.delete(key)))?;
        Ok(Vec::new())
    }
}
