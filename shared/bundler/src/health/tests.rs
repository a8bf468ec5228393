//! The rules of a failing webhook, one by one, and all of them together under random histories.

use super::{
    Admission, Enabling, Group, Health, Heard, MailRefused, NoticeKind, Patience, State, Verdict, Waiting, Why, Wish,
    admit, jitter,
};
use crate::{
    attempt::ErrorClass,
    settings::Switch,
    table::lane::{DeliveryState, Progress},
    timestamp::Timestamp,
};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const ERROR: Verdict = Verdict::NotTaken { class: ErrorClass::Status, status: Some(500), not_before: None };
const GONE: Verdict = Verdict::NotTaken { class: ErrorClass::Status, status: Some(410), not_before: None };
/// Neither longer nor shorter than the schedule says.
const EVEN: u64 = 500;

fn noon() -> Timestamp {
    Timestamp::parse("2021-02-24T12:00:00Z").expect("a moment")
}

fn failed(health: &Health, now: Timestamp) -> Health {
    health.after(health.seen(), ERROR, now, &Patience::default(), EVEN).expect("an error counts")
}

fn taken(health: &Health, now: Timestamp) -> Option<Health> {
    health.after(health.seen(), Verdict::Taken, now, &Patience::default(), EVEN)
}

/// After so many errors in a row, each when its probe was due; and when the last one was.
fn after_errors(count: u32) -> (Health, Timestamp) {
    let (mut health, mut now) = (Health::default(), noon());
    for _ in 0..count {
        if let State::Failing { probe_at, .. } = health.state {
            now = probe_at;
        }
        health = failed(&health, now);
    }
    (health, now)
}

fn kinds(health: &Health) -> Vec<NoticeKind> {
    health.owed.iter().map(|notice| notice.kind).collect()
}

#[test]
fn after_each_error_it_is_waited_for_longer_and_at_the_eleventh_in_a_row_it_is_disabled() {
    let (mut health, mut now) = (Health::default(), noon());
    for minutes in [1, 5, 15, 30, 60, 120, 180, 240, 300, 360] {
        health = failed(&health, now);
        let State::Failing { since, probe_at, .. } = health.state else { panic!("{:?}", health.state) };
        assert_eq!((since, probe_at), (noon(), now.plus(MINUTE * minutes)));
        now = probe_at;
    }
    assert_eq!(health.consecutive_errors, 10);
    let health = failed(&health, now);
    assert_eq!(health.state, State::Disabled { since: now, why: Why::Errors, stopped: false });
    assert_eq!((health.consecutive_errors, health.error_sequence, health.epoch), (11, 11, 1));
    assert_eq!(kinds(&health), [NoticeKind::Warning, NoticeKind::Disabled]);
    let told = health.owed[1];
    assert_eq!((told.since, told.errors, told.last_error), (Some(noon()), 11, health.last_error));
}

#[test]
fn any_success_sets_the_count_to_zero_and_what_was_held_goes_out() {
    for errors in 1..=10 {
        let (health, now) = after_errors(errors);
        let recovered = taken(&health, now).expect("it is another state");
        assert_eq!(recovered.state, State::Draining { since: now, empty_since: None });
        assert_eq!(recovered.consecutive_errors, 0);
        // Who was warned hears of it; who was not has nothing to be glad of.
        let told = kinds(&recovered).contains(&NoticeKind::Recovered);
        assert_eq!(told, errors >= 5, "{errors}");
    }
    assert_eq!(taken(&Health::default(), noon()), None, "healthy costs nothing");
}

#[test]
fn a_burst_of_parallel_failures_is_one_error() {
    let seen = Health::default().seen();
    let first = failed(&Health::default(), noon());
    for late in [ERROR, GONE, Verdict::Taken] {
        assert_eq!(first.after(seen, late, noon(), &Patience::default(), EVEN), None, "{late:?}");
    }
}

