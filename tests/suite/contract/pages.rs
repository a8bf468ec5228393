//! The queries of buckets, by the sweep (`read_due`) and by the sender (`read_bucket`): their range, order and pages.

use super::{
    Tables, rules,
    values::{DUE, NEXT_DUE, event, in_bucket, lane, pointer, to_bucket},
};
use crate::world::at;
use bundler::{
    delivery::Lane,
    ports::{GatherTable, ReadBucket, SweepTable},
    table::{
        Item,
        bucket::{self, BucketMessage, BucketRow, DueRow},
        stored,
    },
};

rules! { Tables:
    what_is_due_is_one_windows_end_and_one_shard,
    a_bucket_is_one_lane_of_one_windows_end,
    rows_come_in_order_of_timestamp_and_then_of_message,
    messages_and_pointers_read_back_as_they_were_written,
    a_partition_over_a_megabyte_comes_in_pages_in_order_with_none_lost,
    a_page_of_what_is_due_has_no_more_rows_than_are_wanted,
    reading_begins_behind_the_sort_key_it_is_given,
    reading_begins_behind_a_key_that_no_item_has,
    an_item_that_does_not_read_is_counted_and_left_out,
}

const SENT: &str = "2021-02-24T16:25:29Z";

fn ids(rows: &[BucketRow]) -> Vec<String> {
    let id = |row: &BucketRow| match row {
        BucketRow::Message { message, .. } => message.slot.message.to_string(),
        BucketRow::Pointer { slot, .. } => slot.message.to_string(),
        BucketRow::Cuts(_) => "cuts".to_owned(),
    };
    rows.iter().map(id).collect()
}

fn chats(rows: &[DueRow]) -> Vec<String> {
    rows.iter().map(|row| row.lane().chat.to_string()).collect()
}

/// Chats whose lanes are in the shard of the first.
fn same_shard(first: &str, count: usize) -> Vec<Lane> {
    let shard = lane(first).shard();
    let others = (0..).map(|number: u32| lane(&number.to_string())).filter(|lane| lane.shard() == shard);
    std::iter::once(lane(first)).chain(others).take(count).collect()
}

async fn table_with<T: Tables>(tables: &T, messages: &[BucketMessage]) -> T::Table {
    tables.holding(messages.iter().map(BucketMessage::to_item).collect()).await
}

async fn what_is_due_is_one_windows_end_and_one_shard(tables: &impl Tables) {
    let lanes = same_shard("first", 3);
    let elsewhere =
        (0..5_000).map(|number: u32| lane(&format!("e{number}"))).find(|lane| lane.shard() != lanes[0].shard());
    let mut messages: Vec<_> = lanes.iter().map(|lane| in_bucket(lane, DUE, event(SENT, "due", "text"))).collect();
    messages.push(in_bucket(&lanes[0], NEXT_DUE, event(SENT, "later", "text")));
    messages.push(in_bucket(&elsewhere.expect("a lane"), DUE, event(SENT, "elsewhere", "text")));
    let table = table_with(tables, &messages).await;
    let page = table.read_due(at(DUE), lanes[0].shard(), None, None).await.expect("a page");
    let mut expected: Vec<_> = lanes.iter().map(|lane| lane.chat.to_string()).collect();
    expected.sort();
    assert_eq!((chats(&page.rows), page.unreadable, page.after), (expected, 0, None));
}

async fn a_bucket_is_one_lane_of_one_windows_end(tables: &impl Tables) {
    // Chats whose keys begin alike, in the same partition.
    let chat = lane("1");
    let alike = (0..5_000).map(|number: u32| lane(&format!("1{number}"))).find(|lane| lane.shard() == chat.shard());
    let messages = [
        in_bucket(&chat, DUE, event(SENT, "mine", "text")),
        in_bucket(&chat, NEXT_DUE, event(SENT, "later", "text")),
        in_bucket(&alike.expect("a lane"), DUE, event(SENT, "alike", "text")),
    ];
    let page = table_with(tables, &messages).await.read_bucket(at(DUE), &chat, None).await.expect("a page");
    assert_eq!((ids(&page.rows), page.unreadable, page.after), (vec!["mine".to_owned()], 0, None));
}

async fn rows_come_in_order_of_timestamp_and_then_of_message(tables: &impl Tables) {
    let moments = [("2021-02-24T16:00:01Z", "b"), ("2021-02-24T16:00:00.5Z", "d"), ("2021-02-24T16:00:01Z", "B")];
    let moments = moments.into_iter().chain([("2021-02-24T16:00:00Z", "e"), ("2021-02-24T16:00:00.05Z", "a")]);
    let messages: Vec<_> = moments.map(|(moment, id)| in_bucket(&lane("1"), DUE, event(moment, id, "text"))).collect();
    let page = table_with(tables, &messages).await.read_bucket(at(DUE), &lane("1"), None).await.expect("a page");
    assert_eq!(ids(&page.rows), ["e", "a", "d", "B", "b"]);
}

