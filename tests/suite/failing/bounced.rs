//! Mails to owners that the mail service took, and that came back.

use super::{OWNER, answers, due, is_disabled, mails, sent};
use crate::world::{Loses, World};
use bundler::{
    bounce::Cause,
    health::{Enabling, Health, MailRefused},
    memory::MailService,
    ports::Clock,
};
use serde_json::Value;

const REFUSED: Cause = Cause::Refused("Bounce");

/// Disabled by a 410, and its owner told.
fn told() -> World {
    let world = due(&["1", "2"]);
    answers(&world, 410);
    world.drain();
    world.minutes(10);
    assert!(is_disabled(&world));
    assert_eq!(mails(&world), ["is disabled"]);
    world
}

fn refused(world: &World) -> Option<String> {
    world.health().mail_refused.map(|refused| refused.code)
}

/// The lines that are counted, and that raise an alarm.
fn alarming(world: &World) -> Vec<Value> {
    let lines = world.log.all();
    let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
    lines.filter(|line| line["outcome"] == bundler::tell::REFUSED).collect()
}

#[test]
fn a_mail_that_bounces_is_seen_in_health_and_changes_nothing_else_of_it() {
    let world = told();
    let (before, now) = (world.health(), world.clock.now());
    assert_eq!(world.hear(OWNER, REFUSED), Ok(()));
    let mail_refused = Some(MailRefused { at: now, code: "Bounce".to_owned() });
    let revision = before.revision + 1;
    assert_eq!(world.health(), Health { mail_refused, revision, ..before });
    answers(&world, 200);
    world.enable(Enabling::Deliver);
    world.minutes(30);
    assert_eq!(sent(&world).len(), 3, "one that was not taken, and both");
    assert_eq!((mails(&world).len(), refused(&world)), (2, None), "the next one was taken, and has not come back");
}

#[test]
fn an_address_that_is_refused_at_once_and_one_that_bounces_are_the_same_line() {
    let world = told();
    world.hear(&OWNER.to_uppercase(), Cause::Refused("Complaint")).expect("it is kept");
    world.mailbox.inner.set(MailService::Refuses("MessageRejected"));
    answers(&world, 200);
    world.enable(Enabling::Deliver);
    world.minutes(10);
    let named = |line: &Value| (line["workspace"]["id"].clone(), line["webhook"]["id"].clone(), line["error"].clone());
    let lines = alarming(&world);
    let of = |error: &str| (Value::from("acme"), Value::from("default"), Value::from(error));
    assert_eq!(lines.iter().map(named).collect::<Vec<_>>(), [of("Complaint"), of("MessageRejected")]);
    assert!(lines.iter().all(|line| line["level"] == "ERROR" && line["message"] == lines[0]["message"]));
}

#[test]
fn a_bounce_that_passes_and_one_of_a_former_address_are_a_line_that_raises_no_alarm() {
    let world = told();
    let before = world.health();
    world.hear(OWNER, Cause::Passing).expect("nothing is asked for");
    world.hear("former@acme.example", REFUSED).expect("it is read");
    world.configure(|settings| settings.owner_email = None);
    world.hear(OWNER, REFUSED).expect("it is read");
    assert_eq!((world.health(), alarming(&world)), (before, vec![]));
    assert_eq!(world.log.all().iter().filter(|line| line.contains("\"outcome\":\"mail_")).count(), 3);
}

#[test]
fn a_bounce_that_cannot_be_kept_is_an_error_to_be_heard_again() {
    let world = told();
    for request in ["read_webhook", "put_health"] {
        world.tape.fail(request, 0, Loses::Request);
        assert!(world.hear(OWNER, REFUSED).is_err(), "{request}");
        world.tape.repair();
    }
    assert_eq!((refused(&world), alarming(&world)), (None, vec![]));
    world.hear(OWNER, REFUSED).expect("it is kept");
    assert_eq!(refused(&world).as_deref(), Some("Bounce"));
}

#[test]
fn a_bounce_of_a_webhook_that_is_gone_is_let_go() {
    let world = World::without_webhook("2021-02-24T16:31:00Z", bundler::window::Granularity::Hours1);
    assert_eq!((world.hear(OWNER, REFUSED), alarming(&world)), (Ok(()), vec![]));
}
