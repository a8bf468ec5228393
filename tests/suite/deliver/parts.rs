//! Bundles over 500 messages or 200 KiB: several documents, in order, each sent until it has arrived.

use super::{SENT, due, progress};
use crate::world::{Reply, World, message};
use bundler::{
    batch::Record,
    table::lane::{DeliveryState, Progress},
    window::Granularity,
};
use std::collections::BTreeSet;

/// A due bundle of messages with these texts.
fn bundle_of(texts: impl Iterator<Item = String>) -> (World, Vec<Record>) {
    let world = World::new(Granularity::Hours1);
    for (id, text) in texts.enumerate() {
        world.ingest(&message(SENT, &format!("{id:05}"), &text));
    }
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    let records = world.take_queue();
    (world, records)
}

fn numbers(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| number.to_string())
}

#[test]
fn a_bundle_of_500_messages_is_one_document() {
    let (world, records) = bundle_of(numbers(500));
    world.deliver_records(records);
    assert_eq!(world.receiver.headers("bundlehook-part"), ["1/1"]);
}

#[test]
fn a_bundle_over_500_messages_goes_out_as_documents_in_order_with_every_message_once() {
    let (world, records) = bundle_of(numbers(1_100));
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    assert_eq!(world.receiver.headers("bundlehook-part"), ["1/3", "2/3", "3/3"]);
    assert_eq!(world.receiver.texts().concat(), numbers(1_100).collect::<Vec<_>>());
    assert!(world.receiver.texts().iter().all(|texts| texts.len() <= 500));
    let ids: BTreeSet<_> = world.receiver.headers("webhook-id").into_iter().collect();
    assert_eq!(ids.len(), 3, "each document has an id of its own");
    for document in world.receiver.documents() {
        assert_eq!(document["chat"]["chat_id"], "10010001");
    }
}

#[test]
fn a_bundle_over_200_kib_goes_out_as_several_documents() {
    let (world, records) = bundle_of((0..7).map(|_| "x".repeat(60_000)));
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    assert_eq!(world.receiver.headers("bundlehook-part"), ["1/3", "2/3", "3/3"]);
    assert_eq!(world.receiver.texts().iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
}

#[test]
fn after_a_failure_of_part_2_a_retry_begins_with_part_2() {
    let (world, records) = bundle_of(numbers(1_100));
    world.receiver.answers(|request| match crate::world::header(request, "bundlehook-part").as_str() {
        "2/3" => Reply::Status(500),
        _ => Reply::Status(200),
    });
    world.deliver_records(records);
    world.next_look();
    let held = progress(&world, "10010001").expect("an outcome");
    let expected = Progress { state: DeliveryState::Held, attempts: 3, errors: 2, parts_done: 1, next: held.next };
    assert_eq!(held, expected);
    world.receiver.answers(|_| Reply::Status(200));
    world.next_look();
    assert_eq!(world.receiver.headers("bundlehook-part"), ["1/3", "2/3", "2/3", "2/3", "3/3"]);
    assert_eq!(world.receiver.headers("bundlehook-attempt"), ["1", "2", "3", "4", "5"]);
    let ids = world.receiver.headers("webhook-id");
    assert_eq!((&ids[1], &ids[2]), (&ids[2], &ids[3]));
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn parts_that_there_is_no_time_for_are_sent_by_the_next_invocation() {
    let (world, records) = bundle_of(numbers(1_100));
    // Of a minute, three requests of 15 seconds leave too little for a fourth; two of 25, for a third.
    *world.receiver.takes.lock().expect("a duration") = std::time::Duration::from_secs(25);
    assert_eq!(world.deliver_records(records.clone()), ["0"]);
    assert_eq!(world.receiver.headers("bundlehook-part"), ["1/3", "2/3"]);
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    assert_eq!(world.receiver.headers("bundlehook-part"), ["1/3", "2/3", "3/3"]);
}

#[test]
fn every_part_says_the_same_of_account_and_chat() {
    let (world, _) = due(&[]);
    let mut first = message("2021-02-24T17:01:00Z", "00000", "first");
    first["chat"]["responsible_name"] = serde_json::json!("Dana");
    world.set_time("2021-02-24T17:03:00Z");
    world.ingest(&first);
    for id in 1..=500 {
        let mut event = message("2021-02-24T17:02:00Z", &format!("{id:05}"), "text");
        event["chat"]["is_new_chat"] = serde_json::json!(false);
        world.ingest(&event);
    }
    world.set_time("2021-02-24T18:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    let documents = world.receiver.documents();
    assert_eq!(documents.len(), 2);
    for document in &documents {
        assert_eq!(
            (&document["chat"], &document["whatsapp_account"]),
            (&documents[0]["chat"], &documents[0]["whatsapp_account"])
        );
        assert_eq!(document["chat"]["responsible_name"], "Amnon", "that of the latest message");
        assert_eq!(document["chat"]["is_new_chat"], true, "any message said so");
    }
    assert_eq!(documents[1]["first_message_timestamp"], "2021-02-24T17:02:00+0000");
}
