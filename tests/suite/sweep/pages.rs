//! What a sweep reads of lanes: the short ones whole, of long ones their first rows.

use super::{chats_of_shard, enqueued, shard};
use crate::world::{World, in_chat, message};
use bundler::{limits, memory::Cost, window::Granularity};

/// A world at 17:02:45 in which so many chats of one shard have as many messages each.
fn due(chats: usize, messages: usize) -> World {
    let world = World::new(Granularity::Hours1);
    for chat in chats_of_shard(shard("1")).take(chats) {
        for id in 0..messages {
            world.ingest(&in_chat(&chat, message("2021-02-24T16:25:29Z", &format!("{id:04}"), &"text ".repeat(60))));
        }
    }
    world.set_time("2021-02-24T17:02:45Z");
    world.table.inner.store().take_consumed();
    world
}

/// What it cost to read what is due, besides the empty shards of this window's end and of the one before it.
fn read(world: &World) -> Cost {
    world.tick().expect("a tick");
    let cost = world.table.inner.store().take_consumed().of("reading what is due");
    let empty = 2 * u64::from(limits::SHARDS) - 1;
    Cost { requests: cost.requests - empty, read_halves: cost.read_halves - 2 * empty, ..cost }
}

#[test]
fn each_of_many_long_lanes_costs_a_read_unit_and_is_enqueued_once() {
    let world = due(20, 100);
    let cost = read(&world);
    assert_eq!(world.queue.inner.take_consumed().of("enqueueing").requests, 2, "by tens");
    assert_eq!(enqueued(&world).len(), 20);
    // Three units for the first page, and one to find that nothing is behind the last lane.
    assert_eq!((cost.requests, cost.read_halves), (20 + 1, 2 * (3 + 19 + 1)));
    assert_eq!(world.queue.inner.len(), Ok(0), "everything was looked at");
}

#[test]
fn short_lanes_are_read_by_the_page() {
    let world = due(100, 3);
    let cost = read(&world);
    assert_eq!((enqueued(&world).len(), cost.requests), (100, 2));
}
