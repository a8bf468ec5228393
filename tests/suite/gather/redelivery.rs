//! A message that comes again is recognised, whenever it comes, and goes out once.

use super::{AT_ONCE, LATE, ON_TIME, SENT, pass};
use crate::world::{World, at, message};
use bundler::{ingest::Outcome, ports::Clock, window::Granularity};
use std::time::Duration;

/// A message that arrives first at one time and again at the others: accepted once, and sent once.
fn check_redelivery(granularity: Granularity, arrivals: &[&str], first: &Outcome) {
    let world = World::new(granularity);
    for (index, arrival) in arrivals.iter().enumerate() {
        while world.clock.now().plus(Duration::from_secs(15 * 60)) <= at(arrival) {
            world.clock.pass(Duration::from_secs(15 * 60));
            world.tick().expect("a tick");
            world.drain();
        }
        world.set_time(arrival);
        // Whatever another sandbox has cached.
        world.restart();
        let expected = if index == 0 { first } else { &Outcome::Duplicate };
        assert_eq!(world.ingest(&message(SENT, "1", "text")), *expected, "{granularity:?} at {arrival}");
        world.drain();
    }
    // Long enough for any window that it could have been put into.
    pass(&world, granularity.units().unwrap_or(0) + 1);
    assert_eq!(world.receiver.texts(), [["text"]], "{granularity:?} {arrivals:?}");
}

#[test]
fn a_redelivery_is_a_duplicate_whenever_it_comes() {
    let on_time = ["2021-02-24T16:31:00Z", "2021-02-24T16:31:00Z", "2021-02-24T16:59:59Z", "2021-02-24T17:00:19Z"];
    let afterwards = ["2021-02-24T17:00:20Z", "2021-02-24T17:00:45Z", "2021-02-24T18:30:00Z", "2021-02-25T01:00:00Z"];
    let arrivals = [on_time, afterwards].concat();
    for granularity in [Granularity::Hours1, Granularity::Hours6, Granularity::Hours12, Granularity::Hours24] {
        check_redelivery(granularity, &arrivals, &ON_TIME);
    }
    check_redelivery(Granularity::None, &arrivals, &AT_ONCE);
}

#[test]
fn a_late_message_that_is_redelivered_is_still_one() {
    let arrivals = ["2021-02-24T17:00:20Z", "2021-02-24T17:00:20Z", "2021-02-24T17:59:59Z", "2021-02-24T18:00:45Z"];
    check_redelivery(Granularity::Hours1, &[&arrivals[..], &["2021-02-24T21:00:00Z"]].concat(), &LATE);
    let arrivals = ["2021-02-25T00:00:20Z", "2021-02-25T05:00:00Z", "2021-02-25T23:00:00Z", "2021-02-27T00:00:45Z"];
    for granularity in [Granularity::Hours6, Granularity::Hours12, Granularity::Hours24] {
        check_redelivery(granularity, &arrivals, &LATE);
    }
}

#[test]
fn of_a_retry_with_other_content_the_first_stands_and_the_second_is_told_apart() {
    for granularity in [Granularity::Hours1, Granularity::None] {
        let world = World::new(granularity);
        world.post(&message(SENT, "1", "first"));
        let reply = world.post(&message(SENT, "1", "second"));
        assert!(String::from_utf8_lossy(&reply.body).contains("\"duplicate\""), "upstream has nothing to do");
        world.post(&message(SENT, "1", "first"));
        let counted = |line: &&String| line.contains("said something else") && line.contains("\"WARN\"");
        assert_eq!(world.log.all().iter().filter(counted).count(), 1, "{granularity:?}");
        world.set_time("2021-02-24T17:02:45Z");
        world.tick().expect("a tick");
        world.drain();
        assert_eq!(world.receiver.texts(), [["first"]]);
    }
}

#[test]
fn one_message_id_at_two_timestamps_is_two_messages() {
    let world = World::new(Granularity::Hours1);
    assert_eq!(world.ingest(&message(SENT, "1", "one")), ON_TIME);
    assert_eq!(world.ingest(&message("2021-02-24T16:25:29.5Z", "1", "other")), ON_TIME);
    assert_eq!(world.ingest(&message("2021-02-24T18:25:29.50+02:00", "1", "other")), Outcome::Duplicate);
}

#[test]
fn what_is_not_aggregated_is_enqueued_again_by_a_redelivery_until_it_is_delivered() {
    let world = World::new(Granularity::None);
    world.ingest(&message(SENT, "1", "text"));
    // As if it had never been enqueued.
    assert_eq!(world.take_queue().len(), 1);
    world.clock.pass(Duration::from_secs(300));
    assert_eq!(world.ingest(&message(SENT, "1", "text")), Outcome::Duplicate);
    world.drain();
    assert_eq!(world.receiver.texts(), [["text"]]);
    world.clock.pass(Duration::from_secs(300));
    assert_eq!(world.ingest(&message(SENT, "1", "text")), Outcome::Duplicate);
    assert_eq!(world.take_queue(), []);
}
