//! A window's shards become readable one after the other over two minutes, and none is read twice for it.

use super::{SENT, chats_of_shard, count, enqueued, world};
use crate::world::{World, at, in_chat, message};
use bundler::limits;
use std::{collections::BTreeSet, time::Duration};

/// When a shard of 17:00 may be read, by the rule: 45 seconds, and its part of two minutes.
fn readable(shard: u16) -> Duration {
    Duration::from_secs(45) + Duration::from_millis(120_000 * u64::from(shard) / 256)
}

fn with_a_chat_in_each(shards: &[u16]) -> (World, Vec<String>) {
    let world = world();
    let chats: Vec<String> = shards.iter().filter_map(|shard| chats_of_shard(*shard).next()).collect();
    for chat in &chats {
        world.ingest(&in_chat(chat, message(SENT, "1", chat)));
    }
    (world, chats)
}

#[test]
fn a_shard_is_not_read_before_its_part_of_the_two_minutes() {
    let due = at("2021-02-24T17:00:00Z");
    for shard in [0, 1, 64, 128, 255] {
        let (world, chats) = with_a_chat_in_each(&[shard]);
        world.clock.set(due.plus(readable(shard)).minus(Duration::from_millis(1)));
        world.tick().expect("a tick");
        assert_eq!(enqueued(&world), BTreeSet::new(), "shard {shard}");
        world.clock.set(due.plus(readable(shard)).plus(Duration::from_millis(1)));
        world.tick().expect("a tick");
        assert_eq!(enqueued(&world), chats.into_iter().collect(), "shard {shard}");
    }
}

#[test]
fn the_ticks_of_the_two_minutes_share_the_shards_and_read_none_twice() {
    let (world, chats) = with_a_chat_in_each(&[0, 31, 32, 100, 200, 255]);
    world.tape.take();
    let mut read = 0;
    let mut found = BTreeSet::new();
    for moment in ["17:00:55", "17:01:55", "17:02:55"] {
        world.set_time(&format!("2021-02-24T{moment}Z"));
        assert!(world.tick().expect("a tick").complete, "{moment}: there was time for all that could be read");
        let calls = count(&world.tape.take());
        let shards = calls.get("read_due").copied().unwrap_or_default();
        assert!(shards > 0 && shards < usize::from(limits::SHARDS), "{moment}: {shards}");
        read += shards;
        found.append(&mut enqueued(&world));
    }
    assert_eq!((read, found), (256, chats.into_iter().collect()));
    world.clock.pass(Duration::from_secs(60));
    world.tape.take();
    world.tick().expect("a tick");
    assert_eq!(world.tape.take(), ["read_appointments", "read_low_water"], "all of it is done");
}

#[test]
fn after_an_outage_all_shards_are_readable_at_once() {
    let (world, chats) = with_a_chat_in_each(&[0, 100, 255]);
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    assert_eq!(enqueued(&world), chats.into_iter().collect());
}
