//! After an error: a probe when its wait is over, and nothing else.

use super::{after_errors, answers, due, is_draining, reference, sent, state, times, wait};
use crate::world::{Loses, Reply, World, in_chat, message};
use bundler::{delivery::Cause, health::State, ports::Clock, table::lane::DeliveryState};
use std::{collections::BTreeSet, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);
/// Minutes from one error to the next, by the specification.
const WAITS: [u32; 10] = [1, 5, 15, 30, 60, 120, 180, 240, 300, 360];

/// Whether it is what the schedule says, with a tenth more or less.
fn is_about(found: Duration, minutes: u32) -> bool {
    found >= MINUTE * minutes * 9 / 10 && found <= MINUTE * minutes * 11 / 10
}

#[test]
fn after_an_error_nothing_is_sent_but_a_probe_when_its_wait_is_over() {
    let world = after_errors(1, &["1", "2", "3", "4", "5", "6"]);
    for (count, minutes) in WAITS.into_iter().enumerate() {
        assert_eq!(world.receiver.requests().len(), count + 1);
        assert!(is_about(wait(&world), minutes), "after error {}: {:?}", count + 1, wait(&world));
        // To the last moment before, whatever falls due.
        world.clock.set(super::probe_at(&world).minus(Duration::from_millis(1)));
        let now = world.clock.now();
        world.ingest(&in_chat("7", message(&now.rfc3339(), &count.to_string(), "while it fails")));
        world.tick().expect("a tick");
        world.drain();
        assert_eq!(world.receiver.requests().len(), count + 1, "error {}", count + 1);
        world.next_look();
    }
    let gaps: Vec<u64> = times(&world).windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.iter().zip(WAITS).all(|(gap, minutes)| is_about(Duration::from_secs(*gap), minutes)), "{gaps:?}");
}

#[test]
fn each_probe_takes_another_delivery_than_the_last() {
    let world = after_errors(9, &["1", "2", "3"]);
    // The first of them was no probe, but the delivery that failed.
    let tried = sent(&world);
    assert!(tried.windows(2).all(|pair| pair[0] != pair[1]), "{tried:?}");
    assert_eq!(tried[..3].iter().collect::<BTreeSet<_>>().len(), 3, "each before one comes again: {tried:?}");
}

#[test]
fn a_burst_of_parallel_failures_is_one_error() {
    let chats: Vec<String> = (0..8).map(|chat| chat.to_string()).collect();
    let world = due(&chats.iter().map(String::as_str).collect::<Vec<_>>());
    answers(&world, 500);
    let groups: BTreeSet<String> = chats.iter().map(|chat| crate::deliver::lane(chat).group(4)).collect();
    *world.receiver.waits_for.lock().expect("a number") = groups.len();
    world.deliver();
    *world.receiver.waits_for.lock().expect("a number") = 0;
    world.drain();
    assert!(groups.len() > 1);
    assert_eq!(world.receiver.requests().len(), groups.len(), "one of each of the queue's groups");
    let health = world.health();
    assert_eq!((health.consecutive_errors, health.error_sequence), (1, 1));
    // Those that did not count are held like the one that did.
    assert!(chats.iter().all(|chat| state(&world, chat) == Some(DeliveryState::Held)));
    answers(&world, 200);
    world.minutes(5);
    assert!(chats.iter().all(|chat| state(&world, chat) == Some(DeliveryState::Delivered)));
}

/// An answer that asks not to be tried for so long: for how long neither the webhook nor the delivery is.
fn after_retry_after(status: u16, seconds: u64) -> (World, Duration) {
    let world = due(&["1"]);
    let header = ("retry-after".to_owned(), seconds.to_string());
    world.receiver.answers(move |_| Reply::Heads(status, vec![header.clone()]));
    let before = world.clock.now();
    world.drain();
    answers(&world, 200);
    let own = super::progress(&world, "1").and_then(|progress| progress.next).expect("a time of its own");
    let wait = wait(&world).min(own.since(before));
    (world, wait)
}

#[test]
fn what_429_and_503_say_about_when_to_come_again_is_respected_up_to_ten_hours() {
    for status in [429, 503] {
        let (world, wait) = after_retry_after(status, 7_200);
        assert_eq!(wait, MINUTE * 120, "{status}");
        world.clock.pass(MINUTE * 119);
        world.tick().expect("a tick");
        world.drain();
        assert_eq!(world.receiver.requests().len(), 1, "{status}");
        world.minutes(1);
        assert_eq!((world.receiver.requests().len(), is_draining(&world)), (2, true), "{status}");
        assert_eq!(after_retry_after(status, 900_000).1, MINUTE * 600, "{status}");
        assert!(is_about(after_retry_after(status, 1).1, 1), "{status}: never earlier than by the schedule");
    }
    assert!(is_about(after_retry_after(500, 7_200).1, 1), "others do not say when");
}

#[test]
fn a_claimed_probe_is_the_only_one_until_who_has_claimed_it_is_done_or_dead() {
    let world = after_errors(1, &["1", "2"]);
    let others = |world: &World| {
        let cause = Cause::Probe { epoch: 0, error_sequence: 1 };
        world.deliver_records(vec![reference("1", &cause), reference("2", &cause)]);
    };
    world.clock.set(super::probe_at(&world));
    world.tick().expect("a tick");
    // The process dies with its request.
    let passes = ["read_webhook", "read_delivery", "read_bucket", "read_unattempted", "put_health"].len();
    world.tape.crash(passes, Loses::Request);
    world.deliver();
    assert!(world.tape.repair());
    assert!(matches!(world.health().state, State::Failing { probe: Some(_), .. }), "it is claimed");
    for _ in 0..2 {
        others(&world);
        assert_eq!(world.receiver.requests().len(), 1);
        world.clock.pass(Duration::from_secs(22));
    }
    world.clock.pass(Duration::from_secs(2));
    others(&world);
    assert_eq!(world.receiver.requests().len(), 2, "one of the two, and then it is failing anew");
}

#[test]
fn handing_a_probe_out_changes_nothing_and_every_tick_repeats_it_while_it_is_overdue() {
    let world = after_errors(1, &["1"]);
    world.clock.set(super::probe_at(&world));
    let before = world.health();
    for _ in 0..3 {
        world.tick().expect("a tick");
        let lost = world.take_queue();
        assert_eq!((lost.len(), world.health()), (1, before.clone()));
        // For so long the queue swallows the same probe.
        world.clock.pass(Duration::from_secs(301));
    }
}
