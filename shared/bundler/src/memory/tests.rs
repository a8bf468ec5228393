//! What the memory adapters count, with numbers worked out by hand from the rules that `consumed` names.

use super::{Consistency, Cost, MemoryQueue, MemoryTable, Store};
use crate::{
    delivery::{DeliveryKey, Lane, Subject},
    id::{KeyPart, WebhookId, WorkspaceId},
    native,
    ports::{Answer, Clock, CutTable, DeliverTable, Enqueue, GatherTable, QueueEntry, ReadDelivery, SweepTable},
    samples,
    table::{
        Item, ItemKey,
        bucket::{BucketMessage, Pointer, Slot, Target},
        item::{DUE_PK, DUE_SK},
        lane::{Delivery, DeliveryState, Progress},
    },
    timestamp::Timestamp,
};
use futures_util::FutureExt;
use std::{future::Future, time::Duration};

/// An item that DynamoDB weighs as so many bytes: 7 for its key and the key's names, and an attribute.
fn weighing(bytes: usize) -> Item {
    let item = Item::new(ItemKey { pk: "p".to_owned(), sk: "s".to_owned() });
    let item = item.text("a", "x".repeat(bytes - 7));
    assert_eq!(item.size_bytes(), bytes);
    item
}

fn held(pk: &str, sk: &str) -> Item {
    weighing(2_000).text(DUE_PK, pk).text(DUE_SK, sk)
}

#[test]
fn a_consistent_read_takes_a_unit_for_each_4_kb_and_an_eventual_one_half_of_it() {
    let halves = |bytes| [Consistency::Strong, Consistency::Eventual].map(|how| Cost::get(bytes, how).read_halves);
    assert_eq!(halves(1), [2, 1]);
    assert_eq!(halves(4_096), [2, 1]);
    assert_eq!(halves(4_097), [4, 2]);
    assert_eq!(halves(10_000), [6, 3], "10 KB are 12 KB");
}

#[test]
fn a_missing_item_costs_the_least_there_is() {
    assert_eq!(Cost::get(0, Consistency::Strong).read_halves, 2);
    assert_eq!(Cost::query(0, Consistency::Eventual).read_halves, 1);
}

#[test]
fn a_write_takes_a_unit_for_each_kb_begun() {
    assert_eq!(
        [1, 500, 1_024, 1_025, 1_600, 310 * 1_024].map(|bytes| Cost::write(bytes).write_units),
        [1, 1, 1, 2, 2, 310]
    );
}

#[test]
fn a_transaction_takes_twice_what_each_item_takes() {
    // The developer guide's own example: three items of 500 bytes are six units.
    assert_eq!(Cost::transaction([500, 500, 500]), Cost { requests: 1, write_units: 6, ..Cost::default() });
    assert_eq!(Cost::transaction([458, 1_025]).write_units, 2 + 4);
}

#[test]
fn an_item_outside_the_index_costs_it_nothing() {
    let (before, after) = (weighing(300_000), weighing(3_000));
    assert_eq!(Cost::index(Some(&before), Some(&after)), Cost::default());
    assert_eq!(Cost::index(None, Some(&after.text(DUE_PK, "half a key"))), Cost::default());
}

#[test]
fn entering_and_leaving_the_index_is_a_write_each_and_changing_the_key_there_is_both() {
    let (first, second, none) = (held("held#1", "1"), held("held#1", "2"), weighing(2_000));
    let units = |before, after| Cost::index(before, after).write_units;
    assert_eq!(units(None, Some(&first)), 1);
    assert_eq!(units(Some(&none), Some(&first)), 1);
    assert_eq!(units(Some(&first), Some(&second)), 2);
    assert_eq!(units(Some(&first), Some(&none)), 1);
    assert_eq!(units(Some(&first), None), 1);
    assert_eq!(units(Some(&first), Some(&first.clone().number("errors", 2))), 0, "its keys are all that it holds");
}

#[test]
fn an_entry_of_the_index_weighs_its_keys_alone() {
    // 2,048 bytes in due_sk, 6 + 6 of names, 6 in due_pk and 6 of the item's own key: over 2 KB.
    assert_eq!(Cost::index(None, Some(&held("held#1", &"x".repeat(2_048)))).write_units, 3);
}

