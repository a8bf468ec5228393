//! What falls due while a webhook fails: it waits where it is, and goes out in its order.

use super::{answers, due, sent};
use crate::world::{World, at, in_chat, message};
use bundler::{ports::Clock, window::Granularity};
use std::{collections::BTreeMap, time::Duration};

const CHATS: [&str; 3] = ["1", "2", "3"];

/// The order in which texts were first sent.
fn first_attempts(world: &World) -> Vec<String> {
    let mut first = Vec::new();
    for text in sent(world) {
        if !first.contains(&text) {
            first.push(text);
        }
    }
    first
}

/// The minutes until a time, with their ticks, five at a time.
fn until(world: &World, moment: &str) {
    while world.clock.now() < at(moment) {
        world.clock.pass(Duration::from_secs(300));
        world.tick().expect("a tick");
        world.drain();
    }
}

/// A webhook that takes nothing from 17:00 to 20:00, and what it is sent meanwhile: a message of each chat every
/// quarter of an hour, whose text is its time and its chat. They end in two digits that rise.
fn outage(granularity: Granularity, concurrency: u16) -> (World, Vec<String>) {
    let world = World::starting("2021-02-24T16:46:00Z", granularity);
    world.configure(|settings| settings.concurrency = concurrency);
    let clock = world.clock.clone();
    world.receiver.answers(move |_| {
        crate::world::Reply::Status(if clock.now() < at("2021-02-24T20:00:00Z") { 500 } else { 200 })
    });
    let mut texts = Vec::new();
    for quarter in 0..12 {
        for chat in CHATS {
            let text = format!("{chat} {quarter:02}");
            let now = world.clock.now().rfc3339();
            world.ingest(&in_chat(chat, message(&now, &text, &text)));
            texts.push(text);
            world.clock.pass(Duration::from_secs(1));
        }
        for _ in 0..3 {
            world.clock.pass(Duration::from_secs(299));
            world.tick().expect("a tick");
            world.drain();
        }
    }
    let before = world.receiver.requests().len();
    assert!(before <= 7, "probes alone went out: {before}");
    until(&world, "2021-02-24T23:30:00Z");
    (world, texts)
}

fn check(granularity: Granularity) {
    for concurrency in [1, 4] {
        let (world, texts) = outage(granularity, concurrency);
        let shown = format!("{granularity:?}, {concurrency} at a time");
        let mut arrived = first_attempts(&world);
        if concurrency == 1 && granularity == Granularity::None {
            assert_eq!(arrived, texts, "{shown}: by original due time");
        }
        let mut lanes: BTreeMap<char, Vec<String>> = BTreeMap::new();
        for text in &arrived {
            lanes.entry(text.chars().next().expect("a chat")).or_default().push(text.clone());
        }
        assert!(lanes.values().all(|lane| lane.is_sorted()), "{shown}: {lanes:?}");
        arrived.sort();
        let mut all = texts;
        all.sort();
        assert_eq!(arrived, all, "{shown}");
        assert_eq!(world.health().next_look(), None, "{shown}: it is over");
    }
}

#[test]
fn what_falls_due_meanwhile_over_several_windows_goes_out_in_the_order_of_each_lane() {
    check(Granularity::Hours1);
}

#[test]
fn single_messages_that_come_meanwhile_go_out_in_the_order_of_each_lane() {
    check(Granularity::None);
}

#[test]
fn what_falls_due_while_a_webhook_fails_costs_a_note_for_its_shard_and_no_write_of_its_own() {
    let world = due(&["0"]);
    answers(&world, 500);
    world.drain();
    for chat in 1..=40 {
        world.ingest(&in_chat(&chat.to_string(), message("2021-02-24T17:02:45Z", "1", "text")));
    }
    // Its wait is over long after the window's end.
    let header = ("retry-after".to_owned(), "36000".to_owned());
    world.receiver.answers(move |_| crate::world::Reply::Heads(503, vec![header.clone()]));
    world.next_look();
    world.set_time("2021-02-24T18:02:45Z");
    world.tape.take();
    world.tick().expect("a tick");
    world.drain();
    let calls = world.tape.take();
    let count = |name: &str| calls.iter().filter(|call| **call == name).count();
    assert_eq!((count("post"), count("put_delivery"), count("put_health"), count("enqueue")), (0, 0, 0, 0));
    let shards = (1..=40).map(|chat: u32| crate::deliver::lane(&chat.to_string()).shard());
    let shards = shards.collect::<std::collections::BTreeSet<u16>>().len();
    assert_eq!((count("put_rest"), count("raise_turn")), (shards, shards));
}
