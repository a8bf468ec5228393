//! `ReadTraffic` and `KeepTraffic`: a span of a webhook's log, and what was counted of its days.

use super::{
    Tables,
    deliver::{attempt, receipt},
    rules,
    values::{DUE, NEXT_DUE, bundle, lane, workspace},
};
use crate::world::at;
use bundler::{
    attempt::Attempt,
    delivery::{DeliveryKey, Lane},
    id::{KeyPart, WebhookId},
    ports::{DeliverTable, KeepTraffic, ReadTraffic},
    table::{
        Item, ItemKey, attempt as row,
        traffic::{CountedDay, Tally},
    },
    window::Window,
};

rules! { Tables:
    the_log_is_read_behind_one_key_and_up_to_another,
    a_log_over_a_megabyte_comes_in_pages_in_order_with_none_lost,
    an_entry_says_whether_it_was_taken_how_many_messages_it_held_and_whether_it_was_a_test,
    an_entry_that_does_not_read_is_counted_and_left_out,
    what_was_counted_reads_back_and_a_later_count_takes_its_place,
    days_are_those_of_the_webhook_from_a_moment_on,
    a_day_that_does_not_read_is_left_out,
}

const FROM: &str = "20210224T170000";
const UNTIL: &str = "20210224T180000";

fn begun(started: &str) -> Attempt {
    attempt(&bundle(&lane("1"), DUE), 1, at(started))
}

fn counted(start: &str, end: &str, calls: u64) -> CountedDay {
    let none = CountedDay::none(Window { start: at(start), end: at(end) });
    CountedDay { tally: Tally { calls, errors: 2, messages: 1 << 40 }, ..none }
}

async fn the_log_is_read_behind_one_key_and_up_to_another(tables: &impl Tables) {
    let moments = ["16:59:59.999", "17:00:00", "17:00:00.5", "17:59:59.999", "18:00:00", "18:00:01"];
    let attempts = moments.map(|moment| begun(&format!("2021-02-24T{moment}Z")));
    let alike = ["acme2", "acm"].map(|id| {
        let lane = Lane { workspace: workspace(id), ..lane("1") };
        attempt(&bundle(&lane, DUE), 1, at("2021-02-24T17:30:00Z"))
    });
    let items = attempts.iter().chain(&alike).map(row::to_item).collect();
    let (table, of) = (tables.holding(items).await, lane("1"));
    let read = async |after: &str, until: &str| {
        let page = table.read_log(&of.workspace, &of.webhook, after, until).await.expect("a page");
        assert_eq!((page.unreadable, page.after), (0, None));
        page.rows.iter().map(|row| row.at).collect::<Vec<_>>()
    };
    assert_eq!(read(FROM, UNTIL).await, [1, 2, 3].map(|index: usize| attempts[index].started), "a moment is no entry");
    let key = |index: usize| row::to_item(&attempts[index]).key.sk;
    assert_eq!(read(&key(1), &key(4)).await, [2, 3, 4].map(|index: usize| attempts[index].started));
    assert_eq!(read(UNTIL, "20210224T190000").await.len(), 2);
    assert_eq!(read("20210225T000000", "20210226T000000").await, []);
}

async fn a_log_over_a_megabyte_comes_in_pages_in_order_with_none_lost(tables: &impl Tables) {
    // Letters that compress to little: a new one each time, by a linear congruence.
    let mut seed = 1_u64;
    let letters = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b' ' + u8::try_from((seed >> 33) % 90).expect("a letter"))
    });
    let body: String = letters.take(60_000).collect();
    let numbered = |second: u64| Attempt {
        request_body: bundler::attempt::Body::Text(body.clone()),
        ..begun(&format!("2021-02-24T17:00:{second:02}Z"))
    };
    let attempts: Vec<_> = (0..50).map(numbered).collect();
    let (table, of) = (tables.holding(attempts.iter().map(row::to_item).collect()).await, lane("1"));
    let (mut read, mut pages, mut after) = (Vec::new(), 0, FROM.to_owned());
    loop {
        let page = table.read_log(&of.workspace, &of.webhook, &after, UNTIL).await.expect("a page");
        read.extend(page.rows.iter().map(|row| row.at));
        pages += 1;
        let Some(next) = page.after else { break };
        after = next;
    }
    assert_eq!(read, attempts.iter().map(|attempt| attempt.started).collect::<Vec<_>>());
    assert!(pages > 1, "it fits one page");
}

