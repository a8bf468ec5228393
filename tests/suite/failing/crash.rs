//! An outage, stopped between any two requests: nothing is lost, nothing arrives twice as something new, and each chat
//! is told in its order.

use super::sent;
use crate::world::{Loses, Reply, World, at, in_chat, message};
use bundler::{ports::Clock, window::Granularity};
use std::{collections::BTreeMap, time::Duration};

/// Until then the receiver takes nothing.
const UP: &str = "2021-02-24T17:25:00Z";
const TEXTS: [&str; 4] = ["1 first", "1 second", "2 first", "2 second"];

/// Two chats with a message in each of two windows, before the first of which is due.
fn start(granularity: Granularity, chats: usize) -> World {
    let world = World::starting("2021-02-24T16:55:00Z", granularity);
    let clock = world.clock.clone();
    world.receiver.answers(move |_| Reply::Status(if clock.now() < at(UP) { 500 } else { 200 }));
    for text in TEXTS.iter().take(chats * 2).filter(|text| text.ends_with("first")) {
        world.ingest(&in_chat(&text[..1], message("2021-02-24T16:55:00Z", "1", text)));
    }
    world.set_time("2021-02-24T17:01:00Z");
    for text in TEXTS.iter().take(chats * 2).filter(|text| text.ends_with("second")) {
        world.ingest(&in_chat(&text[..1], message("2021-02-24T17:01:00Z", "2", text)));
    }
    world.set_time("2021-02-24T17:02:45Z");
    world.tape.take();
    world
}

/// Ticks and batches, each a process of its own. Between them passes for how long the queue hides what is under way.
fn run(world: &World, rounds: usize) {
    for _ in 0..rounds {
        drop(world.tick());
        world.tape.revive();
        while world.deliver() > 0 {
            world.tape.revive();
        }
        world.clock.pass(Duration::from_secs(361));
    }
}

fn check(granularity: Granularity, chats: usize, passes: usize, loses: Loses, shown: &str) {
    let world = start(granularity, chats);
    world.tape.crash(passes, loses);
    run(&world, 45);
    let up = at(UP).seconds();
    let mut ids: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    for (id, time) in world.receiver.headers("webhook-id").into_iter().zip(super::times(&world)) {
        ids.entry(id).or_default().push(time >= up);
    }
    let taken: Vec<usize> = ids.values().map(|sent| sent.iter().filter(|is_taken| **is_taken).count()).collect();
    assert!(taken.len() == chats * 2 && taken.iter().all(|times| *times > 0), "{shown}: {taken:?}");
    assert!(taken.iter().sum::<usize>() <= chats * 2 + 1, "{shown}: {taken:?}");
    let texts = sent(&world);
    let place = |text: &str| texts.iter().position(|one| one == text).unwrap_or(usize::MAX);
    for chat in 0..chats {
        assert!(place(TEXTS[chat * 2]) < place(TEXTS[chat * 2 + 1]), "{shown}: {texts:?}");
    }
    assert_eq!(world.health().next_look(), None, "{shown}: it is over");
    assert!(world.queue.inner.is_empty().expect("the queue counts"), "{shown}");
    assert!(world.queue.inner.dead_letters().expect("the queue answers").is_empty(), "{shown}");
}

fn check_everywhere(granularity: Granularity, chats: usize) {
    let world = start(granularity, chats);
    run(&world, 20);
    let calls = world.tape.take();
    let mut checked = 0;
    for (passes, call) in calls.iter().enumerate() {
        // The shards are alike: a few of them stand for all, and every other request for itself.
        if *call == "read_due" && passes % 64 != 0 {
            continue;
        }
        checked += 1;
        for loses in [Loses::Request, Loses::Answer] {
            check(granularity, chats, passes, loses, &format!("{call} {passes}, lost {loses:?}"));
        }
    }
    assert!(checked >= 60, "{checked} places of {}", calls.len());
}

#[test]
fn a_crash_anywhere_in_an_outage_of_bundles_loses_nothing_and_doubles_nothing() {
    check_everywhere(Granularity::Hours1, 2);
}

#[test]
fn a_crash_anywhere_in_an_outage_of_single_messages_loses_nothing_and_doubles_nothing() {
    check_everywhere(Granularity::None, 2);
}

#[test]
fn a_crash_anywhere_in_an_outage_of_one_chat_leaves_nothing_waiting_for_nobody() {
    check_everywhere(Granularity::Hours1, 1);
    check_everywhere(Granularity::None, 1);
}
