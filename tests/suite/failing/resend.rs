//! A person wants a delivery sent again.

use super::{after_errors, answers, due, is_draining, reference, resend, sent, state, wait};
use bundler::{delivery::Cause, health::State, ports::Clock, table::lane::DeliveryState};
use std::{collections::BTreeSet, time::Duration};

#[test]
fn a_delivered_one_is_sent_again_with_its_id_and_the_next_number() {
    let world = due(&["1"]);
    world.drain();
    resend(&world, "1");
    assert_eq!(sent(&world), ["1", "1"]);
    assert_eq!(world.receiver.headers("webhook-id").into_iter().collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(world.receiver.headers("bundlehook-attempt"), ["1", "2"]);
    assert_eq!(state(&world, "1"), Some(DeliveryState::Delivered));
}

#[test]
fn a_held_one_of_a_failing_webhook_is_the_probe_before_its_time() {
    let world = after_errors(3, &["1", "2"]);
    assert!(wait(&world) > Duration::from_secs(600));
    answers(&world, 200);
    resend(&world, "1");
    assert_eq!((sent(&world).len(), state(&world, "1")), (4, Some(DeliveryState::Delivered)));
    assert!(is_draining(&world));
    world.minutes(10);
    assert_eq!(state(&world, "2"), Some(DeliveryState::Delivered));
}

#[test]
fn a_resend_that_is_not_taken_is_an_error_like_any_other() {
    let world = after_errors(3, &["1", "2"]);
    resend(&world, "1");
    assert_eq!(world.health().consecutive_errors, 4);
    let world = due(&["1"]);
    world.drain();
    answers(&world, 500);
    resend(&world, "1");
    assert!(matches!(world.health().state, State::Failing { .. }));
    assert_eq!(state(&world, "1"), Some(DeliveryState::Delivered), "it has arrived, whatever comes of a copy");
}

#[test]
fn nothing_is_sent_of_a_disabled_webhook_whoever_wants_it() {
    let world = due(&["1", "2"]);
    answers(&world, 410);
    world.drain();
    resend(&world, "1");
    resend(&world, "2");
    assert_eq!(world.receiver.requests().len(), 1);
}

#[test]
fn a_copy_of_what_has_arrived_waits_for_another_probe_to_end_and_is_sent_then() {
    let world = due(&["1", "2"]);
    world.deliver_records(vec![reference("1", &Cause::Due)]);
    answers(&world, 500);
    world.deliver_records(vec![reference("2", &Cause::Due)]);
    world.take_queue();
    let claimed = world.health().claimed("msg_of_another", world.clock.now());
    world.put_health(&claimed);
    answers(&world, 200);
    let copy = || vec![reference("1", &Cause::Resend { nonce: "1".to_owned() })];
    assert_eq!(world.deliver_records(copy()), ["1"], "the queue keeps it");
    assert_eq!(sent(&world), ["1", "2"]);
    world.clock.pass(Duration::from_secs(300));
    assert_eq!(world.deliver_records(copy()), Vec::<String>::new());
    assert_eq!(sent(&world), ["1", "2", "1"]);
    assert!(is_draining(&world), "it was the probe");
}

#[test]
fn what_is_older_than_two_weeks_and_not_taken_again_is_given_up_and_not_held() {
    let world = due(&["1"]);
    let late = world.take_queue();
    world.clock.pass(Duration::from_secs(15 * 24 * 3_600));
    world.deliver_records(late);
    assert_eq!(state(&world, "1"), Some(DeliveryState::Expired));
    answers(&world, 500);
    resend(&world, "1");
    assert_eq!((sent(&world).len(), state(&world, "1")), (1, Some(DeliveryState::Failed)));
    answers(&world, 200);
    resend(&world, "1");
    assert_eq!(state(&world, "1"), Some(DeliveryState::Delivered));
}