#[test]
fn a_queue_bills_a_request_for_each_10_messages_and_each_64_kb() {
    let billed = |messages, bytes| Cost::queue(messages, bytes).queue_requests;
    assert_eq!(billed(10, 2_000), 1);
    assert_eq!(billed(10, 65_536), 1);
    assert_eq!(billed(10, 65_537), 2);
    assert_eq!(billed(1, 1_048_576), 16);
    assert_eq!(billed(0, 0), 1, "an empty receive");
    assert_eq!(Cost::queue(25, 0), Cost { requests: 3, queue_requests: 3, ..Cost::default() });
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect(text)
}

/// A message of the window that ends at 17:00, whose item weighs so many bytes more than one without text.
fn message(id: &str, text_bytes: usize) -> BucketMessage {
    let native = samples::message("2021-02-24T16:25:29+0000", id, &"x".repeat(text_bytes));
    let event = native::parse(&native, "").expect("an event");
    let lane = Lane { workspace: event.workspace.clone(), webhook: WebhookId::first(), chat: KeyPart::of("10010001") };
    let slot =
        Slot { due: at("2021-02-24T17:00:00Z"), lane, timestamp: event.message.timestamp, message: KeyPart::of(id) };
    BucketMessage { slot, event, at: at("2021-02-24T16:25:30Z") }
}

/// Runs a port's method, which in memory is ready at once, and says what it consumed.
fn cost<T>(table: &MemoryTable, answer: impl Future<Output = Answer<T>>) -> Cost {
    answer.now_or_never().expect("memory does not wait").expect("memory answers");
    table.store().take_consumed().total()
}

fn wrote(write_units: u64) -> Cost {
    Cost { requests: 1, write_units, ..Cost::default() }
}

fn read(units: u64) -> Cost {
    Cost { requests: 1, read_halves: 2 * units, ..Cost::default() }
}

#[test]
fn a_message_is_one_write_and_its_redelivery_costs_what_the_larger_of_the_two_does() {
    let table = MemoryTable::new(Store::default());
    let common = message("1", 40);
    assert!((300..1_024).contains(&common.to_item().size_bytes()), "{} bytes", common.to_item().size_bytes());
    assert_eq!(cost(&table, table.put_in_bucket(&common)), wrote(1));
    assert_eq!(cost(&table, table.put_in_bucket(&common)), wrote(1));
    assert_eq!(cost(&table, table.put_in_bucket(&message("1", 2_048))), wrote(3), "what was to be put is larger");
    assert_eq!(cost(&table, table.put_in_bucket(&message("2", 2_048))), wrote(3));
    assert_eq!(cost(&table, table.put_in_bucket(&message("2", 0))), wrote(3), "what stands there is larger");
}

#[test]
fn a_late_message_is_a_transaction_of_two_items_whether_it_is_stored_or_not() {
    let table = MemoryTable::new(Store::default());
    let message = message("1", 40);
    let slot = Slot { due: at("2021-02-24T16:00:00Z"), ..message.slot.clone() };
    let pointer = Pointer { slot, target: Target::Bucket { due: message.slot.due }, at: message.at };
    for _ in 0..2 {
        assert_eq!(cost(&table, table.put_late_in_bucket(&pointer, &message)), wrote(4));
    }
}

#[test]
fn a_query_pays_for_the_sum_of_what_it_reads_and_a_page_for_no_more_than_itself() {
    let table = MemoryTable::new(Store::default());
    let (due, shard) = (at("2021-02-24T17:00:00Z"), message("1", 0).slot.lane.shard());
    assert_eq!(cost(&table, table.read_due(due, shard, None, None)), read(1), "nothing is there");
    let mut bytes = 0;
    for id in 0..10 {
        let message = message(&id.to_string(), 1_000);
        bytes += message.to_item().size_bytes();
        cost(&table, table.put_in_bucket(&message));
    }
    assert!((13_000..16_384).contains(&bytes), "{bytes} bytes are four units, and ten items of one unit each are ten");
    assert_eq!(cost(&table, table.read_due(due, shard, None, None)), read(4));
    // Behind the small ones, in order: `9` comes before `large`.
    for id in 0..20 {
        cost(&table, table.put_in_bucket(&message(&format!("large {id:02}"), 60_000)));
    }
    let page = table.read_due(due, shard, None, None).now_or_never().expect("at once").expect("a page");
    // It ends with the item that takes it to 1 MB: the 18th of the large ones.
    let large = message("large 00", 60_000).to_item().size_bytes();
    assert_eq!((bytes + 17 * large) / 1_048_576, 0);
    assert_eq!((page.rows.len(), page.after.is_some()), (28, true));
    assert_eq!(table.store().take_consumed().total(), read((bytes + 18 * large).div_ceil(4_096) as u64));
}

