//! Delivering: what is requested and recorded, in which order, and what a failure keeps.

mod batches;
mod failures;
mod headers;
mod log;
mod parts;

use crate::world::{World, in_chat, message};
use bundler::{
    attempt::Attempt,
    batch::Record,
    delivery::{self, DeliveryKey, Lane, Subject},
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    memory::MemoryTable,
    ports::ReadDelivery,
    recent,
    settings::Switch,
    table::lane::{DeliveryState, Progress},
    window::Granularity,
};
use std::time::Duration;

pub(crate) const SENT: &str = "2021-02-24T16:25:29+0000";

pub(crate) fn lane(chat: &str) -> Lane {
    let workspace = WorkspaceId::parse("acme").expect("an id");
    Lane { workspace, webhook: WebhookId::first(), chat: KeyPart::of(chat) }
}

/// A world at 17:02:45, in which these chats have one message each, and the references that the sweep enqueued, in the
/// order of the chats and known by their names.
fn due(chats: &[&str]) -> (World, Vec<Record>) {
    let world = World::new(Granularity::Hours1);
    for chat in chats {
        world.ingest(&in_chat(chat, message(SENT, "1", chat)));
    }
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    let enqueued = world.take_queue();
    let of_chat = |chat: &&str| {
        let chat_of = |record: &Record| delivery::from_reference(&record.body).expect("a reference").lane.chat;
        let has_chat = |record: &&Record| chat_of(record).as_str() == *chat;
        Record { id: (*chat).to_owned(), ..enqueued.iter().find(has_chat).expect("a reference").clone() }
    };
    let records = chats.iter().map(of_chat).collect();
    world.tape.take();
    (world, records)
}

/// The outcome that stands for a chat's bundle of 17:00.
pub(crate) fn progress(world: &World, chat: &str) -> Option<Progress> {
    let due = crate::world::at("2021-02-24T17:00:00Z");
    let key = DeliveryKey { lane: lane(chat), subject: Subject::Bundle { due, cut: None } };
    let read = crate::world::run(world.table.inner.read_delivery(&key)).expect("the table answers");
    read.map(|delivery| delivery.progress)
}

/// What the log says of the webhook of `acme`, newest first.
fn attempts(world: &World) -> Vec<Attempt> {
    log_of(&world.table.inner, "TimelinesAI")
}

/// As one would read it who names the platform so.
fn log_of(table: &MemoryTable, platform: &str) -> Vec<Attempt> {
    let (workspace, webhook) = (WorkspaceId::parse("acme").expect("an id"), WebhookId::first());
    let read = recent::attempts(table, &workspace, &webhook, limits::LOG_ATTEMPTS, platform);
    let recent = crate::world::run(read).expect("the table answers");
    assert_eq!(recent.unreadable, 0);
    recent.attempts
}

#[test]
fn a_delivery_that_is_taken_at_the_first_try_is_four_requests_to_the_table_and_leaves_one_item() {
    let (world, records) = due(&["1"]);
    let before = world.table.inner.store().items().len();
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    assert_eq!(world.tape.take(), ["read_webhook", "read_delivery", "read_bucket", "post", "put_receipt"]);
    assert_eq!(world.table.inner.store().items().len(), before + 1);
    let expected = Progress { state: DeliveryState::Delivered, attempts: 1, errors: 0, parts_done: 1, next: None };
    assert_eq!(progress(&world, "1"), Some(expected));
}

#[test]
fn a_delivery_that_is_not_taken_has_its_error_counted_then_its_outcome_written_then_its_attempt() {
    let read = ["read_webhook", "read_delivery", "read_bucket"];
    let written = ["post", "put_health", "put_delivery", "put_attempt"];
    let (world, records) = due(&["1"]);
    world.receiver.answers(|_| crate::world::Reply::Status(500));
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    assert_eq!(world.tape.take(), [&read[..], &written].concat());
    // It is the probe then, which is claimed, and goes out if nothing older of its lane waits.
    world.receiver.answers(|_| crate::world::Reply::Status(200));
    world.clock.pass(Duration::from_secs(66));
    world.tick().expect("a tick");
    world.tape.take();
    world.drain();
    assert_eq!(world.tape.take(), [&read[..], &["read_unattempted", "put_health"], &written].concat());
}

