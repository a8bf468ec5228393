//! What an owner does while requests are under way, or while something waits.

use super::{answers, due, is_draining, sent, state};
use crate::world::{World, in_chat, message};
use bundler::{delivery::Cause, ingest::Outcome, owner::Change, settings::Switch, table::lane::DeliveryState};
use std::time::Duration;

const OTHER_URL: &str = "https://other.example.org/hook";

/// Does something while the request of the only delivery is under way.
fn meanwhile(world: &World, act: impl FnOnce()) {
    let before = world.receiver.requests().len();
    *world.receiver.waits_for.lock().expect("a number") = usize::MAX;
    std::thread::scope(|scope| {
        let sender = scope.spawn(|| world.drain());
        while world.receiver.requests().len() == before {
            std::thread::yield_now();
        }
        act();
        *world.receiver.waits_for.lock().expect("a number") = 0;
        sender.join().expect("a batch");
    });
}

#[test]
fn what_the_old_url_answers_after_a_change_of_url_does_not_count() {
    let world = due(&["1"]);
    answers(&world, 410);
    meanwhile(&world, || world.change_url(OTHER_URL));
    let health = world.health();
    assert_eq!((health.consecutive_errors, health.error_sequence, health.last_error), (0, 0, None));
    assert!(is_draining(&world), "{health:?}");
    assert_eq!(state(&world, "1"), Some(DeliveryState::Held));
    answers(&world, 200);
    world.minutes(3);
    let urls: Vec<String> = world.receiver.requests().into_iter().map(|request| request.url).collect();
    assert_eq!((urls.len(), urls[1].as_str()), (2, OTHER_URL));
}

#[test]
fn a_success_at_the_old_url_is_delivered_and_resets_nothing_at_the_new_one() {
    let world = due(&["1"]);
    meanwhile(&world, || {
        world.change_url(OTHER_URL);
        // The new one fails before the old one has answered.
        let health = world.health();
        let error = bundler::health::Verdict::NotTaken {
            class: bundler::attempt::ErrorClass::Connect,
            status: None,
            not_before: None,
        };
        let patience = bundler::health::Patience::default();
        let now = bundler::ports::Clock::now(&world.clock);
        world.put_health(&health.after(health.seen(), error, now, &patience, 0).expect("it counts"));
    });
    assert_eq!(world.health().consecutive_errors, 1);
    assert_eq!(state(&world, "1"), Some(DeliveryState::Delivered));
}

#[test]
fn what_is_pending_for_a_webhook_that_its_owner_switched_off_is_held_and_nothing_new_is_stored() {
    let world = due(&["1", "2"]);
    world.ingest(&in_chat("1", message("2021-02-24T17:02:45Z", "2", "gathering")));
    world.switch(Switch::Off);
    world.restart();
    let new = world.ingest(&in_chat("1", message("2021-02-24T17:02:46Z", "3", "new")));
    assert_eq!(new, Outcome::SwitchedOff);
    world.drain();
    world.minutes(90);
    assert_eq!(sent(&world), Vec::<String>::new());
    world.switch(Switch::On);
    world.minutes(5);
    let mut arrived = sent(&world);
    assert!(arrived.iter().position(|text| text == "1") < arrived.iter().position(|text| text == "gathering"));
    arrived.sort();
    assert_eq!(arrived, ["1", "2", "gathering"]);
}

#[test]
fn a_success_of_a_healthy_webhook_writes_one_receipt_and_nothing_of_health() {
    let world = due(&["1", "2"]);
    world.drain();
    world.minutes(60);
    let writes = world.tape.take().into_iter().filter(|call| call.starts_with("put_") || call.starts_with("set_"));
    assert_eq!(writes.collect::<Vec<_>>(), ["put_receipt", "put_receipt"]);
    assert_eq!(world.health(), bundler::health::Health::default());
}

#[test]
fn a_reference_that_comes_again_for_what_is_delivered_sends_nothing_in_any_state() {
    let world = due(&["1"]);
    world.drain();
    world.change_url(OTHER_URL);
    world.deliver_records(vec![super::reference("1", &Cause::Due)]);
    assert_eq!(sent(&world), ["1"]);
}

#[test]
fn after_a_change_of_concurrency_nothing_goes_out_until_old_requests_are_over_and_then_in_new_groups() {
    let chats: Vec<String> = (0..8).map(|chat| chat.to_string()).collect();
    let world = due(&chats.iter().map(String::as_str).collect::<Vec<_>>());
    let changed = world.change(&Change::Concurrency(1)).expect("the table answers");
    assert!(changed.is_ok(), "{changed:?}");
    world.drain();
    assert_eq!(sent(&world), Vec::<String>::new(), "an invocation of the sender may still have requests under way");
    world.tick().expect("a tick");
    assert_eq!(world.take_queue(), []);
    world.clock.pass(Duration::from_secs(900));
    // What the queue hands out late, in a group of four, may be in the hands of two.
    let former = chats.iter().find(|chat| !crate::deliver::lane(chat).group(4).ends_with('0')).expect("one of eight");
    world.deliver_records(vec![super::reference(former, &Cause::Due)]);
    assert_eq!(sent(&world), Vec::<String>::new());
    world.minutes(3);
    let mut arrived = sent(&world);
    arrived.sort();
    assert_eq!(arrived, chats);
}

#[test]
fn what_comes_in_a_former_group_long_after_the_change_is_held_and_looked_after() {
    let world = due(&["0", "1", "2", "3", "4", "5", "6", "7"]);
    world.take_queue();
    world.configure(|settings| settings.concurrency = 1);
    let former = (0..8).map(|chat| chat.to_string());
    let former = former.into_iter().find(|chat| !crate::deliver::lane(chat).group(4).ends_with('0')).expect("one");
    world.deliver_records(vec![super::reference(&former, &Cause::Due)]);
    assert_eq!((sent(&world).len(), state(&world, &former)), (0, Some(DeliveryState::Held)));
    assert!(is_draining(&world));
    world.minutes(2);
    assert_eq!(sent(&world), [former]);
}

#[test]
fn a_copy_that_a_person_wants_does_not_hold_up_a_former_group() {
    let world = due(&["0", "1", "2", "3", "4", "5", "6", "7"]);
    world.drain();
    let before = sent(&world).len();
    world.configure(|settings| settings.concurrency = 1);
    let former = (0..8).map(|chat| chat.to_string());
    let former = former.into_iter().find(|chat| !crate::deliver::lane(chat).group(4).ends_with('0')).expect("one");
    let copy = super::reference(&former, &Cause::Resend { nonce: "1".to_owned() });
    assert_eq!(world.deliver_records(vec![copy]), Vec::<String>::new(), "the queue may forget it");
    assert_eq!((sent(&world).len(), state(&world, &former)), (before, Some(DeliveryState::Delivered)));
}
