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
    check_run(&world, chats, 1, shown);
}

/// At most so many documents come twice, one for each crash.
fn check_run(world: &World, chats: usize, crashes: usize, shown: &str) {
    run(world, 45);
    let up = at(UP).seconds();
    let mut ids: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    for (id, time) in world.receiver.headers("webhook-id").into_iter().zip(super::times(world)) {
        ids.entry(id).or_default().push(time >= up);
    }
    let taken: Vec<usize> = ids.values().map(|sent| sent.iter().filter(|is_taken| **is_taken).count()).collect();
    assert!(taken.len() == chats * 2 && taken.iter().all(|times| *times > 0), "{shown}: {taken:?}");
    assert!(taken.iter().sum::<usize>() <= chats * 2 + crashes, "{shown}: {taken:?}");
    let texts = sent(world);
    let place = |text: &str| texts.iter().position(|one| one == text).unwrap_or(usize::MAX);
    for chat in 0..chats {
        assert!(place(TEXTS[chat * 2]) < place(TEXTS[chat * 2 + 1]), "{shown}: {texts:?}");
    }
    assert_eq!(world.health().next_look(), None, "{shown}: it is over");
    assert!(world.queue.inner.is_empty().expect("the queue counts"), "{shown}");
    assert!(world.queue.inner.dead_letters().expect("the queue answers").is_empty(), "{shown}");
}

/// The requests of a run without a crash, and after how many each comes. The shards are alike: a few of them stand for
/// all, and every other request for itself.
fn places(granularity: Granularity, chats: usize) -> Vec<(usize, &'static str)> {
    let world = start(granularity, chats);
    run(&world, 20);
    let calls = world.tape.take().into_iter().enumerate();
    calls.filter(|(passes, call)| *call != "read_due" || passes % 64 == 0).collect()
}

fn check_everywhere(granularity: Granularity, chats: usize) {
    let places = places(granularity, chats);
    assert!(places.len() >= 60, "{places:?}");
    for (passes, call) in places {
        for loses in [Loses::Request, Loses::Answer] {
            check(granularity, chats, passes, loses, &format!("{call} {passes}, lost {loses:?}"));
        }
    }
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

/// The variable that says of how many pairs of crashes one is tried; with 1, all of them are.
const PAIRS: &str = "PAIRS";
/// Of so many otherwise: a prime, so that the first crashes meet all kinds of second ones.
const SOME: usize = 211;

#[test]
fn two_processes_that_die_one_after_the_other_lose_nothing_and_double_no_more_than_two() {
    let every = std::env::var(PAIRS).map_or(SOME, |asked| asked.parse().expect("PAIRS is a number from 1 on"));
    let mut tried = 0;
    for granularity in [Granularity::Hours1, Granularity::None] {
        let places = places(granularity, 1);
        let faults: Vec<_> = places
            .iter()
            .flat_map(|(passes, call)| [Loses::Request, Loses::Answer].map(|loses| (*passes, *call, loses)))
            .collect();
        let pairs = faults.iter().flat_map(|first| faults.iter().map(move |second| (first, second)));
        for ((passes, call, loses), (more, then, lost)) in pairs.step_by(every) {
            let world = start(granularity, 1);
            world.tape.crash(*passes, *loses);
            world.tape.crash_again(*more, *lost);
            let shown = format!("{call} {passes}, lost {loses:?}; {then} {more} on, lost {lost:?}");
            check_run(&world, 1, 2, &shown);
            tried += 1;
        }
    }
    assert!(tried >= 100, "{tried}");
}
