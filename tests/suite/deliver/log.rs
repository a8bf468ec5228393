//! The log: each attempt whole, its body kept or made again from the messages.

use super::{SENT, attempts, due, log_of};
use crate::{
    contract::{
        Memory, Tables,
        deliver::attempt as attempted,
        values::{bundle, lane},
    },
    world::{Reply, World, at, message, run},
};
use bundler::{
    attempt::{Attempt, Body},
    limits,
    memory::MemoryTable,
    table::{Item, attempt},
    window::Granularity,
};
use std::time::Duration;

/// A world at 17:02:45 in which a bundle of so many messages is due, none of them short.
fn with_a_bundle_of(messages: usize) -> World {
    let world = World::new(Granularity::Hours1);
    for id in 0..messages {
        // Texts that do not compress: ids of deliveries are as random as anything.
        let text = format!("{id} {}", "ab12".repeat(id % 7 + 1));
        world.ingest(&message(SENT, &format!("{:09x}", id.wrapping_mul(0x9e37_79b9)), &text));
    }
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world
}

fn stored(world: &World) -> Vec<Item> {
    world.table.inner.store().items()
}

fn logged(world: &World) -> Vec<Item> {
    stored(world).into_iter().filter(|item| item.key.pk.starts_with("log#")).collect()
}

fn bodies_as_kept(world: &World) -> Vec<Body> {
    logged(world).iter().map(|item| attempt::from_item(item).expect("an attempt").request_body).collect()
}

/// A table with what stands in the world's, as far as it is wanted.
fn table_with(world: &World, wanted: impl Fn(&Item) -> bool) -> MemoryTable {
    run(Memory.holding(stored(world).into_iter().filter(wanted).collect()))
}

fn is_gathered(body: &Body) -> bool {
    matches!(body, Body::Gathered { .. })
}

#[test]
fn a_body_that_a_write_unit_has_no_room_for_is_made_again_as_it_was_sent() {
    for messages in [40, 1_100] {
        let world = with_a_bundle_of(messages);
        world.drain();
        assert!(bodies_as_kept(&world).iter().all(is_gathered), "{messages} messages");
        assert!(logged(&world).iter().all(|item| item.size_bytes() <= limits::WRITE_UNIT_BYTES));
        let mut sent: Vec<Body> = world.receiver.requests().iter().map(|request| Body::of(&request.body)).collect();
        sent.sort_by_key(Body::bytes);
        let mut read: Vec<Body> = attempts(&world).into_iter().map(|attempt| attempt.request_body).collect();
        read.sort_by_key(Body::bytes);
        assert_eq!(read.len(), messages.div_ceil(limits::DOCUMENT_MESSAGES));
        assert!(read == sent, "{messages} messages");
    }
}

#[test]
fn a_short_body_is_kept() {
    let (world, records) = due(&["1"]);
    world.deliver_records(records);
    assert!(!bodies_as_kept(&world).iter().any(is_gathered));
}

#[test]
fn a_body_whose_messages_are_gone_or_written_otherwise_by_now_is_said_to_be_left_out() {
    let world = with_a_bundle_of(40);
    world.drain();
    let bytes = world.receiver.requests()[0].body.len();
    let last = stored(&world).into_iter().rfind(|item| item.key.pk.starts_with("due#")).expect("a message").key;
    let without_one = table_with(&world, |item| item.key != last);
    let without_any = table_with(&world, |item| !item.key.pk.starts_with("due#"));
    for (table, platform) in
        [(&without_one, "TimelinesAI"), (&without_any, "TimelinesAI"), (&world.table.inner, "Another platform")]
    {
        let read = log_of(table, platform);
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].request_body, Body::LeftOut { bytes });
        assert_eq!(read[0].result.as_ref().map(|response| response.status), Ok(200), "the rest is there");
    }
}

#[test]
fn what_was_not_taken_or_was_sent_late_keeps_its_body() {
    let world = with_a_bundle_of(40);
    world.receiver.answers(|_| Reply::Status(500));
    world.deliver();
    assert!(matches!(bodies_as_kept(&world)[..], [Body::Text(_)]));
    // A day after it fell due, its messages are gone before the attempt is.
    for (late, gathered) in [(Duration::from_millis(1), false), (Duration::ZERO, true)] {
        let world = with_a_bundle_of(40);
        let last = at("2021-02-25T16:59:59.999Z").plus(late);
        let records = world.take_queue();
        world.clock.set(last);
        world.deliver_records(records);
        assert_eq!(bodies_as_kept(&world).iter().map(is_gathered).collect::<Vec<_>>(), [gathered], "{late:?}");
    }
}

#[test]
fn a_message_by_itself_keeps_its_body_however_long() {
    let world = World::new(Granularity::None);
    let words = (0..900_u32).map(|id| format!("{:x}", id.wrapping_mul(2_654_435_761)));
    let text = words.collect::<Vec<_>>().concat();
    world.ingest(&message(SENT, "1", &text));
    world.drain();
    assert!(matches!(bodies_as_kept(&world)[..], [Body::Text(_)]));
    assert!(logged(&world)[0].size_bytes() > limits::WRITE_UNIT_BYTES);
}

#[test]
fn the_hundred_last_are_those_that_began_last_wherever_they_stand() {
    // Receipts stand at 17:00, when their bundles fell due; what was not taken stands when it began.
    let begins = |seconds: u64| at("2021-02-24T17:00:00Z").plus(Duration::from_secs(seconds));
    let chat = |number: u64| bundle(&lane(&number.to_string()), "2021-02-24T17:00:00Z");
    let receipt = |seconds: u64| Attempt { error: None, ..attempted(&chat(seconds), 1, begins(seconds)) };
    let failure = |seconds: u64| attempted(&chat(1), 1, begins(seconds));
    let receipts: Vec<_> = (0..120).map(|number| receipt(60 + number * 7)).collect();
    let failures: Vec<_> = (0..150).map(|number| failure(300 + number * 4)).collect();
    let items = receipts.iter().map(attempt::receipt_to_item).chain(failures.iter().map(attempt::to_item));
    let table = run(Memory.holding(items.collect()));
    let mut expected: Vec<_> = receipts.iter().chain(&failures).map(|attempt| attempt.started).collect();
    expected.sort();
    let expected: Vec<_> = expected.into_iter().rev().take(100).collect();
    let read: Vec<_> = log_of(&table, "TimelinesAI").into_iter().map(|attempt| attempt.started).collect();
    assert_eq!(read, expected);
    let begun: Vec<_> = receipts.iter().map(|attempt| attempt.started).collect();
    assert!(expected.iter().any(|started| begun.contains(started)), "it matters");
}

#[test]
fn attempts_long_before_the_last_ones_are_not_read() {
    let begins = |hours: u64| at("2021-02-24T17:00:00Z").plus(Duration::from_secs(hours * 3_600));
    let attempts = (0..1_000).map(|hour| attempt::to_item(&attempted(&bundle(&lane("1"), SENT), 1, begins(hour))));
    let table = run(Memory.holding(attempts.collect()));
    assert_eq!(log_of(&table, "TimelinesAI").len(), 100);
    // The second page says that there is no receipt among those before them.
    assert_eq!(table.store().take_consumed().of("reading attempts").requests, 2);
}
