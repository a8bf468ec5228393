//! A delivery that its receiver does not take, while it takes the others.

use super::{OWNER, is_disabled, resend, sent, state};
use crate::world::{Reply, World, at, in_chat, message};
use bundler::{delivery::Cause, ports::Clock, table::lane::DeliveryState, window::Granularity};
use std::time::Duration;

const POISON: &str = "poison";

/// Thirty hours, in each of which the other chats have a message; the first bundle of one chat is never taken. Returns
/// how many messages went to the others.
fn hours(world: &World) -> usize {
    world.configure(|settings| settings.owner_email = Some(OWNER.to_owned()));
    world.receiver.answers(|request| {
        Reply::Status(if String::from_utf8_lossy(&request.body).contains(POISON) { 400 } else { 200 })
    });
    world.ingest(&in_chat(POISON, message("2021-02-24T16:31:00Z", "1", POISON)));
    let (mut others, end) = (0, at("2021-02-25T22:31:00Z"));
    while world.clock.now() < end {
        let now = world.clock.now();
        if now.millis() / 60_000 % 20 < 5 {
            others += 1;
            world.ingest(&in_chat("other", message(&now.rfc3339(), &others.to_string(), "good")));
        }
        world.clock.pass(Duration::from_secs(300));
        world.tick().expect("a tick");
        world.drain();
        assert!(!is_disabled(world), "{}", world.clock.now().rfc3339());
    }
    others
}

#[test]
fn a_poisoned_delivery_is_given_up_after_eleven_errors_of_its_own_and_the_others_arrive() {
    let world = World::new(Granularity::Hours1);
    let others = hours(&world);
    // The last window is open yet.
    world.set_time("2021-02-25T23:02:45Z");
    world.minutes(30);
    let texts = sent(&world);
    assert_eq!(texts.iter().filter(|text| *text == "good").count(), others);
    assert_eq!(texts.iter().filter(|text| *text == POISON).count(), 11);
    let progress = super::progress(&world, POISON).expect("an outcome");
    assert_eq!((progress.state, progress.attempts, progress.errors), (DeliveryState::Failed, 11, 11));
    assert_eq!(world.health().next_look(), None, "nobody has to look at it any more");
    // It is seen, and sent again by a person.
    resend(&world, POISON);
    assert_eq!(state(&world, POISON), Some(DeliveryState::Failed));
    world.receiver.answers(|_| Reply::Status(200));
    world.minutes(30);
    resend(&world, POISON);
    assert_eq!(state(&world, POISON), Some(DeliveryState::Delivered));
    let numbers = world.receiver.headers("bundlehook-attempt");
    assert_eq!(numbers.last().map(String::as_str), Some("13"));
}

#[test]
fn a_delivery_that_failed_is_passed_over_until_its_own_time_has_come() {
    let world = World::new(Granularity::Hours1);
    hours(&world);
    let poisoned = world.receiver.texts().into_iter().map(|texts| texts == [POISON]);
    let times: Vec<u64> =
        super::times(&world).into_iter().zip(poisoned).filter(|(_, is)| *is).map(|(time, _)| time).collect();
    let gaps: Vec<u64> = times.windows(2).map(|pair| (pair[1] - pair[0]) / 60).collect();
    for (gap, minutes) in gaps.iter().zip([1, 5, 15, 30, 60, 120, 180, 240, 300, 360_u64]) {
        assert!(*gap >= minutes * 9 / 10, "{gaps:?}");
        // And then it is its turn soon: with the next that falls due, or within ticks.
        assert!(*gap <= minutes * 11 / 10 + 90, "{gaps:?}");
    }
    assert_eq!(gaps.len(), 10);
}

#[test]
fn deliveries_that_are_never_taken_do_not_keep_the_probes_from_one_that_is() {
    // All are due at the same time, so that the one that is taken is the last of them by its name.
    let good = "the good one";
    let chats = ["poison 1", "poison 2", "poison 3", "poison 4", good];
    let world = super::due(&chats);
    let takes = |request: &bundler::attempt::Request| !String::from_utf8_lossy(&request.body).contains(POISON);
    world.receiver.answers(move |request| Reply::Status(if takes(request) { 200 } else { 400 }));
    // One after the other, so that the first that fails is poisoned.
    let poisoned = chats[..4].iter().map(|chat| super::reference(chat, &Cause::Due)).collect();
    world.deliver_records(poisoned);
    world.take_queue();
    world.deliver_records(vec![super::reference(good, &Cause::Due)]);
    assert_eq!(state(&world, good), Some(DeliveryState::Held));
    while state(&world, good) != Some(DeliveryState::Delivered) {
        assert!(world.health().consecutive_errors < 6, "a good one was not tried in {} errors", chats.len());
        world.next_look();
    }
}
