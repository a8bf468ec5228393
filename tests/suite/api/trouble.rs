//! Our own trouble: 503, what happened to each event, and that sending all of it again does no harm.

use super::{good, header, json, problem, statuses, world};
use crate::world::{Loses, World, in_chat, message};
use bundler::window::Granularity;
use serde_json::json;

/// Three events, the second of which meets a failing request; then the same call again.
fn check(granularity: Granularity, request: &'static str, loses: Loses, again: [&str; 3]) {
    let world = World::new(granularity);
    let late = |id: &str| message("2021-02-24T14:00:00Z", id, "text");
    let make = if request.contains("late") { late } else { good as fn(&str) -> _ };
    let events = json!([make("1"), in_chat("other", make("2")), in_chat("third", make("3"))]);
    world.tape.fail(request, 1, loses);
    let reply = world.post(&events);
    assert_eq!(reply.status, 503, "{request} {loses:?}");
    assert_eq!(header(&reply, "retry-after"), Some("1"));
    problem(&reply);
    assert_eq!(statuses(&reply), ["accepted", "failed", "accepted"], "{request} {loses:?}");
    assert_eq!(json(&reply)["results"][1]["problem"]["status"], 503);

    let reply = world.post(&events);
    assert_eq!((reply.status, statuses(&reply)), (202, again.map(str::to_owned).to_vec()), "{request} {loses:?}");
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    assert_eq!(world.receiver.texts().len(), 3, "{request} {loses:?}: each was sent once");
}

#[test]
fn an_event_that_could_not_be_stored_is_told_and_taken_when_it_is_sent_again() {
    let again = ["duplicate", "accepted", "duplicate"];
    check(Granularity::Hours1, "put_in_bucket", Loses::Request, again);
    check(Granularity::Hours1, "put_late_in_bucket", Loses::Request, again);
    check(Granularity::None, "put_in_lane", Loses::Request, again);
}

#[test]
fn an_event_that_was_stored_without_our_knowing_is_recognised_when_it_is_sent_again() {
    let again = ["duplicate"; 3];
    check(Granularity::Hours1, "put_in_bucket", Loses::Answer, again);
    check(Granularity::Hours1, "put_late_in_bucket", Loses::Answer, again);
    check(Granularity::None, "put_in_lane", Loses::Answer, again);
}

#[test]
fn an_event_that_was_stored_and_not_enqueued_is_enqueued_when_it_is_sent_again() {
    check(Granularity::None, "enqueue", Loses::Request, ["duplicate"; 3]);
    check(Granularity::None, "enqueue", Loses::Answer, ["duplicate"; 3]);
}

#[test]
fn one_event_that_could_not_be_stored_is_503_and_a_problem() {
    let world = world();
    world.tape.fail("put_in_bucket", 0, Loses::Request);
    let reply = world.post(&good("1"));
    assert_eq!((reply.status, header(&reply, "retry-after")), (503, Some("1")));
    problem(&reply);
    assert_eq!(world.stored(), 0);
}

#[test]
fn without_the_secret_or_the_settings_nothing_is_stored_and_all_of_it_may_be_sent_again() {
    for request in ["read_root_secret", "read_settings"] {
        let world = world();
        world.tape.fail(request, 0, Loses::Request);
        let reply = world.post(&json!([good("1"), good("2")]));
        assert_eq!((reply.status, header(&reply, "retry-after")), (503, Some("1")), "{request}");
        problem(&reply);
        assert_eq!(world.stored(), 0, "{request}");
        assert_eq!(statuses(&world.post(&json!([good("1"), good("2")]))), ["accepted"; 2], "{request}");
    }
}

#[test]
fn bad_and_failed_events_together_are_503_for_the_failed_ones_sake() {
    let world = world();
    world.tape.fail("put_in_bucket", 0, Loses::Request);
    let reply = world.post(&json!([7, good("1")]));
    assert_eq!((reply.status, statuses(&reply)), (503, ["rejected", "failed"].map(str::to_owned).to_vec()));
}
