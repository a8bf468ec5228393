//! The eleventh error in a row, and 410 Gone: the webhook is disabled, everything waits, and its owner learns it once.

use super::{after_errors, answers, due, fail_until, is_disabled, mails, sent, state};
use crate::world::{Loses, Reply, World, in_chat, message};
use bundler::{
    health::{Enabling, State, Why},
    ingest::Outcome,
    limits,
    memory::MailService,
    ports::Clock,
    table::lane::DeliveryState,
};
use std::time::Duration;

const DISABLED: &str = "is disabled";

#[test]
fn the_tenth_error_in_a_row_leaves_a_webhook_failing_and_the_eleventh_disables_it() {
    let world = after_errors(10, &["1", "2", "3"]);
    assert!(matches!(world.health().state, State::Failing { .. }));
    while world.health().error_sequence < 11 {
        world.next_look();
    }
    assert!(matches!(world.health().state, State::Disabled { why: Why::Errors, .. }));
    assert_eq!(world.health().consecutive_errors, 11);
    world.minutes(60);
    assert_eq!(world.receiver.requests().len(), 11, "nothing is sent any more");
    assert_eq!(mails(&world), ["is failing", DISABLED]);
}

#[test]
fn what_a_webhook_does_not_take_that_takes_nothing_stays_held_and_goes_out_when_it_is_enabled() {
    let world = after_errors(10, &["1"]);
    while !is_disabled(&world) {
        world.next_look();
    }
    assert_eq!((world.receiver.requests().len(), state(&world, "1")), (11, Some(DeliveryState::Held)));
    answers(&world, 200);
    world.enable(Enabling::Deliver);
    world.minutes(400);
    assert_eq!(state(&world, "1"), Some(DeliveryState::Delivered));
}

#[test]
fn a_notice_that_no_mail_service_takes_is_owed_by_the_health_and_does_not_fill_the_queue() {
    let world = due(&["1"]);
    answers(&world, 410);
    world.mailbox.inner.set(MailService::Fails("AccessDenied"));
    world.drain();
    world.minutes(120);
    assert_eq!(world.queue.inner.len(), Ok(0));
    assert_eq!((world.health().owed.len(), mails(&world).len()), (1, 0));
    world.mailbox.inner.set(MailService::Takes);
    world.minutes(10);
    assert_eq!((world.health().owed.len(), mails(&world)), (0, vec![DISABLED.to_owned()]));
}

#[test]
fn any_success_sets_the_count_to_zero() {
    let world = after_errors(10, &["1", "2", "3"]);
    answers(&world, 200);
    world.next_look();
    assert_eq!(world.health().consecutive_errors, 0);
    world.minutes(600);
    assert!(["1", "2", "3"].iter().all(|chat| state(&world, chat) == Some(DeliveryState::Delivered)));
    assert_eq!(mails(&world), ["is failing", "works again"]);
}

#[test]
fn gone_disables_at_once() {
    let world = due(&["1", "2"]);
    answers(&world, 410);
    world.drain();
    assert!(matches!(world.health().state, State::Disabled { why: Why::Gone, .. }));
    world.minutes(60);
    assert_eq!((world.receiver.requests().len(), mails(&world)), (1, vec![DISABLED.to_owned()]));
}

#[test]
fn what_falls_due_of_a_disabled_webhook_waits_and_nobody_looks_at_it_every_minute() {
    let world = due(&["1"]);
    answers(&world, 410);
    world.drain();
    world.set_time("2021-02-24T17:20:00Z");
    world.ingest(&in_chat("1", message("2021-02-24T17:20:00Z", "2", "2")));
    world.minutes(120);
    world.tape.take();
    world.minutes(60);
    let looks = world.tape.take().iter().filter(|call| **call == "read_standing").count();
    assert_eq!((looks, world.receiver.requests().len()), (0, 1));
    answers(&world, 200);
    world.enable(Enabling::Deliver);
    world.minutes(60);
    assert_eq!(world.receiver.texts()[1..], [["1"], ["2"]]);
}

/// The eleventh error, and what follows until its owner knows, each invocation a process of its own.
fn eleventh(world: &World) {
    world.clock.set(super::probe_at(world));
    for _ in 0..4 {
        drop(world.tick());
        world.tape.revive();
        while world.deliver() > 0 {
            world.tape.revive();
        }
        world.clock.pass(Duration::from_secs(361));
    }
}

#[test]
fn exactly_one_mail_goes_out_whatever_dies_in_between_but_between_the_mail_services_answer_and_the_mark() {
    let start = || {
        let world = due(&["1", "2", "3"]);
        // Nothing else falls due.
        world.everything_is_swept_until(crate::world::at("2021-02-27T00:00:00Z"));
        fail_until(&world, 10);
        world.minutes(1);
        assert_eq!(mails(&world), ["is failing"]);
        world.tape.take();
        world
    };
    let whole = start();
    eleventh(&whole);
    let calls = whole.tape.take();
    let mailed = calls.iter().position(|call| *call == "send_mail").expect("a mail");
    assert_eq!(calls[mailed..mailed + 3], ["send_mail", "read_webhook", "put_health"]);
    for (passes, call) in calls.iter().enumerate() {
        for loses in [Loses::Request, Loses::Answer] {
            let world = start();
            world.tape.crash(passes, loses);
            for _ in 0..6 {
                if is_disabled(&world) { world.minutes(7) } else { eleventh(&world) }
            }
            let is_repeated = match (passes.checked_sub(mailed), loses) {
                (Some(0), Loses::Answer) | (Some(1), _) | (Some(2), Loses::Request) => true,
                (Some(_) | None, Loses::Request | Loses::Answer) => false,
            };
            let expected = vec![DISABLED; if is_repeated { 2 } else { 1 }];
            let shown = format!("{call} {passes}, lost {loses:?}");
            assert_eq!(mails(&world)[1..], expected, "{shown}");
            let health = world.health();
            assert_eq!((health.consecutive_errors, health.owed.len()), (11, 0), "{shown}");
            assert!(is_disabled(&world), "{shown}");
        }
    }
}

