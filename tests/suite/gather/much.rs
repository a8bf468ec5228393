//! More than a person writes: ten thousand messages of one chat in one second, a window full of a megabyte of texts.

use super::ON_TIME;
use crate::world::{World, message};
use bundler::{limits, window::Granularity};
use std::time::Duration;

const SECOND: &str = "2021-02-24T16:31:00Z";

/// Lets the window end, and the sender work as often as it needs.
fn deliver(world: &World) {
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world.drain();
}

#[test]
fn ten_thousand_messages_of_one_chat_in_one_second_arrive_once_and_in_order() {
    let world = World::new(Granularity::Hours1);
    for id in 0..10_000 {
        assert_eq!(world.ingest(&message(SECOND, &format!("{id:05}"), &id.to_string())), ON_TIME);
    }
    deliver(&world);
    let texts = world.receiver.texts();
    assert!(texts.iter().all(|texts| texts.len() <= limits::DOCUMENT_MESSAGES));
    assert_eq!(texts.concat(), (0..10_000).map(|id| id.to_string()).collect::<Vec<_>>());
    let parts = world.receiver.headers("bundlehook-part");
    let expected: Vec<String> = (1..=texts.len()).map(|part| format!("{part}/{}", texts.len())).collect();
    assert_eq!(parts, expected);
}

#[test]
fn a_window_full_of_a_megabyte_of_texts_arrives_once_and_no_document_is_too_long_for_a_receiver() {
    let world = World::new(Granularity::Hours1);
    let texts: Vec<String> = (0..40).map(|id| format!("{id:02}{}", "é".repeat(13_000))).collect();
    for (id, text) in texts.iter().enumerate() {
        assert_eq!(world.ingest(&message(SECOND, &format!("{id:02}"), text)), ON_TIME);
    }
    deliver(&world);
    let sent = world.receiver.texts();
    assert_eq!(sent.concat(), texts);
    let stored: Vec<usize> = sent.iter().map(|texts| texts.iter().map(String::len).sum()).collect();
    assert!(stored.iter().all(|bytes| *bytes <= limits::DOCUMENT_BYTES), "{stored:?}");
    assert!(sent.len() >= 6, "a megabyte in {} documents", sent.len());
}

#[test]
fn of_two_changes_within_a_minute_the_last_one_holds_and_no_message_is_lost_between_them() {
    let world = World::new(Granularity::Hours1);
    for (second, granularity) in [(0, Granularity::None), (20, Granularity::Hours6)] {
        world.clock.pass(Duration::from_secs(second));
        let now = bundler::ports::Clock::now(&world.clock);
        world.configure(|settings| {
            settings.schedule.change(now, granularity.into());
        });
    }
    world.restart();
    // The first change begins at 16:38:00, the second twenty seconds later.
    let sent = ["16:37:59", "16:38:00", "16:38:19", "16:38:20"];
    for time in sent {
        world.ingest_on_time(&[message(&format!("2021-02-24T{time}Z"), time, time)]);
    }
    world.drain();
    assert_eq!(world.receiver.texts(), [["16:38:00"], ["16:38:19"]], "for twenty seconds nothing was aggregated");
    deliver(&world);
    assert_eq!(world.receiver.texts()[2..], [["16:37:59"]]);
    world.set_time("2021-02-24T18:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    assert_eq!(world.receiver.texts()[3..], [["16:38:20"]], "windows of 6 hours end at 18:00");
}
