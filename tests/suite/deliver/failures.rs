//! A receiver that does not take a delivery, and requests of ours that do not work out.

use super::{attempts, due, progress};
use crate::world::{Loses, Reply, World, message};
use bundler::{
    attempt::ErrorClass,
    ports::Clock,
    settings::SuccessRule,
    table::lane::{DeliveryState, Progress},
    window::Granularity,
};
use std::{collections::BTreeSet, time::Duration};

/// One delivery that meets this reply.
fn check_failure(reply: Reply, class: ErrorClass) {
    let (world, records) = due(&["1"]);
    let shown = format!("{reply:?}");
    world.receiver.answers(move |_| reply.clone());
    assert_eq!(world.deliver_records(records), Vec::<String>::new(), "{shown}: a retry never waits in the queue");
    let held = progress(&world, "1").expect("an outcome");
    let expected = Progress { state: DeliveryState::Held, attempts: 1, errors: 1, parts_done: 0, next: held.next };
    assert_eq!(held, expected, "{shown}");
    let wait = held.next.expect("a time of its own").since(world.clock.now());
    assert!(wait >= Duration::from_secs(54) && wait <= Duration::from_secs(66), "{shown}: {wait:?}");
    let attempts = attempts(&world);
    assert_eq!((attempts.len(), attempts[0].error), (1, Some(class)), "{shown}");
    let health = world.health();
    assert_eq!((health.consecutive_errors, health.last_error.map(|error| error.class)), (1, Some(class)), "{shown}");
}

#[test]
fn anything_that_is_not_200_is_one_error_and_holds_the_delivery() {
    for status in [100, 201, 202, 204, 206, 400, 401, 403, 404, 410, 422, 429, 500, 503, 599] {
        check_failure(Reply::Status(status), ErrorClass::Status);
    }
    for status in [300, 301, 302, 303, 304, 307, 308] {
        check_failure(Reply::Status(status), ErrorClass::Redirect);
    }
    for class in [ErrorClass::InvalidUrl, ErrorClass::BlockedAddress, ErrorClass::Dns, ErrorClass::Connect] {
        check_failure(Reply::Fails(class), class);
    }
    for class in [ErrorClass::Tls, ErrorClass::Timeout, ErrorClass::Body] {
        check_failure(Reply::Fails(class), class);
    }
}

#[test]
fn a_webhook_may_be_set_to_take_any_2xx_for_a_success() {
    for (status, arrives) in [(200, true), (201, true), (204, true), (299, true), (199, false), (300, false)] {
        let (world, records) = due(&["1"]);
        world.configure(|settings| settings.success = SuccessRule::Any2xx);
        world.receiver.answers(move |_| Reply::Status(status));
        world.deliver_records(records);
        let state = progress(&world, "1").expect("an outcome").state;
        let expected = if arrives { DeliveryState::Delivered } else { DeliveryState::Held };
        assert_eq!(state, expected, "{status}");
    }
}

#[test]
fn the_attempt_number_rises_and_the_id_and_the_body_stay() {
    let (world, records) = due(&["1"]);
    world.receiver.answers(|_| Reply::Status(503));
    world.deliver_records(records);
    for _ in 0..3 {
        world.next_look();
    }
    world.receiver.answers(|_| Reply::Status(200));
    world.next_look();
    let receiver = &world.receiver;
    assert_eq!(receiver.headers("bundlehook-attempt"), ["1", "2", "3", "4", "5"]);
    let bodies: BTreeSet<_> = receiver.requests().into_iter().map(|request| request.body).collect();
    let ids: BTreeSet<_> = receiver.headers("webhook-id").into_iter().collect();
    assert_eq!((bodies.len(), ids.len()), (1, 1));
    // Signed anew each time, or receivers would refuse it for its age.
    let times: BTreeSet<_> = receiver.headers("webhook-timestamp").into_iter().collect();
    let signatures: BTreeSet<_> = receiver.headers("webhook-signature").into_iter().collect();
    assert_eq!((times.len(), signatures.len()), (5, 5));
    assert_eq!(attempts(&world).iter().map(|attempt| attempt.document.attempt).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    let expected = Progress { state: DeliveryState::Delivered, attempts: 5, errors: 4, parts_done: 1, next: None };
    assert_eq!(progress(&world, "1"), Some(expected));
}

#[test]
fn a_message_by_itself_that_failed_is_sent_again_with_the_same_id() {
    let world = World::new(Granularity::None);
    world.ingest(&message("2021-02-24T16:25:29+0000", "1", "text"));
    let records = world.take_queue();
    world.receiver.answers(|_| Reply::Fails(ErrorClass::Timeout));
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    world.receiver.answers(|_| Reply::Status(200));
    world.next_look();
    assert_eq!(world.receiver.headers("bundlehook-attempt"), ["1", "2"]);
    let ids: BTreeSet<_> = world.receiver.headers("webhook-id").into_iter().collect();
    assert_eq!(ids.len(), 1);
}

#[test]
fn a_bundle_is_never_sent_again_once_its_outcome_says_that_it_arrived() {
    for loses in [Loses::Request, Loses::Answer] {
        let (world, records) = due(&["1"]);
        world.receiver.answers(|_| Reply::Status(500));
        world.deliver_records(records.clone());
        world.receiver.answers(|_| Reply::Status(200));
        world.clock.pass(Duration::from_secs(66));
        world.tape.fail("put_attempt", 0, loses);
        assert_eq!(world.deliver_records(records.clone()), ["1"], "{loses:?}: the queue keeps it");
        assert_eq!(world.deliver_records(records), Vec::<String>::new(), "{loses:?}");
        assert_eq!(world.receiver.requests().len(), 2, "{loses:?}");
    }
    let (world, records) = due(&["1"]);
    world.tape.fail("put_receipt", 0, Loses::Answer);
    assert_eq!(world.deliver_records(records.clone()), ["1"]);
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    assert_eq!(world.receiver.requests().len(), 1);
}

#[test]
fn a_crash_between_the_post_and_its_outcome_is_one_more_post_with_the_same_id() {
    let (world, records) = due(&["1"]);
    world.tape.fail("put_receipt", 0, Loses::Request);
    assert_eq!(world.deliver_records(records.clone()), ["1"]);
    assert_eq!(world.deliver_records(records.clone()), Vec::<String>::new());
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    let ids = world.receiver.headers("webhook-id");
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
}

#[test]
fn nothing_is_sent_when_a_read_does_not_work_out() {
    for request in ["read_webhook", "read_delivery", "read_bucket"] {
        let (world, records) = due(&["1"]);
        world.tape.fail(request, 0, Loses::Request);
        assert_eq!(world.deliver_records(records.clone()), ["1"], "{request}");
        assert_eq!((world.receiver.requests().len(), progress(&world, "1")), (0, None), "{request}");
        assert_eq!(world.deliver_records(records), Vec::<String>::new(), "{request}");
    }
}

#[test]
fn no_request_begins_that_could_not_end_and_be_recorded_before_the_deadline() {
    let (world, records) = due(&["1"]);
    assert_eq!(world.deliver_within(Duration::from_millis(19_999), records.clone()), ["1"]);
    assert_eq!((world.receiver.requests().len(), progress(&world, "1")), (0, None));
    assert_eq!(world.deliver_within(Duration::from_secs(20), records), Vec::<String>::new());
    assert_eq!(world.receiver.requests().len(), 1);
}
