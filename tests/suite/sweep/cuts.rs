//! "Flush now": what a chat has gathered goes out before its window ends, as a delivery of its own.

use crate::world::{Loses, World, at, in_chat, message};
use bundler::{cut::FlushNow, ingest::Outcome, limits, window::Granularity};
use std::{collections::BTreeSet, time::Duration};

const CHAT: &str = "10010001";

/// A world at 16:31 with two messages of the article's chat, in a window that ends at 17:00.
fn world() -> World {
    let world = World::new(Granularity::Hours1);
    world.ingest(&message("2021-02-24T16:25:00Z", "1", "one"));
    world.ingest(&message("2021-02-24T16:26:00Z", "2", "two"));
    world
}

fn cut(world: &World) {
    let flushed = world.flush_now(CHAT).expect("the table answers");
    assert!(matches!(flushed, FlushNow::Cut(_)), "{flushed:?}");
}

/// A tick so much later, and what the queue holds then delivered.
fn tick_after(world: &World, seconds: u64) {
    world.clock.pass(Duration::from_secs(seconds));
    world.tick().expect("a tick");
    world.drain();
}

fn tick_at(world: &World, moment: &str) {
    world.set_time(moment);
    world.tick().expect("a tick");
    world.drain();
}

#[test]
fn what_had_arrived_goes_out_after_the_grace_and_the_rest_when_the_window_ends() {
    let world = world();
    cut(&world);
    world.clock.pass(Duration::from_millis(1));
    world.ingest(&message("2021-02-24T16:27:00Z", "3", "three"));
    tick_after(&world, 44);
    assert_eq!(world.receiver.requests().len(), 0, "before the grace is over");
    tick_after(&world, 1);
    assert_eq!(world.receiver.texts(), [["one", "two"]]);
    tick_after(&world, 60);
    assert_eq!(world.receiver.requests().len(), 1, "once");
    tick_at(&world, "2021-02-24T17:02:45Z");
    assert_eq!(world.receiver.texts(), [vec!["one", "two"], vec!["three"]]);
    let ids: BTreeSet<String> = world.receiver.headers("webhook-id").into_iter().collect();
    assert_eq!(ids.len(), 2);
}

#[test]
fn nothing_left_is_nothing_sent() {
    let world = world();
    cut(&world);
    tick_after(&world, 45);
    tick_at(&world, "2021-02-24T17:02:45Z");
    assert_eq!(world.receiver.texts(), [["one", "two"]]);
    assert!(world.queue.inner.is_empty().expect("the queue counts"));
}

#[test]
fn a_bucket_is_cut_several_times_and_each_takes_what_came_since_the_one_before() {
    let world = world();
    for (id, sent) in [("3", "2021-02-24T16:31:10Z"), ("4", "2021-02-24T16:31:20Z"), ("5", "2021-02-24T16:31:30Z")] {
        cut(&world);
        world.set_time(sent);
        world.ingest(&message(sent, id, id));
    }
    // The later ones wait for their own grace.
    tick_at(&world, "2021-02-24T16:31:56Z");
    assert_eq!(world.receiver.texts(), [vec!["one", "two"], vec!["3"]]);
    tick_at(&world, "2021-02-24T16:32:56Z");
    tick_at(&world, "2021-02-24T17:02:45Z");
    assert_eq!(world.receiver.texts(), [vec!["one", "two"], vec!["3"], vec!["4"], vec!["5"]]);
}

#[test]
fn a_message_that_arrived_at_the_very_moment_of_the_cut_goes_with_it() {
    let world = world();
    world.ingest(&message("2021-02-24T16:31:00Z", "3", "at the same time"));
    cut(&world);
    tick_after(&world, 45);
    assert_eq!(world.receiver.texts(), [["one", "two", "at the same time"]]);
}

#[test]
fn a_redelivery_of_what_a_cut_has_taken_is_a_duplicate() {
    let world = world();
    cut(&world);
    tick_after(&world, 45);
    assert_eq!(world.ingest(&message("2021-02-24T16:25:00Z", "1", "one")), Outcome::Duplicate);
    tick_at(&world, "2021-02-24T17:02:45Z");
    assert_eq!(world.receiver.texts(), [["one", "two"]]);
}

#[test]
fn only_the_chats_own_bucket_is_cut() {
    let world = world();
    world.ingest(&in_chat("other", message("2021-02-24T16:25:00Z", "1", "of another")));
    cut(&world);
    tick_after(&world, 45);
    assert_eq!(world.receiver.texts(), [["one", "two"]]);
    tick_at(&world, "2021-02-24T17:02:45Z");
    assert_eq!(world.receiver.texts(), [vec!["one", "two"], vec!["of another"]]);
}

