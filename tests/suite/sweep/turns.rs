//! A webhook of which more falls due than the queue takes at a time: it goes on in turns, and others do not wait for it.

use super::{SENT, chats_of_shard, count, world};
use crate::world::{Loses, World, in_chat, message};
use bundler::{cut::FlushNow, flush::Bounds, table::Item};
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};

/// Five references of one webhook at a time.
const FIVE: Bounds = Bounds { turn: 5, fan_out: 100_000 };

/// A world in which so many chats of `acme` have a message each, due at 17:00.
fn world_with_chats(chats: usize) -> World {
    let world = world();
    for chat in 0..chats {
        world.ingest(&in_chat(&chat.to_string(), message(SENT, "1", &chat.to_string())));
    }
    world.set_time("2021-02-24T17:02:45Z");
    world.tape.take();
    world
}

fn tick(world: &World) -> usize {
    let before = world.queue.inner.len().expect("the queue counts");
    world.tick_within(FIVE).expect("a tick");
    world.clock.pass(Duration::from_secs(60));
    world.queue.inner.len().expect("the queue counts") - before
}

/// What is kept of turns.
fn noted(world: &World) -> Vec<Item> {
    let is_of_turns = |item: &Item| item.key.pk.starts_with("rest#due") || item.key.sk == "turn";
    let rests = |item: &Item| item.key.pk.starts_with("rest#") && item.key.sk != "out";
    world.table.inner.store().items().into_iter().filter(|item| is_of_turns(item) || rests(item)).collect()
}

fn delivered(world: &World) -> BTreeSet<String> {
    world.receiver.texts().concat().into_iter().collect()
}

#[test]
fn after_the_sweeps_own_a_turn_is_on_the_queue_and_the_next_one_begins_when_it_has_its_outcomes() {
    let world = world_with_chats(17);
    assert_eq!((tick(&world), tick(&world)), (5, 5));
    for _ in 0..10 {
        assert_eq!(tick(&world), 0, "nothing of the turn has been delivered");
    }
    world.drain();
    let mut turns = Vec::new();
    for _ in 0..4 {
        turns.push(tick(&world));
        world.drain();
    }
    assert_eq!(turns, [5, 2, 0, 0]);
    assert_eq!(delivered(&world), (0..17).map(|chat| chat.to_string()).collect());
    assert_eq!(world.receiver.requests().len(), 17);
    assert_eq!(noted(&world), [], "nothing waits any more");
}

#[test]
fn what_waits_costs_a_note_for_each_shard_and_none_for_each_bundle() {
    let requests = |chats| {
        let world = world();
        for chat in chats_of_shard(91).take(chats) {
            world.ingest(&in_chat(&chat, message(SENT, "1", &chat)));
        }
        world.set_time("2021-02-24T17:02:45Z");
        world.tape.take();
        world.tick_within(FIVE).expect("a tick");
        count(&world.tape.take())
    };
    assert_eq!(requests(50), requests(100));
    assert_eq!((requests(50)["put_rest"], requests(50)["raise_turn"]), (1, 1));
}

#[test]
fn other_webhooks_do_not_wait() {
    let world = world_with_chats(50);
    world.add_workspace("small");
    world.set_time("2021-02-24T16:59:00Z");
    for chat in 0..3 {
        let mut event = in_chat(&chat.to_string(), message(SENT, "1", "of a small one"));
        event["workspace_id"] = json!("small");
        world.ingest(&event);
    }
    world.set_time("2021-02-24T17:02:45Z");
    assert_eq!(tick(&world), 5 + 3);
}

#[test]
fn a_later_window_of_a_chat_waits_behind_the_rest_of_the_one_before() {
    let world = world_with_chats(12);
    world.set_time("2021-02-24T17:01:00Z");
    for chat in 0..12 {
        world.ingest(&in_chat(&chat.to_string(), message("2021-02-24T17:00:30Z", "2", &format!("{chat} later"))));
    }
    world.set_time("2021-02-24T17:02:45Z");
    assert_eq!(tick(&world), 5);
    world.set_time("2021-02-24T18:02:45Z");
    while tick(&world) > 0 || !noted(&world).is_empty() {
        world.drain();
    }
    let texts = world.receiver.texts().concat();
    assert_eq!(texts.len(), 24);
    for chat in 0..12 {
        let place = |text: &str| texts.iter().position(|sent| sent == text).expect("it was sent");
        assert!(place(&chat.to_string()) < place(&format!("{chat} later")), "chat {chat}: {texts:?}");
    }
}

#[test]
fn a_crash_anywhere_in_a_turn_loses_nothing_and_sends_nothing_under_two_ids() {
    for request in
        ["enqueue", "put_rest", "raise_turn", "put_mark", "raise_low_water", "delete_rest", "put_out", "end_turn"]
    {
        for passes in 0..3 {
            for loses in [Loses::Request, Loses::Answer] {
                let world = world_with_chats(12);
                world.tape.fail(request, passes, loses);
                for _ in 0..12 {
                    // The tick that meets the fault may fail; the next one goes on.
                    drop(world.tick_within(FIVE));
                    world.drain();
                    world.clock.pass(Duration::from_secs(301));
                }
                let shown = format!("{request} {passes} {loses:?}");
                assert_eq!(delivered(&world), (0..12).map(|chat| chat.to_string()).collect(), "{shown}");
                let ids: BTreeSet<String> = world.receiver.headers("webhook-id").into_iter().collect();
                assert_eq!((ids.len(), world.receiver.requests().len()), (12, 12), "{shown}");
                assert_eq!(noted(&world), [], "{shown}");
            }
        }
    }
}

#[test]
fn a_chat_with_more_deliveries_than_a_turn_has_goes_whole() {
    let world = world();
    world.set_time("2021-02-24T16:30:00Z");
    for (id, sent) in [("1", "2021-02-24T16:30:00Z"), ("2", "2021-02-24T16:31:00Z"), ("3", "2021-02-24T16:32:00Z")] {
        world.set_time(sent);
        world.ingest(&in_chat("1", message(sent, id, id)));
        let flushed = world.flush_now("1").expect("the table answers");
        assert!(matches!(flushed, FlushNow::Cut(_)), "{flushed:?}");
    }
    world.set_time("2021-02-24T16:33:00Z");
    world.ingest(&in_chat("1", message("2021-02-24T16:33:00Z", "4", "4")));
    world.set_time("2021-02-24T17:02:45Z");
    for _ in 0..4 {
        world.tick_within(Bounds { turn: 1, fan_out: 100_000 }).expect("a tick");
        world.drain();
        world.clock.pass(Duration::from_secs(60));
    }
    assert_eq!(world.receiver.texts(), [["1"], ["2"], ["3"], ["4"]]);
    assert_eq!(noted(&world), [], "nothing waits any more");
}
