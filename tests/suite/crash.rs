//! The way of a message, stopped between any two requests: upstream sends again, the next minute ticks, the queue hands
//! out again. In the end every message has arrived in exactly one bundle, and nothing arrived under two ids.

use crate::world::{Loses, World, in_chat, message};
use bundler::{ingest::Outcome, window::Granularity};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Two chats, one of them with a message that comes too late for its own window.
fn events() -> Vec<Value> {
    vec![
        message("2021-02-24T16:50:00Z", "1", "one"),
        in_chat("other", message("2021-02-24T16:51:00Z", "1", "two")),
        message("2021-02-24T15:59:00Z", "2", "late"),
        message("2021-02-24T16:52:00Z", "3", "three"),
    ]
}

/// Everything once: calls, what is on the queue, a tick after the window, and the queue again. What fails stays so.
fn way(world: &World) {
    for event in events() {
        world.ingest(&event);
    }
    world.drain();
    world.set_time("2021-02-24T17:02:45Z");
    drop(world.tick());
    world.drain();
}

fn start(granularity: Granularity) -> World {
    let world = World::starting("2021-02-24T16:45:45Z", granularity);
    world.set_time("2021-02-24T16:55:00Z");
    world
}

/// Crashes after `passes` requests, then lets everybody try again.
fn check(granularity: Granularity, passes: usize, loses: Loses) {
    let world = start(granularity);
    world.tape.crash(passes, loses);
    way(&world);
    assert!(world.tape.repair(), "nothing was lost");
    world.restart();
    world.set_time("2021-02-24T17:02:00Z");
    for event in events() {
        let outcome = world.ingest(&event);
        assert!(matches!(outcome, Outcome::Accepted(_) | Outcome::Duplicate), "{outcome:?}");
    }
    // What the dead function had received becomes visible again, and the windows that opened meanwhile end.
    for _ in 0..3 {
        world.tick().expect("a tick");
        world.clock.pass(Duration::from_secs(361));
        world.drain();
    }
    world.set_time("2021-02-24T18:02:45Z");
    world.tick().expect("a tick");
    world.drain();

    let shown = format!("{granularity:?}, {passes} requests, then lost {loses:?}");
    let mut bodies: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let receiver = &world.receiver;
    for ((id, request), sent) in receiver.headers("webhook-id").iter().zip(receiver.requests()).zip(receiver.texts()) {
        bodies.entry(id.clone()).or_default().insert(request.body);
        texts.insert(id.clone(), sent);
    }
    let mut all = texts.into_values().flatten().collect::<Vec<_>>();
    all.sort();
    assert_eq!(all, ["late", "one", "three", "two"], "{shown}");
    assert!(bodies.values().all(|bodies| bodies.len() == 1), "{shown}: one id, two documents");
    let repeated = receiver.requests().len() - bodies.len();
    assert!(repeated <= 1, "{shown}: {repeated} requests too many");
    assert!(world.queue.inner.dead_letters().expect("the queue answers").is_empty(), "{shown}");
}

fn check_everywhere(granularity: Granularity, least: usize) {
    let world = start(granularity);
    way(&world);
    let calls = world.tape.take();
    let mut checked = 0;
    for (passes, call) in calls.iter().enumerate() {
        // The shards are alike: a few of them stand for all, and every other request for itself.
        if *call == "read_due" && passes % 16 != 0 {
            continue;
        }
        check(granularity, passes, Loses::Request);
        check(granularity, passes, Loses::Answer);
        checked += 1;
    }
    assert!(checked >= least, "{checked} places of {}", calls.len());
}

#[test]
fn a_crash_anywhere_on_the_way_of_a_bundle_loses_nothing_and_doubles_nothing() {
    check_everywhere(Granularity::Hours1, 30);
}

#[test]
fn a_crash_anywhere_on_the_way_of_a_single_message_loses_nothing_and_doubles_nothing() {
    check_everywhere(Granularity::None, 30);
}