#[test]
fn a_wish_that_cannot_be_fulfilled_changes_nothing_and_says_why() {
    let world = world();
    let answers = |chat| world.flush_now(chat).expect("the table answers");
    assert_eq!(answers("nobody"), FlushNow::NothingGathered);
    cut(&world);
    assert_eq!(answers(CHAT), FlushNow::NothingGathered, "nothing since the last cut");
    let end = at("2021-02-24T17:00:00Z");
    world.ingest(&message("2021-02-24T16:50:00Z", "3", "three"));
    world.clock.set(end.minus(limits::CUT_LEAD).plus(Duration::from_millis(1)));
    assert_eq!(answers(CHAT), FlushNow::EndsSoon(end));
    world.clock.set(end);
    assert_eq!(answers(CHAT), FlushNow::NothingGathered, "what the ended window gathered is on its way");
    let before = world.stored();
    let at_once = World::new(Granularity::None);
    at_once.ingest(&message("2021-02-24T16:25:00Z", "1", "one"));
    assert_eq!(at_once.flush_now(CHAT), Ok(FlushNow::NotAggregating));
    let empty = World::without_webhook("2021-02-24T16:31:00Z", Granularity::Hours1);
    assert_eq!(empty.flush_now(CHAT), Ok(FlushNow::NoWebhook));
    assert_eq!(world.stored(), before);
}

#[test]
fn a_bucket_is_cut_a_hundred_times_and_no_more() {
    let world = World::new(Granularity::Hours24);
    for number in 0..=100 {
        world.clock.pass(Duration::from_secs(1));
        world.ingest(&message("2021-02-24T16:30:00Z", &number.to_string(), "text"));
        let flushed = world.flush_now(CHAT).expect("the table answers");
        assert_eq!(flushed == FlushNow::CutTooOften, number == 100, "{number}: {flushed:?}");
    }
}

#[test]
fn a_cut_is_later_than_the_one_before_it_whatever_the_clocks_say() {
    let world = world();
    cut(&world);
    let first = at("2021-02-24T16:31:00Z");
    world.clock.pass(Duration::from_millis(1));
    world.ingest(&message("2021-02-24T16:30:00Z", "3", "three"));
    // The second wish comes to a function whose clock is four seconds behind.
    world.clock.set(first.minus(Duration::from_secs(4)));
    let Ok(FlushNow::Cut(second)) = world.flush_now(CHAT) else { panic!("a cut") };
    assert!(second > first);
    tick_at(&world, "2021-02-24T16:33:00Z");
    assert_eq!(world.receiver.texts(), [vec!["one", "two"], vec!["three"]]);
}

#[test]
fn the_sweep_sends_a_cut_that_no_tick_has_found_before_the_rest() {
    let world = world();
    world.set_time("2021-02-24T16:59:00Z");
    cut(&world);
    world.clock.pass(Duration::from_millis(1));
    world.ingest(&message("2021-02-24T16:59:00Z", "3", "three"));
    tick_at(&world, "2021-02-24T17:02:45Z");
    assert_eq!(world.receiver.texts(), [vec!["one", "two"], vec!["three"]]);
}

#[test]
fn a_cut_waits_for_the_chats_window_before_it() {
    let world = world();
    // 17:00 is not swept yet when the new window is cut.
    world.set_time("2021-02-24T17:00:01Z");
    world.ingest(&message("2021-02-24T17:00:00Z", "3", "three"));
    cut(&world);
    world.set_time("2021-02-24T17:00:46Z");
    world.tape.fail("read_low_water", 0, Loses::Request);
    world.tick().expect_err("nothing could be swept");
    world.drain();
    assert_eq!(world.receiver.requests().len(), 0);
    for minute in ["17:01:00", "17:02:00", "17:03:00"] {
        tick_at(&world, &format!("2021-02-24T{minute}Z"));
    }
    assert_eq!(world.receiver.texts(), [vec!["one", "two"], vec!["three"]]);
}

#[test]
fn a_crash_between_the_queue_and_the_note_of_it_sends_a_cut_once() {
    for request in ["enqueue", "put_cuts"] {
        for loses in [Loses::Request, Loses::Answer] {
            let world = world();
            cut(&world);
            world.clock.pass(Duration::from_secs(45));
            world.tape.fail(request, 0, loses);
            world.tick().expect_err("a request was lost");
            world.drain();
            tick_after(&world, 301);
            tick_at(&world, "2021-02-24T17:02:45Z");
            assert_eq!(world.receiver.texts(), [["one", "two"]], "{request} {loses:?}");
        }
    }
}

#[test]
fn what_is_behind_a_cut_that_the_queue_refuses_waits_for_it() {
    let world = world();
    cut(&world);
    world.clock.pass(Duration::from_millis(1));
    world.ingest(&message("2021-02-24T16:27:00Z", "3", "three"));
    world.set_time("2021-02-24T17:02:45Z");
    world.tape.refuse_entry(0);
    assert!(world.tick().is_err());
    world.drain();
    assert_eq!(world.receiver.requests().len(), 0);
    tick_after(&world, 60);
    assert_eq!(world.receiver.texts(), [vec!["one", "two"], vec!["three"]]);
}
