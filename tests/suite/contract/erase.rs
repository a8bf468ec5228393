//! `EraseTable`: keys are found, what might go out is dropped, and what is deleted is gone.

use super::{
    Tables, rules,
    values::{DUE, bundle, event, in_bucket, lane, outcome},
};
use crate::world::at;
use bundler::{
    limits,
    ports::EraseTable,
    table::{
        Item, ItemKey, bucket,
        bucket::BucketMessage,
        item::{DUE_PK, DUE_SK},
        lane::DeliveryState,
    },
};

rules! { Tables:
    keys_are_those_that_begin_alike_in_order_and_page_by_page,
    a_delivery_that_may_go_out_is_dropped_and_leaves_the_index,
    a_delivery_that_is_over_stays_as_it_is_and_none_is_made,
    what_is_deleted_is_gone_and_what_is_not_there_is_no_fault,
}

fn messages(count: usize, text: &str) -> Vec<BucketMessage> {
    let message = |id| in_bucket(&lane("1"), DUE, event("2021-02-24T16:25:29Z", &format!("{id:03}"), text));
    (0..count).map(message).collect()
}

fn keys(messages: &[BucketMessage]) -> Vec<ItemKey> {
    messages.iter().map(|message| message.slot.key()).collect()
}

async fn keys_are_those_that_begin_alike_in_order_and_page_by_page(tables: &impl Tables) {
    let messages = messages(40, &"x".repeat(60_000));
    let beside = in_bucket(&lane("2"), DUE, event("2021-02-24T16:25:29Z", "1", "text"));
    let table = tables.holding(messages.iter().chain([&beside]).map(BucketMessage::to_item).collect()).await;
    let (pk, prefix) = (bucket::partition(at(DUE), lane("1").shard()), bucket::prefix(&lane("1")));
    let (mut read, mut pages, mut after) = (Vec::new(), 0, None::<String>);
    loop {
        let page = table.read_keys(&pk, &prefix, after.as_deref()).await.expect("a page");
        read.extend(page.rows);
        pages += 1;
        after = page.after;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, keys(&messages));
    assert!(pages >= 3, "2.4 MB came in {pages} pages");
    assert_eq!(table.read_keys("due#none", "", None).await.expect("a page").rows, Vec::new());
}

async fn a_delivery_that_may_go_out_is_dropped_and_leaves_the_index(tables: &impl Tables) {
    for state in [DeliveryState::Pending, DeliveryState::Held, DeliveryState::Failed] {
        let stored = outcome(&bundle(&lane("1"), DUE), state, 3, 1);
        let beside = outcome(&bundle(&lane("2"), DUE), state, 3, 1).to_item(at(DUE));
        let table = tables.holding(vec![stored.to_item(at(DUE)), beside.clone()]).await;
        for _ in 0..2 {
            table.drop_delivery(&stored.key).await.expect("it is dropped");
            let dropped = outcome(&stored.key, DeliveryState::Dropped, 3, 1).to_item(at(DUE));
            assert!(!dropped.attributes.contains_key(DUE_PK) && !dropped.attributes.contains_key(DUE_SK));
            assert_eq!(tables.items(&table).await, [dropped, beside.clone()], "{state:?}");
        }
    }
}

async fn a_delivery_that_is_over_stays_as_it_is_and_none_is_made(tables: &impl Tables) {
    for state in [DeliveryState::Delivered, DeliveryState::Expired, DeliveryState::Dropped] {
        let stored = outcome(&bundle(&lane("1"), DUE), state, 3, 1);
        let table = tables.holding(vec![stored.to_item(at(DUE))]).await;
        table.drop_delivery(&stored.key).await.expect("nothing is done");
        table.drop_delivery(&bundle(&lane("2"), DUE)).await.expect("nothing is done");
        assert_eq!(tables.items(&table).await, [stored.to_item(at(DUE))], "{state:?}");
    }
}

async fn what_is_deleted_is_gone_and_what_is_not_there_is_no_fault(tables: &impl Tables) {
    let messages = messages(limits::DELETE_BATCH + 3, "text");
    let table = tables.holding(messages.iter().map(BucketMessage::to_item).collect()).await;
    let batch = keys(&messages[..limits::DELETE_BATCH]);
    for _ in 0..2 {
        assert_eq!(table.delete_items(&batch).await, Ok(Vec::new()));
        let left: Vec<Item> = messages[limits::DELETE_BATCH..].iter().map(BucketMessage::to_item).collect();
        assert_eq!(tables.items(&table).await, left);
    }
}