#[test]
fn reading_one_item_pays_for_it_alone_and_for_a_missing_one_the_least() {
    let table = MemoryTable::new(Store::default());
    let key = DeliveryKey {
        lane: message("1", 0).slot.lane,
        subject: Subject::Bundle { due: at("2021-02-24T17:00:00Z"), cut: None },
    };
    assert_eq!(cost(&table, table.read_cuts(key.due(), &key.lane)), read(1));
    let both = Cost { requests: 2, ..read(2) };
    assert_eq!(cost(&table, table.read_delivery(&key)), both, "the outcome and the receipt, each by itself");
}

#[test]
fn a_delivery_that_is_held_pays_for_the_index_and_again_when_it_leaves_it() {
    let table = MemoryTable::new(Store::default());
    let key = DeliveryKey {
        lane: message("1", 0).slot.lane,
        subject: Subject::Bundle { due: at("2021-02-24T17:00:00Z"), cut: None },
    };
    let put = |state, attempts| {
        let delivery = Delivery { key: key.clone(), progress: Progress { state, attempts, ..Progress::NONE } };
        cost(&table, table.put_delivery(&delivery, at("2021-02-24T17:01:00Z")))
    };
    // Twice the item and twice the look for a receipt, and the entry.
    assert_eq!(put(DeliveryState::Held, 1), wrote(2 + 2 + 1));
    assert_eq!(put(DeliveryState::Held, 2), wrote(2 + 2), "its place in the index is the same");
    assert_eq!(put(DeliveryState::Delivered, 3), wrote(2));
    assert_eq!(put(DeliveryState::Delivered, 4), wrote(1), "not written, because it was delivered before");
    assert_eq!(put(DeliveryState::Held, 5), wrote(2 + 2), "nor is this");
}

#[test]
fn the_index_is_read_eventually_consistent_and_pays_for_its_keys_alone() {
    let table = MemoryTable::new(Store::default());
    let workspaces: Vec<_> = (0..80).map(|id| WorkspaceId::parse(&format!("{id:064}")).expect("an id")).collect();
    let now = at("2021-02-24T17:01:00Z");
    let half = |halves| Cost { requests: 1, read_halves: halves, ..Cost::default() };
    assert_eq!(cost(&table, table.read_appointments(now, None)), half(1), "nothing is there");
    for workspace in &workspaces {
        assert_eq!(cost(&table, table.raise_turn(workspace, &WebhookId::first(), now)), wrote(2), "and its entry");
    }
    // 80 entries of 116 bytes, `hook#`, 64 of the workspace, `#default`, `turn`, `at#0`, 15 of the moment and 16 of names:
    // 9,280 bytes.
    assert_eq!(cost(&table, table.read_appointments(now, None)), half(3));
}

#[test]
fn ten_messages_are_a_request_to_the_queue_each_way_and_an_empty_receive_is_one_too() {
    let queue = MemoryQueue::new(Store::default(), Noon, Duration::from_secs(60), 5);
    let entry = |id: usize| QueueEntry {
        reference: "reference".to_owned(),
        group: id.to_string(),
        deduplication_id: id.to_string(),
    };
    let entries: Vec<_> = (0..10).map(entry).collect();
    queue.enqueue(&entries).now_or_never().expect("at once").expect("taken");
    let received = queue.receive(10).expect("the queue hands out");
    queue.finish_all(&received).expect("finished");
    assert_eq!((received.len(), queue.receive(10).expect("the queue hands out").len()), (10, 0));
    let consumed = queue.take_consumed();
    let billed = ["enqueueing", "receiving", "finishing"].map(|doing| consumed.of(doing).queue_requests);
    assert_eq!((billed, consumed.total().queue_requests), ([1, 2, 1], 4));
    assert_eq!((consumed.total().write_units, consumed.total().read_halves), (0, 0), "a queue is no table");
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        at("2021-02-24T12:00:00Z")
    }
}
