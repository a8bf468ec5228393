//! Windows by the clock of a time zone, and what a change of it does to what is gathered.

use super::{ON_TIME, pass};
use crate::world::{World, at, message};
use bundler::{
    ingest::Outcome,
    ports::Clock,
    schedule::Schedule,
    settings::History,
    window::{AggregationUnit, Granularity, Window},
};
use std::time::Duration;

/// A world at `now` whose webhook gathers by the schedule, written as it is stored.
fn by(schedule: &str, now: &str) -> World {
    let schedule = Schedule::try_from(schedule.to_owned()).expect("a schedule");
    let world = World::starting(now, Granularity::None);
    world.configure(|settings| settings.schedule = History::new(schedule));
    world
}

/// A message goes out within two minutes of 45 seconds after `end`, and not before; one sent at `end` waits for the next window.
fn check_end(schedule: &str, sent: &str, end: &str) {
    let world = by(schedule, sent);
    assert_eq!(world.ingest(&message(sent, "1", "before")), ON_TIME);
    let readable = at(end).plus(Duration::from_secs(45));
    let all_readable = readable.plus(Duration::from_secs(120));
    for (moment, requests) in [(readable.minus(Duration::from_secs(1)), 0), (all_readable, 1)] {
        world.clock.set(moment);
        assert_eq!(world.ingest(&message(end, "2", "after")) == Outcome::Duplicate, requests == 1, "{schedule} {end}");
        world.tick().expect("a tick");
        world.drain();
        assert_eq!(world.receiver.requests().len(), requests, "{schedule} at {}", moment.rfc3339());
    }
    assert_eq!(world.receiver.texts(), [["before"]]);
}

#[test]
fn a_bundle_goes_out_when_the_webhooks_own_clock_says_so_also_when_that_clock_is_changed() {
    for (schedule, sent, end) in [
        ("24h Europe/Berlin 18", "2026-01-15T17:00:00Z", "2026-01-16T17:00:00Z"),
        ("24h Europe/Berlin 18", "2026-07-15T15:59:59Z", "2026-07-15T16:00:00Z"),
        // 23 hours, and 25.
        ("24h Europe/Berlin 18", "2026-03-28T17:00:00Z", "2026-03-29T16:00:00Z"),
        ("24h Europe/Berlin 18", "2026-10-24T16:00:00Z", "2026-10-25T17:00:00Z"),
        ("24h Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        // 18:00 on the wall, whichever half of the day is the longer one.
        ("6h America/New_York", "2026-03-08T05:00:00Z", "2026-03-08T10:00:00Z"),
        ("12h America/New_York", "2026-11-01T04:00:00Z", "2026-11-01T17:00:00Z"),
        ("1h Asia/Kathmandu", "2026-05-01T10:20:00Z", "2026-05-01T11:15:00Z"),
        ("6h Australia/Lord_Howe", "2026-04-04T13:00:00Z", "2026-04-04T19:30:00Z"),
    ] {
        check_end(schedule, sent, end);
    }
}

#[test]
fn a_message_of_the_hour_that_comes_twice_is_in_one_bundle_and_redelivered_is_a_duplicate() {
    let world = by("1h Europe/Berlin", "2026-10-25T00:10:00Z");
    let twice = ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"];
    for (sent, id) in twice.into_iter().zip(["first", "second"]) {
        world.clock.set(at(sent));
        assert_eq!(world.ingest(&message(sent, id, id)), ON_TIME);
        world.restart();
        assert_eq!(world.ingest(&message(sent, id, id)), Outcome::Duplicate);
    }
    pass(&world, 2);
    assert_eq!(world.receiver.texts(), [["first", "second"]]);
}

#[test]
fn a_change_of_time_zone_leaves_the_open_window_its_end_and_holds_for_what_is_sent_from_its_beginning_on() {
    let world = by("24h Europe/Berlin 18", "2026-07-15T10:00:00Z");
    let noted = "2026-07-15T10:00:00Z";
    assert_eq!(world.ingest(&message(noted, "1", "old")), ON_TIME);
    let new = Schedule::try_from("24h America/New_York 9".to_owned()).expect("a schedule");
    let mut begins = world.clock.now();
    world.configure(|settings| begins = settings.schedule.change(at(noted), new));
    world.restart();
    world.clock.set(begins);
    let last = begins.minus(Duration::from_millis(1)).rfc3339();
    assert_eq!(world.ingest(&message(&last, "2", "still old")), ON_TIME);
    assert_eq!(world.ingest(&message(&begins.rfc3339(), "3", "new")), ON_TIME);
    assert_eq!(world.ingest(&message(noted, "1", "old")), Outcome::Duplicate);
    // 09:00 in New York is 13:00, 18:00 in Berlin 16:00.
    let window = Window::of(new, AggregationUnit::HOUR, begins).expect("a window");
    assert_eq!(window.end, at("2026-07-15T13:00:00Z"));
    world.set_time("2026-07-15T13:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    assert_eq!(world.receiver.texts(), [["new"]]);
    world.set_time("2026-07-15T16:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    assert_eq!(world.receiver.texts(), [vec!["new"], vec!["old", "still old"]]);
}