#[test]
fn a_bundle_that_is_taken_long_after_it_fell_due_has_its_outcome_written_before_its_attempt() {
    let calls = ["read_webhook", "read_delivery", "read_bucket", "post", "put_delivery", "put_attempt"];
    for (now, is_late) in [("2021-02-24T17:14:59.999Z", false), ("2021-02-24T17:15:00Z", true)] {
        let (world, records) = due(&["1"]);
        world.set_time(now);
        assert_eq!(world.deliver_records(records), Vec::<String>::new());
        assert_eq!(world.tape.take() == calls, is_late, "{now}");
    }
}

#[test]
fn a_message_by_itself_is_sent_and_its_outcome_stands_in_its_item() {
    let world = World::new(Granularity::None);
    world.ingest(&message(SENT, "1", "text"));
    let records = world.take_queue();
    world.tape.take();
    assert_eq!(world.deliver_records(records.clone()), Vec::<String>::new());
    let sending = ["read_webhook", "read_lane_message", "read_files", "post", "set_lane_progress", "put_attempt"];
    assert_eq!(world.tape.take(), sending);
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    assert_eq!(world.tape.take(), ["read_webhook", "read_lane_message"]);
    assert_eq!(world.receiver.texts(), [["text"]]);
}

#[test]
fn a_record_for_a_delivered_bundle_sends_nothing() {
    let (world, records) = due(&["1"]);
    world.deliver_records(records.clone());
    world.tape.take();
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    assert_eq!(world.tape.take(), ["read_webhook", "read_delivery"]);
    assert_eq!(world.receiver.requests().len(), 1);
}

#[test]
fn a_record_for_a_bundle_without_messages_sends_nothing_and_is_done() {
    let (world, mut records) = due(&["1"]);
    records[0].body = records[0].body.replace("\"chat\":\"1\"", "\"chat\":\"2\"");
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    assert_eq!(world.receiver.requests().len(), 0);
}

#[test]
fn an_attempt_keeps_what_was_sent_and_what_came_back() {
    let (world, records) = due(&["1"]);
    world.receiver.answers(|_| crate::world::Reply::Says(200, "thank you".to_owned()));
    world.deliver_records(records);
    let (attempts, requests) = (attempts(&world), world.receiver.requests());
    assert_eq!(attempts.len(), 1);
    let (attempt, request) = (&attempts[0], &requests[0]);
    assert_eq!((attempt.document.attempt, attempt.error, &attempt.url), (1, None, &request.url));
    assert_eq!(attempt.request_headers, request.headers);
    assert_eq!(attempt.request_body, bundler::attempt::Body::of(&request.body));
    let response = attempt.result.as_ref().expect("a response");
    assert_eq!((response.status, &response.body), (200, &bundler::attempt::Body::Text("thank you".to_owned())));
}

#[test]
fn what_is_pending_for_a_webhook_that_is_switched_off_is_held() {
    let (world, records) = due(&["1"]);
    world.configure(|settings| settings.switch = Switch::Off);
    assert_eq!(world.deliver_records(records.clone()), Vec::<String>::new());
    assert_eq!(world.receiver.requests().len(), 0);
    assert_eq!(progress(&world, "1").map(|progress| progress.state), Some(DeliveryState::Held));
    // Its messages stay: when it is switched on again, the same reference delivers them.
    world.configure(|settings| settings.switch = Switch::On);
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    assert_eq!(world.receiver.texts(), [["1"]]);
}

#[test]
fn a_reference_of_a_webhook_that_is_not_there_is_kept_to_be_seen() {
    let (world, mut records) = due(&["1"]);
    records[0].body = records[0].body.replace("acme", "nobody");
    assert_eq!(world.deliver_records(records), ["1"]);
    assert_eq!(world.receiver.requests().len(), 0);
}

#[test]
fn the_record_of_a_bundle_of_ten_common_messages_costs_a_write_unit() {
    let world = World::new(Granularity::Hours1);
    let texts =
        ["When will my order arrive? It is two bar stools.", "It left our warehouse this morning.", "Great, thanks!"];
    for id in 0..10 {
        let text = format!("{} {id}", texts[id % 3]);
        world.ingest(&message("2021-02-24T16:25:29Z", &format!("3EB0C431C26A1916E07A{id:04}"), &text));
    }
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    let records = world.table.inner.store().items().into_iter().filter(|item| {
        item.key.pk.starts_with("log#") || (item.key.pk.starts_with("lane#") && item.key.sk.starts_with("b#"))
    });
    let sizes: Vec<usize> = records.map(|item| item.size_bytes()).collect();
    assert!(sizes.len() == 1 && sizes.iter().all(|bytes| *bytes <= 1_024), "{sizes:?}");
}
