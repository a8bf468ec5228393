//! Finding what is due: when it is read, that each bundle is enqueued once, and what it costs.

mod cuts;
mod fan_out;
mod spread;
mod trouble;
mod turns;

use crate::world::{World, at, in_chat, message, run};
use bundler::{
    delivery::{self, Lane, Subject},
    id::{KeyPart, WebhookId, WorkspaceId},
    ports::SweepTable,
    window::Granularity,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const SENT: &str = "2021-02-24T16:25:29+0000";
/// The grace of 17:00 is over, and the two minutes after it.
const ALL_READABLE: &str = "2021-02-24T17:02:45Z";

fn shard(chat: &str) -> u16 {
    let workspace = WorkspaceId::parse("acme").expect("an id");
    Lane { workspace, webhook: WebhookId::first(), chat: KeyPart::of(chat) }.shard()
}

/// Chats of one shard.
fn chats_of_shard(wanted: u16) -> impl Iterator<Item = String> {
    (0..).map(|number: u32| number.to_string()).filter(move |chat| shard(chat) == wanted)
}

/// A world in which 17:00 is the next that falls due.
fn world() -> World {
    let world = World::new(Granularity::Hours1);
    world.everything_is_swept_until(at("2021-02-24T16:45:00Z"));
    world
}

/// A world in which these chats have a message each, due at 17:00, when all of them may be read.
fn world_with(chats: impl IntoIterator<Item = String>) -> World {
    let world = world();
    for chat in chats {
        world.ingest(&in_chat(&chat, message(SENT, "1", &chat)));
    }
    world.set_time(ALL_READABLE);
    world.tape.take();
    world
}

fn count(calls: &[&'static str]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(*call).or_default() += 1;
    }
    counts
}

fn low_water(world: &World) -> String {
    let mark = run(world.table.inner.read_low_water()).expect("the table answers");
    mark.expect("a low-water mark").due.rfc3339()
}

/// The chats that are on the queue, each of which must be there once.
fn enqueued(world: &World) -> BTreeSet<String> {
    let mut chats = BTreeSet::new();
    for record in world.take_queue() {
        let key = delivery::from_reference(&record.body).expect("a reference");
        assert!(chats.insert(key.lane.chat.to_string()), "enqueued twice: {}", key.lane.chat);
    }
    chats
}

#[test]
fn nothing_is_read_before_45_seconds_after_a_windows_end() {
    let world = world_with(["1".to_owned()]);
    for moment in ["2021-02-24T16:59:59Z", "2021-02-24T17:00:00Z", "2021-02-24T17:00:44.999Z"] {
        world.set_time(moment);
        assert_eq!(world.tick().expect("a tick").references, 0, "{moment}");
        assert_eq!(low_water(&world), "2021-02-24T16:45:00.000Z", "{moment}");
    }
    world.set_time(ALL_READABLE);
    assert_eq!(world.tick().expect("a tick").references, 1);
}

#[test]
fn each_due_bundle_is_enqueued_once_and_the_next_tick_finds_nothing() {
    let chats: BTreeSet<String> = (0..300).map(|chat| chat.to_string()).collect();
    let world = world_with(chats.clone());
    let swept = world.tick().expect("a tick");
    assert_eq!((swept.references, swept.windows, swept.unreadable, swept.complete), (300, 1, 0, true));
    assert_eq!(enqueued(&world), chats);
    let swept = world.tick().expect("a tick");
    assert_eq!((swept.references, swept.windows, swept.complete), (0, 0, true));
    assert_eq!(enqueued(&world), BTreeSet::new());
}

#[test]
fn a_bundle_of_many_messages_is_one_reference() {
    let world = world();
    for id in 0..30 {
        world.ingest(&message(SENT, &id.to_string(), "text"));
    }
    world.set_time(ALL_READABLE);
    assert_eq!(world.tick().expect("a tick").references, 1);
}

#[test]
fn a_pointer_alone_is_no_bundle() {
    let world = world();
    world.set_time("2021-02-24T17:00:20Z");
    world.ingest(&message(SENT, "1", "late"));
    world.set_time(ALL_READABLE);
    assert_eq!(world.tick().expect("a tick").references, 0);
    assert_eq!(enqueued(&world), BTreeSet::new());
}

#[test]
fn a_tick_with_nothing_due_is_two_requests() {
    let world = world_with([]);
    world.tick().expect("a tick");
    world.tape.take();
    world.clock.pass(Duration::from_secs(60));
    world.tick().expect("a tick");
    assert_eq!(world.tape.take(), ["read_appointments", "read_low_water"]);
}

#[test]
fn a_ticks_requests_do_not_grow_with_what_is_stored_but_not_due() {
    let requests = |stored: usize| {
        let world = world_with(["due".to_owned()]);
        for number in 0..stored {
            // Gathering for 18:00, and of a webhook that sends at once.
            world.ingest(&in_chat(&number.to_string(), message("2021-02-24T17:02:30Z", "1", "not due")));
        }
        world.tape.take();
        world.tick().expect("a tick");
        count(&world.tape.take())
    };
    let few = requests(0);
    assert_eq!(few, requests(500));
    let once = ["enqueue", "put_mark", "raise_low_water", "read_appointments", "read_low_water", "read_marks"];
    let once = once.into_iter().chain(["read_standing"]);
    assert_eq!(few, once.map(|call| (call, 1)).chain([("read_due", 256)]).collect());
}

#[test]
fn a_missed_day_is_caught_up_in_order_of_windows() {
    let world = World::starting("2021-02-24T00:00:45Z", Granularity::Hours1);
    for hour in 0..24 {
        let sent = format!("2021-02-24T{hour:02}:30:00Z");
        world.ingest_on_time(&[message(&sent, "1", &hour.to_string()), in_chat("other", message(&sent, "1", "other"))]);
    }
    world.set_time("2021-02-25T00:07:00Z");
    let swept = world.tick().expect("a tick");
    assert_eq!((swept.references, swept.complete), (48, true));
    let dues =
        world.take_queue().into_iter().map(|record| delivery::from_reference(&record.body).expect("a reference"));
    let of_chat: Vec<_> = dues.filter(|key| key.lane.chat.as_str() == "10010001").collect();
    let hours = (1..=24).map(|hour| match hour {
        24 => "2021-02-25T00:00:00.000Z".to_owned(),
        hour => format!("2021-02-24T{hour:02}:00:00.000Z"),
    });
    let due = |subject: &Subject| match subject {
        Subject::Bundle { due, cut: None } => due.rfc3339(),
        Subject::Bundle { cut: Some(cut), .. } => format!("a cut at {}", cut.rfc3339()),
        Subject::Message { .. } => "a message".to_owned(),
    };
    assert_eq!(of_chat.iter().map(|key| due(&key.subject)).collect::<Vec<_>>(), hours.collect::<Vec<_>>());
}

#[test]
fn the_very_first_tick_finds_what_was_gathered_before_it() {
    let world = World::without_webhook("2021-02-24T16:31:00Z", Granularity::Hours24);
    world.configure(|_| {});
    world.ingest(&message("2021-02-24T00:10:00Z", "1", "early"));
    world.set_time("2021-02-25T00:02:45Z");
    assert!(world.tick().expect("a tick").complete);
    world.drain();
    assert_eq!(world.receiver.texts(), [["early"]]);
}
