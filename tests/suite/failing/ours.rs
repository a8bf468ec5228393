//! What the queue gave up on, through no fault of the receiver.

use super::{due, is_draining, reference, sent, state};
use crate::world::{World, record};
use bundler::{delivery::Cause, ports::Clock, table::lane::DeliveryState};
use std::time::Duration;

/// The queue gives up on the bundles of these chats.
fn given_up(chats: &[&str]) -> World {
    let world = due(chats);
    let records = world.take_queue();
    assert_eq!(world.take_dead_letters(records), Vec::<String>::new());
    world
}

#[test]
fn what_the_queue_gave_up_on_is_held_and_arrives_after_a_quarter_of_an_hour() {
    let world = given_up(&["1", "2"]);
    let held = super::progress(&world, "1").expect("an outcome");
    let next = Some(world.clock.now().plus(Duration::from_secs(900)));
    assert_eq!((held.state, held.errors, held.next), (DeliveryState::Held, 0, next));
    assert_eq!(world.health().consecutive_errors, 0, "it is never counted against the receiver");
    world.minutes(14);
    assert_eq!(sent(&world), Vec::<String>::new());
    world.minutes(2);
    let mut arrived = sent(&world);
    arrived.sort();
    assert_eq!(arrived, ["1", "2"]);
    world.minutes(20);
    assert_eq!(world.health().next_look(), None);
    let told = |line: &&String| line.contains("the queue gave up on a record") && line.contains("\"ERROR\"");
    assert_eq!(world.log.all().iter().filter(told).count(), 2, "the alarm's lines");
}

#[test]
fn what_is_no_order_stays_to_be_seen_and_what_is_over_stays_as_it_is() {
    let world = due(&["1"]);
    world.drain();
    let body = reference("1", &Cause::Due).body;
    let records = ["", "{}", "null", &body, "{\"tell\":{\"workspace\":\"acme\",\"webhook\":\"default\"}}"];
    let records = records.iter().enumerate().map(|(id, body)| record(&id.to_string(), "g", body));
    assert_eq!(world.take_dead_letters(records.collect()), ["0", "1", "2"]);
    assert_eq!((state(&world, "1"), is_draining(&world)), (Some(DeliveryState::Delivered), false));
}

#[test]
fn what_cannot_be_held_stays_with_the_queue() {
    for request in ["read_delivery", "read_webhook", "put_health", "put_delivery"] {
        let world = due(&["1"]);
        let records = world.take_queue();
        world.tape.fail(request, 0, crate::world::Loses::Request);
        assert_eq!(world.take_dead_letters(records.clone()), ["0"], "{request}");
        world.tape.repair();
        assert_eq!(world.take_dead_letters(records), Vec::<String>::new(), "{request}");
        world.minutes(17);
        assert_eq!(sent(&world), ["1"], "{request}");
    }
}