#[test]
fn a_result_of_an_older_epoch_neither_counts_nor_resets() {
    let (failing, now) = after_errors(3);
    for health in [failing.changed(now), failing.enabled(Enabling::Deliver, now)] {
        assert_eq!((health.consecutive_errors, health.epoch), (0, failing.epoch + 1));
        for late in [ERROR, GONE, Verdict::Taken] {
            assert_eq!(health.after(failing.seen(), late, now, &Patience::default(), EVEN), None, "{late:?}");
        }
    }
}

#[test]
fn gone_disables_at_once() {
    let (failing, now) = after_errors(2);
    for health in [Health::default(), failing.clone(), taken(&failing, now).expect("draining")] {
        let gone = health.after(health.seen(), GONE, now, &Patience::default(), EVEN).expect("it counts");
        assert_eq!(gone.state, State::Disabled { since: now, why: Why::Gone, stopped: false });
        assert_eq!(kinds(&gone), [NoticeKind::Disabled]);
    }
}

#[test]
fn nothing_is_tried_before_the_receiver_wants_it() {
    let later = noon().plus(MINUTE * 600);
    for (not_before, expected) in [(later, later), (noon(), noon().plus(MINUTE))] {
        let busy = Verdict::NotTaken { class: ErrorClass::Status, status: Some(429), not_before: Some(not_before) };
        let health = Health::default();
        let health = health.after(health.seen(), busy, noon(), &Patience::default(), EVEN).expect("it counts");
        assert!(matches!(health.state, State::Failing { probe_at, .. } if probe_at == expected), "{health:?}");
    }
}

#[test]
fn waits_differ_by_up_to_a_tenth_and_webhooks_spread_over_it() {
    let patience = Patience::default();
    let waits: Vec<Duration> = (0..1_000).map(|jitter| patience.next(2, noon(), None, jitter).since(noon())).collect();
    let (shortest, longest) = (waits.iter().min().expect("some"), waits.iter().max().expect("some"));
    assert_eq!(*shortest, MINUTE * 5 * 9 / 10);
    assert!(*longest > MINUTE * 5 * 108 / 100 && *longest <= MINUTE * 5 * 11 / 10, "{longest:?}");
    let tenths: std::collections::BTreeSet<u64> =
        (0..200).map(|number| jitter(&format!("acme#{number}#"), 1) / 100).collect();
    assert_eq!(tenths.len(), 10, "200 webhooks are in every tenth");
    assert_ne!(jitter("acme#default#", 1), jitter("acme#default#", 2));
}

#[test]
fn a_schedule_is_read_as_the_template_has_it_and_a_bad_one_is_refused() {
    let default = Patience::parse("1m, 5m,15m,30m,1h,2h,3h,4h,5h,6h", "11", "5");
    assert_eq!(default, Ok(Patience::default()));
    let short = Patience::parse("5s", "3", "0").expect("a schedule");
    assert_eq!((short.disable_at, short.warn_at), (3, None));
    for errors in 1..=9 {
        assert_eq!(short.next(errors, noon(), None, EVEN), noon().plus(Duration::from_secs(5)));
    }
    assert_eq!(short.longest(), Duration::from_secs(11));
    for (waits, disable_at, warn_at) in [
        ("", "11", "5"),
        ("1m,", "11", "5"),
        ("5", "11", "5"),
        ("m", "11", "5"),
        ("0s", "11", "5"),
        ("-1m", "11", "5"),
        ("25h", "11", "5"),
        ("99999999999h", "11", "5"),
        ("1d", "11", "5"),
        ("1ä", "11", "5"),
        ("1m", "0", "5"),
        ("1m", "1001", "5"),
        ("1m", "eleven", "5"),
        ("1m", "11", "-1"),
    ] {
        assert!(Patience::parse(waits, disable_at, warn_at).is_err(), "{waits} {disable_at} {warn_at}");
    }
}

