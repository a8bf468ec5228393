//! Random changes of a webhook's schedule, and messages around them: a change moves no message, and no bucket is put into
//! when it may have been read.

use super::TZ_VARIANTS;
use crate::world::{Random, at, message};
use bundler::{
    event::Event,
    id::WebhookId,
    ingest::{self, Placement},
    limits, native,
    schedule::{DailyHour, Schedule},
    settings::{Gathering, Settings},
    signature::SigningSecret,
    table::bucket::Target,
    timestamp::Timestamp,
    window::{AggregationUnit, Granularity, Window},
    zone::Zone,
};
use std::time::Duration;

/// The days around both changes of the clock of 2026, and what is left of the year in other places.
const BEGINNINGS: [&str; 4] =
    ["2026-03-08T00:00:00Z", "2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z", "2026-04-04T06:00:00Z"];

fn seconds(random: &mut Random, most: usize) -> Duration {
    Duration::from_secs(u64::try_from(random.below(most)).expect("seconds"))
}

fn schedule(random: &mut Random) -> Schedule {
    let zone = Zone::parse(random.one_of(&TZ_VARIANTS).name()).expect("a zone");
    let daily_hour = DailyHour::new(u8::try_from(random.below(24)).expect("an hour")).expect("an hour");
    Schedule { granularity: random.one_of(&Granularity::ALL), zone, daily_hour }
}

/// A webhook's settings as they were stored one after the other, each with the time from which on.
fn versions(random: &mut Random, beginning: Timestamp) -> Vec<(Timestamp, Gathering)> {
    let secret = SigningSecret::from_bytes([7; 32]);
    let mut settings = Settings::new("https://example.org".to_owned(), schedule(random), secret).gathering();
    let mut versions = vec![(Timestamp::EPOCH, settings.clone())];
    let mut now = beginning;
    for _ in 0..random.below(5) {
        let pause = random.one_of(&[50, 1_000, 20_000]);
        now = now.plus(seconds(random, pause));
        let chosen = schedule(random);
        settings.schedule.change(now, chosen);
        versions.push((now, settings.clone()));
    }
    versions
}

/// What a function may hold at `now`: what is stored, or what was stored up to 30 seconds before.
fn held<'a>(random: &mut Random, versions: &'a [(Timestamp, Gathering)], now: Timestamp) -> &'a Gathering {
    let read_at = now.minus(seconds(random, 31));
    let version = versions.iter().rev().find(|(stored, _)| *stored <= read_at);
    &version.expect("the first version").1
}

fn event(sent: Timestamp) -> Event {
    native::parse(&message(&sent.rfc3339(), "1", "text"), "").expect("an event")
}

/// Where the message's own key is (nothing: in its lane), and the window's end that it is put under.
fn keys(placement: &Placement) -> (Option<Timestamp>, Option<Timestamp>) {
    match placement {
        Placement::Bucket(message) => (Some(message.slot.due), Some(message.slot.due)),
        Placement::LateBucket(pointer, message) => {
            assert_eq!(pointer.target, Target::Bucket { due: message.slot.due });
            (Some(pointer.slot.due), Some(message.slot.due))
        }
        Placement::LateLane(pointer, _) => (Some(pointer.slot.due), None),
        Placement::Lane(_) => (None, None),
        Placement::SwitchedOff | Placement::NotWanted => panic!("the webhook is on and wants everything"),
    }
}

fn check(seed: u64) {
    let random = &mut Random(seed);
    let beginning = at(random.one_of(&BEGINNINGS));
    let versions = versions(random, beginning);
    let last = &versions[versions.len() - 1].1;
    let sent = beginning.plus(seconds(random, 80_000));
    let in_force = last.schedule.at(sent);
    let own = Window::of(in_force, AggregationUnit::HOUR, sent).map(|window| window.end);
    let mut now = sent.minus(seconds(random, 300));
    for _ in 0..4 {
        let settings = held(random, &versions, now);
        let webhook = WebhookId::first();
        let placement = ingest::place(settings, AggregationUnit::HOUR, now, webhook, event(sent)).expect("a place");
        let (key, due) = keys(&placement);
        assert_eq!(key, own, "seed {seed}: another key at {}", now.rfc3339());
        if let Some(due) = due {
            let put_ends = now.plus(limits::INGEST_LIFE + limits::CLOCK_SKEW);
            assert!(put_ends < due.plus(limits::GRACE), "seed {seed}: put into what may have been read");
            assert_eq!(due.seconds() % 900, 0, "seed {seed}");
        }
        let pause = random.one_of(&[60, 5_000, 100_000]);
        now = now.plus(seconds(random, pause));
    }
}

#[test]
fn a_message_has_one_key_under_random_changes_of_the_schedule_and_no_bucket_is_put_into_once_it_may_be_read() {
    for seed in 0..4_000 {
        check(seed);
    }
}
