//! A sweep that is stopped goes on where it was: nothing is lost, and what is repeated does no harm.

use super::{ALL_READABLE, SENT, chats_of_shard, enqueued, low_water, shard, world, world_with};
use crate::world::{Loses, in_chat, message};
use bundler::{
    delivery::{self, Lane},
    id::{KeyPart, WebhookId, WorkspaceId},
};
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};

#[test]
fn a_mark_moves_only_after_the_queue_has_taken_everything() {
    for refused in [0, 4, 9] {
        let chats: BTreeSet<String> = chats_of_shard(91).take(25).collect();
        let world = world_with(chats.clone());
        world.tape.refuse_entry(refused);
        world.tick().expect_err("an entry was refused");
        let calls = world.tape.take();
        assert!(!calls.contains(&"put_mark") && !calls.contains(&"raise_low_water"), "entry {refused}: {calls:?}");
        assert_eq!(low_water(&world), "2021-02-24T16:45:00.000Z");
        assert_eq!(world.tick().expect("a tick").references, 25);
        assert_eq!(enqueued(&world), chats, "entry {refused}");
    }
}

#[test]
fn a_crash_between_queue_and_mark_repeats_references_that_do_no_harm() {
    for request in ["enqueue", "put_mark", "raise_low_water"] {
        for loses in [Loses::Request, Loses::Answer] {
            let chats: BTreeSet<String> = (0..40).map(|chat| chat.to_string()).collect();
            let world = world_with(chats.clone());
            world.tape.fail(request, 0, loses);
            world.tick().expect_err("a request was lost");
            world.drain();
            // After five minutes the queue no longer knows what it had.
            world.clock.pass(Duration::from_secs(301));
            world.restart();
            world.tick().expect("a tick");
            world.drain();
            let mut texts = world.receiver.texts().concat();
            texts.sort();
            let mut expected: Vec<_> = chats.into_iter().collect();
            expected.sort();
            assert_eq!(texts, expected, "{request} {loses:?}");
        }
    }
}

#[test]
fn a_later_window_waits_while_an_earlier_one_cannot_be_read() {
    let world = world_with(["1".to_owned()]);
    world.ingest(&message("2021-02-24T17:02:30Z", "2", "later"));
    world.set_time("2021-02-24T18:02:45Z");
    world.tape.fail("read_due", usize::from(shard("1")), Loses::Request);
    world.tick().expect_err("a shard was not read");
    assert_eq!(enqueued(&world), BTreeSet::new());
    assert_eq!(low_water(&world), "2021-02-24T16:45:00.000Z");
    world.tick().expect("a tick");
    world.drain();
    assert_eq!(world.receiver.texts(), [["1"], ["later"]]);
}

#[test]
fn a_partition_of_many_pages_is_enqueued_lane_by_lane_also_where_time_runs_out() {
    // Twelve chats of three messages of 60 kB: over two megabytes in the last shard.
    let chats: Vec<String> = chats_of_shard(255).take(12).collect();
    let world = world();
    for chat in &chats {
        for id in ["1", "2", "3"] {
            world.ingest(&in_chat(chat, message(SENT, id, &chat.repeat(60_000 / chat.len()))));
        }
    }
    world.set_time(ALL_READABLE);
    // The shards before it take up the tick's minute.
    world.tape.slow(Duration::from_millis(59_900 / 257));
    let mut ticks = 0;
    while !world.tick().expect("a tick").complete {
        ticks += 1;
        assert!(ticks < 10, "no tick gets further than the one before");
    }
    assert!(ticks > 0, "time never ran out");
    assert_eq!(enqueued(&world), chats.into_iter().collect());
    assert_eq!(low_water(&world), "2021-02-24T17:00:00.000Z");
}

#[test]
fn a_page_of_many_webhooks_is_left_where_time_runs_out_and_gone_on_with() {
    let world = world();
    let webhook = WebhookId::first();
    let lane = |number: u32| Lane {
        workspace: WorkspaceId::parse(&format!("w{number}")).expect("an id"),
        webhook: webhook.clone(),
        chat: KeyPart::of("1"),
    };
    let workspaces: Vec<u32> = (0..).filter(|number| lane(*number).shard() == 0).take(60).collect();
    for number in &workspaces {
        world.add_workspace(&format!("w{number}"));
        let mut event = in_chat("1", message(SENT, "1", &number.to_string()));
        event["workspace_id"] = json!(format!("w{number}"));
        world.ingest(&event);
    }
    // Only the first shard can be read, and each of its webhooks takes two seconds to read.
    world.set_time("2021-02-24T17:00:45Z");
    world.tape.slow(Duration::from_secs(2));
    let mut ticks = 0;
    let mut found = BTreeSet::new();
    while found.len() < workspaces.len() {
        let began = bundler::ports::Clock::now(&world.clock);
        world.tick().expect("a tick");
        let took = bundler::ports::Clock::now(&world.clock).since(began);
        assert!(took < Duration::from_secs(80), "a tick of 60 seconds took {took:?}");
        for record in world.take_queue() {
            let key = delivery::from_reference(&record.body).expect("a reference");
            found.insert(key.lane.workspace.to_string());
        }
        ticks += 1;
        assert!(ticks < 20, "no tick gets further than the one before");
    }
    assert!(ticks > 1, "time never ran out");
}