#[test]
fn draining_ends_when_nothing_has_waited_for_a_quarter_of_an_hour() {
    let (failing, now) = after_errors(1);
    let draining = taken(&failing, now).expect("draining");
    assert_eq!(draining.looked_at(Waiting::Something, now), None);
    let empty = draining.looked_at(Waiting::Nothing, now).expect("since when is noted");
    assert_eq!(empty.looked_at(Waiting::Nothing, now.plus(MINUTE * 15).minus(Duration::from_millis(1))), None);
    let healthy = empty.looked_at(Waiting::Nothing, now.plus(MINUTE * 15)).expect("it ends");
    assert_eq!((&healthy.state, healthy.next_look()), (&State::Healthy, None));
    // What comes back meanwhile begins the quarter of an hour anew.
    let again = empty.looked_at(Waiting::Something, now.plus(MINUTE * 14)).expect("it waits again");
    assert_eq!(again, draining);
    assert_eq!(empty.looked_after(now), Some(draining.clone()));
    // What is held for a webhook that nobody looks at would wait for nobody.
    assert!(Health::default().looked_after(now).expect("somebody looks").next_look().is_some());
}

#[test]
fn a_webhook_disabled_for_two_weeks_stops_and_its_owner_is_told_once() {
    let (disabled, since) = after_errors(11);
    let due = since.plus(Duration::from_secs(14 * 86_400));
    let told = disabled.owed.iter().fold(disabled.clone(), |health, notice| health.told(notice, Heard::Nothing));
    assert_eq!(told.next_look(), Some(due));
    assert_eq!(disabled.stopped(due.minus(Duration::from_millis(1))), None);
    let stopped = told.stopped(due).expect("it stops");
    assert_eq!(kinds(&stopped), [NoticeKind::Stopped]);
    assert_eq!(stopped.stopped(due.plus(MINUTE)), None);
    assert_eq!(stopped.told(&stopped.owed[0], Heard::Nothing).next_look(), None, "then nobody looks any more");
}

#[test]
fn telling_the_owner_touches_nothing_that_a_request_depends_on() {
    let (disabled, now) = after_errors(11);
    let refused = MailRefused { at: now, code: "MessageRejected".to_owned() };
    let told = disabled.told(&disabled.owed[0], Heard::Refused(refused.clone()));
    assert_eq!((told.seen(), &told.state), (disabled.seen(), &disabled.state));
    assert_eq!((kinds(&told), told.mail_refused.as_ref()), (vec![NoticeKind::Disabled], Some(&refused)));
    let next = |heard| told.told(&told.owed[0], heard).mail_refused;
    assert_eq!(next(Heard::Took(now.plus(MINUTE))), None, "an address that takes the next one is right again");
    assert_eq!(next(Heard::Took(now)), Some(refused.clone()), "which may bounce before it is marked as sent");
    assert_eq!(next(Heard::Nothing), Some(refused.clone()));
    let bounced = disabled.bounced(refused.clone());
    assert_eq!(bounced, Health { mail_refused: Some(refused), ..disabled.clone() });
    assert_eq!(disabled.next_look(), Some(disabled.owed[0].at), "what is owed is looked at, at once");
}

#[test]
fn enabling_begins_an_epoch_and_what_is_held_goes_out_or_is_dropped() {
    let (disabled, now) = after_errors(11);
    let delivering = disabled.enabled(Enabling::Deliver, now);
    let fresh = disabled.enabled(Enabling::StartFresh, now);
    for (health, told) in [(&delivering, NoticeKind::Enabled), (&fresh, NoticeKind::StartedFresh)] {
        assert_eq!(health.state, State::Draining { since: now, empty_since: None });
        assert_eq!((health.consecutive_errors, health.epoch), (0, disabled.epoch + 1));
        assert_eq!(kinds(health).last(), Some(&told));
    }
    let decide =
        |health: &Health, due| admit(Switch::On, health, Progress::NONE, due, Wish::Due, Group::OfItsLane, now);
    assert_eq!(decide(&delivering, now), Admission::SendInOrder);
    assert_eq!(decide(&fresh, now), Admission::Dropped);
    assert_eq!(decide(&fresh, now.plus(Duration::from_millis(1))), Admission::SendInOrder);
}

#[test]
fn another_url_begins_an_epoch_and_a_disabled_webhook_stays_disabled() {
    let (disabled, now) = after_errors(11);
    let changed = disabled.changed(now);
    assert_eq!((&changed.state, changed.epoch), (&disabled.state, disabled.epoch + 1));
    let changed = Health::default().changed(now);
    assert_eq!((changed.state, changed.epoch), (State::Draining { since: now, empty_since: None }, 1));
}

