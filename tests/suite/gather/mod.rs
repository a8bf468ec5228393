//! Taking messages in: what it costs, and which bundle a message goes out in.

mod much;
mod redelivery;
mod several;
mod zones;

use crate::world::{World, at, message};
use bundler::{
    ingest::{Outcome, Timing},
    settings::Switch,
    window::Granularity,
};
use std::time::Duration;

const ON_TIME: Outcome = Outcome::Accepted(Timing::OnTime);
const LATE: Outcome = Outcome::Accepted(Timing::Late);
const AT_ONCE: Outcome = Outcome::Accepted(Timing::AtOnce);

/// The article's moment: in the windows that end at 17:00, 18:00 and midnight.
const SENT: &str = "2021-02-24T16:25:29+0000";

/// Lets `hours` hours pass with a tick every quarter of an hour, and the queue worked off.
fn pass(world: &World, hours: u32) {
    for _ in 0..hours * 4 {
        world.clock.pass(Duration::from_secs(15 * 60));
        world.tick().expect("a tick");
        world.drain();
    }
}

#[test]
fn a_message_on_time_is_stored_by_one_conditional_write_and_no_other_request() {
    let world = World::new(Granularity::Hours1);
    assert_eq!(world.ingest(&message(SENT, "1", "first of a cold function")), ON_TIME);
    assert_eq!(world.tape.take(), ["read_settings", "put_in_bucket"]);
    assert_eq!(world.ingest(&message(SENT, "2", "warm")), ON_TIME);
    assert_eq!(world.ingest(&message(SENT, "2", "warm")), Outcome::Duplicate);
    assert_eq!(world.tape.take(), ["put_in_bucket", "put_in_bucket"]);
}

#[test]
fn settings_are_read_again_when_they_are_30_seconds_old() {
    let world = World::new(Granularity::Hours1);
    world.ingest(&message(SENT, "1", "text"));
    world.configure(|settings| settings.switch = Switch::Off);
    world.clock.pass(Duration::from_millis(29_999));
    assert_eq!(world.ingest(&message(SENT, "2", "text")), ON_TIME);
    world.clock.pass(Duration::from_millis(1));
    assert_eq!(world.ingest(&message(SENT, "3", "text")), Outcome::SwitchedOff);
}

#[test]
fn a_message_is_on_time_until_20_seconds_after_its_windows_end_and_goes_out_with_it() {
    let world = World::new(Granularity::Hours1);
    world.set_time("2021-02-24T17:00:19.999Z");
    assert_eq!(world.ingest(&message(SENT, "1", "just in time")), ON_TIME);
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    assert_eq!(world.receiver.texts(), [["just in time"]]);
}

#[test]
fn a_late_message_goes_out_with_its_own_timestamp_in_the_window_open_when_it_came() {
    let world = World::new(Granularity::Hours1);
    world.set_time("2021-02-24T17:00:20Z");
    assert_eq!(world.ingest(&message(SENT, "1", "late")), LATE);
    assert_eq!(world.tape.take(), ["read_settings", "put_late_in_bucket"]);
    assert_eq!(world.stored(), 2, "the message and its pointer");
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    assert_eq!(world.receiver.requests().len(), 0, "a pointer is sent");
    world.ingest(&message("2021-02-24T17:00:40Z", "2", "on time"));
    world.set_time("2021-02-24T18:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    assert_eq!(world.receiver.texts(), [["late", "on time"]]);
    let document = &world.receiver.documents()[0];
    assert_eq!(document["first_message_timestamp"], SENT);
    assert_eq!(document["last_message_timestamp"], "2021-02-24T17:00:40+0000");
}

#[test]
fn a_message_ahead_of_our_clock_waits_for_the_end_of_its_own_window() {
    let world = World::new(Granularity::Hours1);
    world.set_time("2021-02-24T16:58:00Z");
    assert_eq!(world.ingest(&message("2021-02-24T17:03:00Z", "1", "ahead")), ON_TIME);
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    assert_eq!(world.receiver.requests().len(), 0);
    world.set_time("2021-02-24T18:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    assert_eq!(world.receiver.texts(), [["ahead"]]);
}

#[test]
fn a_change_of_granularity_begins_minutes_ahead_and_moves_no_message() {
    let world = World::new(Granularity::Hours1);
    assert_eq!(world.ingest(&message(SENT, "1", "before")), ON_TIME);
    let now = at("2021-02-24T16:31:00Z");
    world.configure(|settings| {
        assert!(settings.schedule.change(now, Granularity::None.into()) >= now.plus(Duration::from_secs(420)));
    });
    world.restart();
    assert_eq!(world.ingest(&message("2021-02-24T16:31:00Z", "2", "not yet")), ON_TIME);
    world.set_time("2021-02-24T16:38:00Z");
    assert_eq!(world.ingest(&message("2021-02-24T16:37:59Z", "3", "still of the old")), ON_TIME);
    assert_eq!(world.ingest(&message("2021-02-24T16:38:00Z", "4", "at once")), AT_ONCE);
    // Its window has ended and nothing is aggregated any more: it goes out by itself.
    world.set_time("2021-02-24T17:00:20Z");
    assert_eq!(world.ingest(&message("2021-02-24T16:30:00Z", "5", "late")), AT_ONCE);
    for _ in 0..2 {
        let taken_in = [(SENT, "1", "before"), ("2021-02-24T16:38:00Z", "4", "at once")];
        for (sent, id, text) in taken_in.into_iter().chain([("2021-02-24T16:30:00Z", "5", "late")]) {
            assert_eq!(world.ingest(&message(sent, id, text)), Outcome::Duplicate, "{id}");
        }
        world.drain();
        pass(&world, 1);
    }
    let mut texts = world.receiver.texts();
    texts.sort();
    assert_eq!(texts, [vec!["at once"], vec!["before", "not yet", "still of the old"], vec!["late"]]);
}

#[test]
fn what_is_not_aggregated_is_stored_and_then_enqueued() {
    let world = World::new(Granularity::None);
    assert_eq!(world.ingest(&message(SENT, "1", "text")), AT_ONCE);
    assert_eq!(world.tape.take(), ["read_settings", "put_in_lane", "enqueue"]);
}