async fn an_entry_says_whether_it_was_taken_how_many_messages_it_held_and_whether_it_was_a_test(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let of = lane("1");
    let test = DeliveryKey { lane: Lane { chat: KeyPart::of_tests(), ..of.clone() }, ..bundle(&of, DUE) };
    let taken = Attempt { messages: 12, ..receipt(&bundle(&of, NEXT_DUE)) };
    table.put_receipt(&taken).await.expect("a receipt is put");
    for attempt in [begun("2021-02-24T17:10:00Z"), attempt(&test, 1, at("2021-02-24T17:20:00Z"))] {
        table.put_attempt(&attempt).await.expect("an attempt is put");
    }
    let page = table.read_log(&of.workspace, &of.webhook, FROM, "20210224T190000").await.expect("a page");
    let rows: Vec<_> = page.rows.iter().map(|row| (row.is_taken, row.messages, row.key.lane.is_test())).collect();
    assert_eq!(rows, [(false, 2, false), (false, 2, true), (true, 12, false)]);
}

async fn an_entry_that_does_not_read_is_counted_and_left_out(tables: &impl Tables) {
    let (good, mut bad) = (row::to_item(&begun("2021-02-24T17:10:00Z")), row::to_item(&begun("2021-02-24T17:20:00Z")));
    bad.attributes.clear();
    let (table, of) = (tables.holding(vec![good, bad]).await, lane("1"));
    let page = table.read_log(&of.workspace, &of.webhook, FROM, UNTIL).await.expect("a page");
    assert_eq!((page.rows.len(), page.unreadable, page.after), (1, 1, None));
}

async fn what_was_counted_reads_back_and_a_later_count_takes_its_place(tables: &impl Tables) {
    let (table, of) = (tables.holding(Vec::new()).await, lane("1"));
    let first = counted("2021-02-24T00:00:00Z", "2021-02-25T00:00:00Z", 3);
    let through = row::to_item(&begun("2021-02-24T17:10:00Z")).key.sk;
    let later = CountedDay { through, ..counted("2021-02-24T00:00:00Z", "2021-02-25T00:00:00Z", 9) };
    for counted in [&first, &later, &first] {
        table.put_counted_day(&of.workspace, &of.webhook, counted).await.expect("a count is put");
        let page = table.read_counted_days(&of.workspace, &of.webhook, first.day.start).await.expect("a page");
        assert_eq!((page.rows.as_slice(), page.unreadable), (std::slice::from_ref(counted), 0));
    }
}

async fn days_are_those_of_the_webhook_from_a_moment_on(tables: &impl Tables) {
    let days = [
        counted("2021-02-22T23:00:00Z", "2021-02-23T23:00:00Z", 1),
        counted("2021-02-23T00:00:00Z", "2021-02-24T00:00:00Z", 2),
        counted("2021-02-24T00:00:00Z", "2021-02-24T23:00:00Z", 3),
        counted("2021-02-24T00:00:00Z", "2021-02-25T00:00:00Z", 4),
    ];
    let of = lane("1");
    let others = [("acme2", "default"), ("acme", "default2"), ("acme", "defaul")];
    let others =
        others.map(|(id, webhook)| days[1].to_item(&workspace(id), &WebhookId::parse(webhook).expect("a webhook")));
    let items = days.iter().map(|day| day.to_item(&of.workspace, &of.webhook)).chain(others).collect();
    let table = tables.holding(items).await;
    for (from, expected) in [("2021-02-22T00:00:00Z", 0), ("2021-02-23T00:00:00Z", 1), ("2021-02-24T00:00:00Z", 2)] {
        let page = table.read_counted_days(&of.workspace, &of.webhook, at(from)).await.expect("a page");
        assert_eq!(page.rows, days[expected..]);
    }
}

async fn a_day_that_does_not_read_is_left_out(tables: &impl Tables) {
    let of = lane("1");
    let good = counted("2021-02-24T00:00:00Z", "2021-02-25T00:00:00Z", 3);
    let item = good.to_item(&of.workspace, &of.webhook);
    let elsewhere = |sk: &str| Item { key: ItemKey { sk: sk.to_owned(), ..item.key.clone() }, ..item.clone() };
    // The second was counted through what is not within it.
    let items = vec![item.clone(), elsewhere("20210225T000000#20210226T000000"), elsewhere("today")];
    let table = tables.holding(items).await;
    let page = table.read_counted_days(&of.workspace, &of.webhook, good.day.start).await.expect("a page");
    assert_eq!((page.rows, page.unreadable), (vec![good], 2));
}
