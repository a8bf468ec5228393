//! Draining: from the first success on, until nothing has waited for a quarter of an hour.

use super::{after_errors, answers, due, is_draining, sent, state};
use crate::{
    contract::{
        deliver::receipt,
        values::{bundle, lane},
    },
    world::{at, run},
};
use bundler::{
    flush::Bounds,
    health::State,
    ports::{Clock, DeliverTable, SweepTable},
    table::lane::DeliveryState,
};
use std::time::Duration;

#[test]
fn draining_ends_when_nothing_has_waited_for_a_quarter_of_an_hour_and_then_nobody_looks() {
    let world = after_errors(1, &["1", "2"]);
    answers(&world, 200);
    world.next_look();
    assert!(is_draining(&world));
    world.minutes(2);
    assert_eq!(sent(&world).len(), 3, "both have arrived");
    let appointments = || {
        let rows = crate::world::run(world.table.inner.read_appointments(at("2022-01-01T00:00:00Z"), None));
        rows.expect("the table answers").rows.len()
    };
    let State::Draining { empty_since: Some(empty), .. } = world.health().state else { panic!("{:?}", world.health()) };
    while world.clock.now().plus(Duration::from_secs(60)) < empty.plus(Duration::from_secs(900)) {
        world.minutes(1);
        assert_eq!((is_draining(&world), appointments()), (true, 1));
    }
    world.minutes(1);
    assert_eq!((world.health().state, appointments()), (State::Healthy, 0));
}

#[test]
fn what_somebody_delivered_while_somebody_else_held_it_does_not_keep_a_webhook_draining() {
    let world = after_errors(1, &["1", "2"]);
    let held = ["1", "2"].into_iter().find(|chat| super::progress(&world, chat).is_some_and(|it| it.attempts == 0));
    let key = bundle(&lane(held.expect("one of them is held")), "2021-02-24T17:00:00Z");
    run(world.table.inner.put_receipt(&receipt(&key))).expect("a receipt is put");
    answers(&world, 200);
    world.next_look();
    world.minutes(60);
    assert_eq!(world.health().state, State::Healthy);
    assert_eq!(sent(&world).len(), 2, "the one that failed, twice");
}

#[test]
fn what_is_held_is_released_at_a_bounded_rate() {
    let chats: Vec<String> = (0..12).map(|chat| chat.to_string()).collect();
    let world = after_errors(1, &chats.iter().map(String::as_str).collect::<Vec<_>>());
    answers(&world, 200);
    world.next_look();
    let mut released = Vec::new();
    for _ in 0..5 {
        world.clock.pass(Duration::from_secs(60));
        let swept = world.tick_within(Bounds { turn: 5, fan_out: 100_000 }).expect("a tick");
        released.push(swept.references);
        // The next ones wait for the outcomes of these.
        world.clock.pass(Duration::from_secs(1));
        assert_eq!(world.tick_within(Bounds { turn: 5, fan_out: 100_000 }).expect("a tick").references, 0);
        world.drain();
    }
    assert_eq!(released, [5, 5, 1, 0, 0]);
    assert!(chats.iter().all(|chat| state(&world, chat) == Some(DeliveryState::Delivered)));
}

#[test]
fn an_error_while_draining_makes_it_failing_and_the_next_success_drains_on_at_once() {
    let world = after_errors(1, &["1", "2", "3", "4"]);
    answers(&world, 200);
    world.next_look();
    answers(&world, 500);
    world.minutes(1);
    assert!(matches!(world.health().state, State::Failing { .. }));
    answers(&world, 200);
    world.minutes(5);
    for chat in ["1", "2", "3", "4"] {
        assert_eq!(state(&world, chat), Some(DeliveryState::Delivered), "{chat}");
    }
    assert!(is_draining(&world));
}

#[test]
fn what_one_webhook_does_not_take_costs_another_nothing() {
    let world = due(&["1"]);
    world.add_workspace("other");
    answers(&world, 500);
    world.drain();
    answers(&world, 200);
    let mut event = crate::world::message("2021-02-24T17:02:45Z", "1", "of another");
    event["workspace_id"] = serde_json::json!("other");
    world.ingest(&event);
    world.set_time("2021-02-24T17:03:00Z");
    world.set_time("2021-02-24T18:02:45Z");
    let before = world.receiver.requests().len();
    world.tick().expect("a tick");
    world.drain();
    assert!(sent(&world)[before..].contains(&"of another".to_owned()));
}
