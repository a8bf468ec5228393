//! `ReadGathering`: a webhook's rows in a window's end and a shard, and nobody else's.

use super::{
    Tables, rules,
    values::{DUE, NEXT_DUE, event, in_bucket, lane, pointer, to_bucket, workspace},
};
use crate::world::at;
use bundler::{
    delivery::Lane,
    id::WebhookId,
    ports::ReadGathering,
    table::{
        bucket::{self, BucketMessage, BucketRow},
        cut::Cuts,
    },
};

rules! { Tables:
    rows_are_those_of_the_webhook_in_one_window_and_shard,
    rows_come_in_order_with_cuts_before_the_messages_of_their_chat,
    a_page_has_no_more_rows_than_are_wanted_and_the_next_one_goes_on,
    reading_goes_on_behind_a_chat,
}

const SENT: &str = "2021-02-24T16:25:29Z";
const MOST: u16 = 1_000;

fn in_hook(id: &str, webhook: &str, chat: &str) -> Lane {
    Lane { workspace: workspace(id), webhook: WebhookId::parse(webhook).expect("a webhook"), ..lane(chat) }
}

/// A lane of the webhook in the shard.
fn in_shard(id: &str, webhook: &str, shard: u16) -> Lane {
    let lanes = (0..5_000).map(|number: u32| in_hook(id, webhook, &number.to_string()));
    lanes.into_iter().find(|lane| lane.shard() == shard).expect("a lane")
}

fn shown(rows: &[BucketRow]) -> Vec<String> {
    let row = |row: &BucketRow| match row {
        BucketRow::Message { message, .. } => format!("{} {}", message.slot.lane.chat, message.slot.message),
        BucketRow::Pointer { slot, .. } => format!("{} to {}", slot.lane.chat, slot.message),
        BucketRow::Cuts(cuts) => format!("{} cuts", cuts.lane.chat),
    };
    rows.iter().map(row).collect()
}

async fn rows_are_those_of_the_webhook_in_one_window_and_shard(tables: &impl Tables) {
    let own = lane("1");
    let shard = own.shard();
    let message = |lane: &Lane, due: &str, id: &str| in_bucket(lane, due, event(SENT, id, "text"));
    let mut messages = vec![message(&own, DUE, "own"), message(&own, NEXT_DUE, "later")];
    for (workspace, webhook) in [("acme2", "default"), ("acm", "default"), ("acme", "default2"), ("acme", "defaul")] {
        messages.push(message(&in_shard(workspace, webhook, shard), DUE, "others"));
    }
    messages.push(message(&in_shard("acme", "default", (shard + 1) % 256), DUE, "elsewhere"));
    let table = tables.holding(messages.iter().map(BucketMessage::to_item).collect()).await;
    let page = table.read_gathering(&own.workspace, &own.webhook, at(DUE), shard, None, MOST).await.expect("a page");
    assert_eq!((shown(&page.rows), page.unreadable, page.after), (vec!["1 own".to_owned()], 0, None));
    let others = in_shard("acme2", "default", shard);
    let page = table.read_gathering(&others.workspace, &own.webhook, at(DUE), shard, None, MOST).await;
    assert_eq!(shown(&page.expect("a page").rows), [format!("{} others", others.chat)]);
}

async fn rows_come_in_order_with_cuts_before_the_messages_of_their_chat(tables: &impl Tables) {
    let own = lane("1");
    let late = in_bucket(&own, NEXT_DUE, event("2021-02-24T16:25:30Z", "late", "text"));
    let cuts = Cuts { moments: vec![at(SENT)], ..Cuts::none(at(DUE), own.clone()) };
    let items = vec![
        in_bucket(&own, DUE, event(SENT, "b", "text")).to_item(),
        pointer(&own, DUE, &late.event, to_bucket(NEXT_DUE)).to_item(),
        in_bucket(&own, DUE, event("2021-02-24T16:25:28.5Z", "z", "text")).to_item(),
        cuts.to_item(),
    ];
    let table = tables.holding(items).await;
    let page = table.read_gathering(&own.workspace, &own.webhook, at(DUE), own.shard(), None, MOST).await;
    assert_eq!(shown(&page.expect("a page").rows), ["1 cuts", "1 z", "1 b", "1 to late"]);
}

async fn a_page_has_no_more_rows_than_are_wanted_and_the_next_one_goes_on(tables: &impl Tables) {
    let own = lane("1");
    let messages = (0..7).map(|id| in_bucket(&own, DUE, event(SENT, &id.to_string(), "text")).to_item());
    let table = tables.holding(messages.collect()).await;
    let (mut read, mut after) = (Vec::new(), None::<String>);
    loop {
        let (workspace, webhook) = (&own.workspace, &own.webhook);
        let page = table.read_gathering(workspace, webhook, at(DUE), own.shard(), after.as_deref(), 3).await;
        let page = page.expect("a page");
        assert!(page.rows.len() <= 3);
        read.extend(shown(&page.rows));
        after = page.after;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, (0..7).map(|id| format!("1 {id}")).collect::<Vec<_>>());
}

async fn reading_goes_on_behind_a_chat(tables: &impl Tables) {
    let first = lane("1");
    // The key of one begins like the other's, and the last stands behind both.
    let alike = (0..5_000).map(|number: u32| lane(&format!("1{number}"))).find(|it| it.shard() == first.shard());
    let last = (0..5_000).map(|number: u32| lane(&format!("2{number}"))).find(|it| it.shard() == first.shard());
    let (alike, last) = (alike.expect("a lane"), last.expect("a lane"));
    let messages = [&first, &alike, &last].map(|lane| in_bucket(lane, DUE, event(SENT, "a", "text")).to_item());
    let table = tables.holding(messages.to_vec()).await;
    let behind = async |lane: &Lane| {
        let after = bucket::behind(&bucket::prefix(lane));
        let (workspace, webhook) = (&first.workspace, &first.webhook);
        let page = table.read_gathering(workspace, webhook, at(DUE), first.shard(), Some(&after), MOST).await;
        shown(&page.expect("a page").rows)
    };
    assert_eq!(behind(&first).await, [format!("{} a", alike.chat), format!("{} a", last.chat)]);
    assert_eq!(behind(&alike).await, [format!("{} a", last.chat)]);
    assert_eq!(behind(&last).await, Vec::<String>::new());
}