async fn messages_and_pointers_read_back_as_they_were_written(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let on_time = in_bucket(&lane("a#b / ç"), DUE, event(SENT, "x#\u{ffff}y", "שלום 👋\n\u{0}"));
    table.put_in_bucket(&on_time).await.expect("a message is put");
    let late = in_bucket(&lane("a#b / ç"), NEXT_DUE, event("2021-02-24T16:25:30Z", "late", "text"));
    let pointer = pointer(&lane("a#b / ç"), DUE, &late.event, to_bucket(NEXT_DUE));
    table.put_late_in_bucket(&pointer, &late).await.expect("a late message is put");
    let of_lane = table.read_bucket(at(DUE), &on_time.slot.lane, None).await.expect("a page");
    let of_shard = table.read_due(at(DUE), on_time.slot.lane.shard(), None, None).await.expect("a page");
    let lane = on_time.slot.lane.clone();
    let due = [DueRow::Message { lane: lane.clone(), at: on_time.at }, DueRow::Pointer { lane }];
    assert_eq!(of_shard.rows, due);
    let stored_bytes = stored::encode(&on_time.event, &on_time.slot.lane.chat, &on_time.slot.message).len();
    let message = BucketRow::Message { message: Box::new(on_time), stored_bytes };
    let pointer = BucketRow::Pointer { slot: pointer.slot, target: to_bucket(NEXT_DUE) };
    assert_eq!(of_lane.rows, [message, pointer]);
}

async fn a_partition_over_a_megabyte_comes_in_pages_in_order_with_none_lost(tables: &impl Tables) {
    let text = "x".repeat(60_000);
    let numbered = |id: usize| in_bucket(&lane("1"), DUE, event(SENT, &format!("{id:03}"), &text));
    let messages: Vec<_> = (0..40).map(numbered).collect();
    let table = table_with(tables, &messages).await;
    let expected: Vec<_> = (0..40).map(|id| format!("{id:03}")).collect();
    let shard = lane("1").shard();

    let (mut pages, mut read) = (0, Vec::new());
    let mut after: Option<String> = None;
    loop {
        let page = table.read_bucket(at(DUE), &lane("1"), after.as_deref()).await.expect("a page");
        let same = table.read_due(at(DUE), shard, after.as_deref(), None).await.expect("a page");
        assert_eq!((page.rows.len(), &page.after), (same.rows.len(), &same.after));
        pages += 1;
        read.extend(ids(&page.rows));
        after = page.after;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, expected);
    assert!(pages >= 3, "2.4 MB came in {pages} pages");
}

async fn a_page_of_what_is_due_has_no_more_rows_than_are_wanted(tables: &impl Tables) {
    let messages: Vec<_> = (0..7).map(|id| in_bucket(&lane("1"), DUE, event(SENT, &id.to_string(), "text"))).collect();
    let table = table_with(tables, &messages).await;
    for (most, expected) in [(1, vec![1; 7]), (3, vec![3, 3, 1]), (100, vec![7])] {
        let (mut pages, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = table.read_due(at(DUE), lane("1").shard(), after.as_deref(), Some(most)).await.expect("a page");
            pages.push(page.rows.len());
            after = page.after;
            if after.is_none() {
                break;
            }
        }
        // A page that is full says nothing of whether it is the last.
        assert_eq!(pages.into_iter().filter(|rows| *rows > 0).collect::<Vec<_>>(), expected);
    }
}

async fn reading_begins_behind_the_sort_key_it_is_given(tables: &impl Tables) {
    let messages = ["a", "b", "c", "d"].map(|id| in_bucket(&lane("1"), DUE, event(SENT, id, "text")));
    let table = table_with(tables, &messages).await;
    for (read, after) in messages.iter().enumerate() {
        let sk = after.slot.key().sk;
        let page = table.read_bucket(at(DUE), &lane("1"), Some(&sk)).await.expect("a page");
        assert_eq!(ids(&page.rows), ["a", "b", "c", "d"][read + 1..]);
        let page = table.read_due(at(DUE), lane("1").shard(), Some(&sk), None).await.expect("a page");
        assert_eq!(page.rows.len(), 3 - read);
    }
}

async fn reading_begins_behind_a_key_that_no_item_has(tables: &impl Tables) {
    let lanes = same_shard("first", 3);
    let messages: Vec<_> = lanes.iter().map(|lane| in_bucket(lane, DUE, event(SENT, "a", "text"))).collect();
    let table = table_with(tables, &messages).await;
    let mut ordered: Vec<_> = lanes.iter().map(|lane| lane.chat.to_string()).collect();
    ordered.sort();
    for lane in &lanes {
        let before = bucket::prefix(lane);
        let page = table.read_due(at(DUE), lane.shard(), Some(&before), None).await.expect("a page");
        let from = ordered.iter().position(|chat| *chat == lane.chat.to_string()).expect("a chat");
        assert_eq!(chats(&page.rows), ordered[from..]);
        let page = table.read_bucket(at(DUE), lane, Some(&before)).await.expect("a page");
        assert_eq!(ids(&page.rows), ["a"]);
        let behind_all = bucket::behind(&bucket::webhook_prefix(&lane.workspace, &lane.webhook));
        let page = table.read_due(at(DUE), lane.shard(), Some(&behind_all), None).await.expect("a page");
        assert_eq!((page.rows, page.after), (Vec::new(), None));
    }
}

async fn an_item_that_does_not_read_is_counted_and_left_out(tables: &impl Tables) {
    let good = in_bucket(&lane("1"), DUE, event(SENT, "good", "text")).to_item();
    let mut key = good.key.clone();
    key.sk.push_str("#more");
    let bad = Item { key, ..good.clone() };
    let table = tables.holding(vec![good, bad]).await;
    let page = table.read_bucket(at(DUE), &lane("1"), None).await.expect("a page");
    assert_eq!((ids(&page.rows), page.unreadable, page.after), (vec!["good".to_owned()], 1, None));
    let page = table.read_due(at(DUE), lane("1").shard(), None, None).await.expect("a page");
    assert_eq!((chats(&page.rows), page.unreadable, page.after), (vec!["1".to_owned()], 1, None));
}
