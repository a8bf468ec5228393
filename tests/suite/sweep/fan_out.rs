//! A window's end that holds too much for one invocation: shards are handed over, and no two invocations sweep the same.

use super::{enqueued, low_water, world_with};
use crate::world::{Loses, World, at};
use bundler::{
    flush::{Bounds, Portion},
    limits,
};
use std::{collections::BTreeSet, time::Duration};

/// A tick that enqueues some forty references by itself.
const FORTY: Bounds = Bounds { turn: 2_000, fan_out: 40 };

fn chats() -> BTreeSet<String> {
    (0..300).map(|chat| chat.to_string()).collect()
}

/// A world whose tick has handed shards over.
fn handed_over() -> (World, Vec<Portion>) {
    let world = world_with(chats());
    let swept = world.tick_within(FORTY).expect("a tick");
    let portions = world.others.portions.lock().expect("portions").clone();
    assert_eq!(swept.handed_over, portions.iter().map(|portion| portion.shards.len() as u64).sum::<u64>());
    (world, portions)
}

#[test]
fn shards_that_are_too_much_for_one_invocation_are_handed_over_once_each() {
    let (world, portions) = handed_over();
    let handed: Vec<u16> = portions.iter().flat_map(|portion| portion.shards.clone()).collect();
    let own = u16::try_from(limits::SWEEP_CONCURRENCY).expect("a shard");
    assert_eq!(handed, (own..limits::SHARDS).collect::<Vec<_>>());
    assert!((2..=16).contains(&portions.len()), "{}", portions.len());
    assert!(portions.iter().all(|portion| portion.due == at("2021-02-24T17:00:00Z")));
    assert_eq!(low_water(&world), "2021-02-24T16:45:00.000Z");
}

#[test]
fn what_was_handed_over_is_swept_there_and_the_next_tick_does_not_do_it_again() {
    let (world, portions) = handed_over();
    let mut found = enqueued(&world);
    world.clock.pass(Duration::from_secs(60));
    world.tape.take();
    world.tick().expect("a tick");
    assert!(!world.tape.take().contains(&"read_due"), "the shards are in other hands");
    for portion in portions {
        world.sweep_portion(portion).expect("swept");
    }
    found.append(&mut enqueued(&world));
    assert_eq!(found, chats());
    world.clock.pass(Duration::from_secs(60));
    world.tape.take();
    assert_eq!(world.tick().expect("a tick").windows, 1);
    assert!(!world.tape.take().contains(&"read_due"), "every shard has its mark");
    assert_eq!(low_water(&world), "2021-02-24T17:00:00.000Z");
}

#[test]
fn shards_whose_invocation_never_came_are_swept_by_a_later_tick() {
    let (world, portions) = handed_over();
    let mut found = enqueued(&world);
    world.sweep_portion(portions[0].clone()).expect("swept");
    // The longest that the others could still be there: to begin, to live, and skew.
    for _ in 0..3 {
        world.clock.pass(Duration::from_secs(60));
        world.tick().expect("a tick");
    }
    found.append(&mut enqueued(&world));
    assert_eq!(found, chats());
    assert_eq!(low_water(&world), "2021-02-24T17:00:00.000Z");
}

#[test]
fn what_cannot_be_handed_over_is_swept_by_the_tick_itself() {
    for loses in [Loses::Request, Loses::Answer] {
        let world = world_with(chats());
        world.tape.fail("hand_over", 0, loses);
        world.tick_within(FORTY).expect("a tick");
        let portions = world.others.portions.lock().expect("portions").clone();
        for portion in portions {
            world.sweep_portion(portion).expect("swept");
        }
        assert_eq!(enqueued(&world), chats(), "{loses:?}");
    }
}

#[test]
fn a_window_of_common_size_is_not_handed_over() {
    let world = world_with(chats());
    assert_eq!(world.tick().expect("a tick").handed_over, 0);
}

#[test]
fn nothing_is_read_before_its_time_whoever_hands_it_over() {
    let world = world_with(chats());
    world.set_time("2021-02-24T17:00:44Z");
    let portion = Portion { due: at("2021-02-24T17:00:00Z"), shards: 0..999 };
    assert_eq!(world.sweep_portion(portion.clone()).expect("an answer").references, 0);
    assert!(!world.tape.take().contains(&"read_due"));
    world.set_time("2021-02-24T17:02:45Z");
    world.sweep_portion(portion).expect("swept");
    assert_eq!(enqueued(&world), chats());
}