#[test]
fn whether_a_delivery_is_sent_follows_from_its_record_the_health_and_the_switch() {
    let (failing, last) = after_errors(2);
    let (disabled, _) = after_errors(11);
    let draining = taken(&failing, last).expect("draining");
    let claimed = failing.claimed("msg_1", last.plus(MINUTE * 5));
    let none = Progress::NONE;
    let held = Progress { state: DeliveryState::Held, attempts: 1, errors: 1, ..none };
    let waiting = Progress { next: Some(last.plus(MINUTE * 7)), ..held };
    let given_up = Progress { state: DeliveryState::Failed, errors: 11, ..none };
    let delivered = Progress { state: DeliveryState::Delivered, ..none };
    let (due, resend) = (Wish::Due, Wish::Resend);
    let healthy = &Health::default();
    let minutes = |minutes| last.plus(MINUTE * minutes);
    for (switch, health, progress, wish, now, expected) in [
        (Switch::On, healthy, none, due, minutes(0), Admission::Send),
        (Switch::On, healthy, delivered, due, minutes(0), Admission::DeliveredBefore),
        (Switch::On, healthy, delivered, resend, minutes(0), Admission::Send),
        (Switch::On, healthy, given_up, due, minutes(0), Admission::GivenUp),
        (Switch::On, healthy, given_up, resend, minutes(0), Admission::Send),
        (Switch::Off, healthy, none, due, minutes(0), Admission::Hold),
        (Switch::Off, healthy, given_up, resend, minutes(0), Admission::Hold),
        (Switch::Off, healthy, delivered, due, minutes(0), Admission::DeliveredBefore),
        (Switch::On, &disabled, none, due, minutes(0), Admission::Hold),
        (Switch::On, &disabled, none, resend, minutes(0), Admission::Hold),
        (Switch::On, &failing, none, due, minutes(4), Admission::Hold),
        (Switch::On, &failing, none, due, minutes(5), Admission::Probe),
        (Switch::On, &failing, none, resend, minutes(0), Admission::Probe),
        (Switch::On, &failing, waiting, due, minutes(6), Admission::NotYet),
        (Switch::On, &failing, waiting, due, minutes(7), Admission::Probe),
        (Switch::On, &failing, waiting, resend, minutes(0), Admission::Probe),
        (Switch::On, &claimed, none, due, minutes(5), Admission::Hold),
        (Switch::On, &claimed, none, resend, minutes(5), Admission::Hold),
        (Switch::On, &claimed, none, due, minutes(6), Admission::Probe),
        (Switch::On, &draining, none, due, minutes(0), Admission::SendInOrder),
        (Switch::On, &draining, none, resend, minutes(0), Admission::Send),
        (Switch::On, &draining, waiting, due, minutes(6), Admission::NotYet),
        (Switch::On, &draining, waiting, due, minutes(7), Admission::SendInOrder),
        (Switch::On, &draining, held, due, minutes(14 * 24 * 60), Admission::Expired),
        (Switch::On, &draining, held, resend, minutes(14 * 24 * 60), Admission::Send),
        (Switch::On, healthy, none, due, minutes(14 * 24 * 60 - 1), Admission::Send),
    ] {
        let found = admit(switch, health, progress, last, wish, Group::OfItsLane, now);
        assert_eq!(found, expected, "{switch:?} {:?} {progress:?} {wish:?}", health.state);
        // In another group others may send of the same lane, so nothing is sent; what is over is over there too.
        let is_over = matches!(expected, Admission::DeliveredBefore | Admission::GivenUp | Admission::Expired);
        let expected = if is_over || expected == Admission::NotYet { expected } else { Admission::Hold };
        assert_eq!(admit(switch, health, progress, last, wish, Group::Former, now), expected);
    }
}