/// A disabled webhook with three held bundles of 17:00, two windows that ended later, and one that is open.
fn disabled() -> World {
    let world = due(&["1", "2", "3"]);
    answers(&world, 410);
    world.drain();
    for (chat, hour) in [("1", "17"), ("2", "17"), ("1", "18")] {
        let sent = format!("2021-02-24T{hour}:30:00Z");
        world.set_time(&sent);
        world.ingest(&in_chat(chat, message(&sent, hour, &format!("{chat} of {hour}"))));
    }
    world.set_time("2021-02-24T19:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    world.ingest(&in_chat("3", message("2021-02-24T19:02:45Z", "9", "open")));
    assert_eq!(world.receiver.requests().len(), 1, "everything is held");
    answers(&world, 200);
    world
}

#[test]
fn enabling_delivers_what_is_held_in_its_order() {
    let world = disabled();
    world.enable(Enabling::Deliver);
    world.minutes(70);
    let mut arrived = sent(&world).split_off(1);
    let place = |text: &str| arrived.iter().position(|one| one == text).expect(text);
    assert!(place("1") < place("1 of 17") && place("1 of 17") < place("1 of 18") && place("2") < place("2 of 17"));
    arrived.sort();
    assert_eq!(arrived, ["1", "1 of 17", "1 of 18", "2", "2 of 17", "3", "open"]);
    assert_eq!(mails(&world), [DISABLED, "is enabled again"]);
}

#[test]
fn starting_fresh_drops_what_was_due_before_and_open_buckets_go_out() {
    let world = disabled();
    world.enable(Enabling::StartFresh);
    world.minutes(70);
    assert_eq!(sent(&world).split_off(1), ["open"]);
    assert_eq!(mails(&world), [DISABLED, "is enabled again"]);
    assert_eq!(world.health().next_look(), None, "what was dropped keeps nobody waiting");
}

#[test]
fn after_two_weeks_a_disabled_webhook_stores_nothing_more_and_its_owner_is_told_once() {
    let world = after_errors(11, &["1", "2", "3"]);
    world.minutes(1);
    let State::Disabled { since, .. } = world.health().state else { panic!("{:?}", world.health()) };
    let end = since.plus(limits::HOLDING);
    let ingest = |id: &str| {
        world.restart();
        world.ingest(&message(&world.clock.now().rfc3339(), id, "text"))
    };
    world.everything_is_swept_until(bundler::window::last_due(bundler::window::AggregationUnit::HOUR, end));
    world.clock.set(end.minus(Duration::from_secs(60)));
    assert!(matches!(ingest("1"), Outcome::Accepted(_)));
    world.minutes(5);
    assert_eq!(ingest("2"), Outcome::SwitchedOff);
    world.minutes(30);
    assert_eq!(mails(&world), ["is failing", DISABLED, "stores nothing more"]);
    assert_eq!(world.health().next_look(), None);
    let before = world.stored();
    assert_eq!((ingest("3"), world.stored()), (Outcome::SwitchedOff, before));
}

#[test]
fn a_mail_that_is_refused_blocks_nothing_and_is_seen_in_health() {
    let world = due(&["1", "2"]);
    world.mailbox.inner.set(MailService::Refuses("MessageRejected"));
    answers(&world, 410);
    world.drain();
    world.minutes(10);
    let health = world.health();
    assert_eq!(health.mail_refused.map(|refused| refused.code).as_deref(), Some("MessageRejected"));
    assert_eq!(health.owed, []);
    answers(&world, 200);
    world.enable(Enabling::Deliver);
    world.mailbox.inner.set(MailService::Takes);
    world.minutes(5);
    assert_eq!(sent(&world).len(), 3);
    assert_eq!((mails(&world), world.health().mail_refused), (vec!["is enabled again".to_owned()], None));
}

#[test]
fn a_mail_that_fails_stays_owed_and_blocks_no_delivery() {
    let world = after_errors(5, &["1", "2"]);
    world.mailbox.inner.set(MailService::Fails("Throttling"));
    world.minutes(70);
    assert_eq!((world.health().consecutive_errors, world.health().owed.len()), (6, 1), "probes go on");
    world.receiver.answers(|_| Reply::Status(200));
    world.minutes(240);
    assert_eq!(state(&world, "1"), Some(DeliveryState::Delivered));
    assert_eq!((mails(&world), world.health().owed.len()), (vec![], 2));
    world.mailbox.inner.set(MailService::Takes);
    world.minutes(15);
    assert_eq!(
        (mails(&world), world.health().owed.len()),
        (vec!["is failing".to_owned(), "works again".to_owned()], 0)
    );
}