#[test]
fn after_a_change_of_concurrency_nothing_is_sent_until_what_was_under_way_is_over() {
    let now = noon();
    let (failing, _) = after_errors(2);
    for health in [Health::default(), failing] {
        let regrouped = health.regrouped(now);
        assert_eq!((regrouped.epoch, regrouped.consecutive_errors), (health.epoch + 1, 0));
        let decide = |seconds| {
            let now = now.plus(Duration::from_secs(seconds));
            [Wish::Due, Wish::Resend]
                .map(|wish| admit(Switch::On, &regrouped, Progress::NONE, now, wish, Group::OfItsLane, now))
        };
        // Twice the queue's visibility timeout of six minutes, and the longest invocation of the sender.
        assert_eq!([decide(0), decide(2 * 360 + 60)], [[Admission::Hold; 2]; 2]);
        assert_eq!(decide(900), [Admission::SendInOrder, Admission::Send]);
    }
}

#[test]
fn what_is_stored_reads_back_and_what_was_stored_before_still_does() {
    for errors in 0..=11 {
        let (health, now) = after_errors(errors);
        for health in [health.clone(), health.claimed("msg_1", now), health.enabled(Enabling::StartFresh, now)] {
            let stored = serde_json::to_string(&health).expect("JSON");
            assert_eq!(serde_json::from_str::<Health>(&stored).expect(&stored), health);
        }
    }
    let first = r#"{"state":"healthy","epoch":3,"consecutive_errors":0,"error_sequence":9}"#;
    let read: Health = serde_json::from_str(first).expect("a health");
    assert_eq!((read.state, read.epoch, read.error_sequence), (State::Healthy, 3, 9));
}

/// Counts by the specification's words alone: over the list of all results, in the order in which they were recorded.
struct Oracle {
    errors: u32,
    recorded: u64,
    epoch: u64,
    is_disabled: bool,
    disables: usize,
}

#[test]
fn under_any_interleaving_errors_are_counted_exactly_and_one_disable_owes_one_mail() {
    for seed in 0..2_000_u64 {
        let mut random = crate::health::jitter("history", seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut draw = |below: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % below
        };
        let mut oracle = Oracle { errors: 0, recorded: 0, epoch: 0, is_disabled: false, disables: 0 };
        let (mut health, mut now) = (Health::default(), noon());
        // Requests under way: what was seen, and the same in the oracle's words: errors recorded, and epoch, when it began.
        let mut under_way = Vec::new();
        for _ in 0..120 {
            now = now.plus(Duration::from_secs(draw(4_000)));
            match draw(10) {
                0..4 if !oracle.is_disabled => under_way.push((health.seen(), oracle.recorded, oracle.epoch)),
                0..9 if !under_way.is_empty() => {
                    let place = usize::try_from(draw(under_way.len() as u64)).expect("a place");
                    let (seen, recorded, epoch) = under_way.swap_remove(place);
                    let is_taken = draw(6) == 0;
                    let verdict = if is_taken { Verdict::Taken } else { ERROR };
                    health = health.after(seen, verdict, now, &Patience::default(), draw(1_000)).unwrap_or(health);
                    let counts = recorded == oracle.recorded && epoch == oracle.epoch;
                    match (counts, is_taken) {
                        (true, true) => oracle.errors = 0,
                        (true, false) => {
                            oracle.errors += 1;
                            oracle.recorded += 1;
                            if oracle.errors > 10 {
                                oracle.is_disabled = true;
                                oracle.disables += 1;
                                oracle.epoch += 1;
                            }
                        }
                        (false, _) => {}
                    }
                }
                9 if oracle.is_disabled => {
                    health = health.enabled(Enabling::Deliver, now);
                    (oracle.errors, oracle.is_disabled) = (0, false);
                    oracle.epoch += 1;
                }
                _ => {}
            }
            let is_disabled = matches!(health.state, State::Disabled { .. });
            let owed = health.owed.iter().filter(|notice| notice.kind == NoticeKind::Disabled).count();
            let found = (health.consecutive_errors, health.error_sequence, is_disabled, owed);
            assert_eq!(found, (oracle.errors, oracle.recorded, oracle.is_disabled, oracle.disables), "seed {seed}");
        }
    }
}
