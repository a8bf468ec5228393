//! What a person does about a webhook beside its settings: another secret, and enabling it.

use super::{Asker, Desk, HOOK};
use crate::world::{Reply, World, in_chat, message};
use bundler::{limits, portal::Grant, window::Granularity};
use serde_json::json;
use std::time::Duration;

/// A world whose receiver has said that it is gone, with one delivery held.
pub(super) fn disabled() -> Desk {
    let world = World::new(Granularity::Hours1);
    world.ingest(&in_chat("1", message("2021-02-24T16:25:29+0000", "1", "first")));
    world.receiver.answers(|_| Reply::Status(410));
    world.set_time("2021-02-24T17:02:45Z");
    world.minutes(2);
    world.receiver.answers(|_| Reply::Status(200));
    Desk::over(world)
}

/// A world whose receiver has failed once.
pub(super) fn failing() -> Desk {
    let world = World::new(Granularity::Hours1);
    world.ingest(&in_chat("1", message("2021-02-24T16:25:29+0000", "1", "first")));
    world.receiver.answers(|_| Reply::Status(500));
    world.set_time("2021-02-24T17:02:45Z");
    world.minutes(1);
    Desk::over(world)
}

#[test]
fn another_secret_is_answered_once_and_signs_with_the_one_before_beside_it() {
    let desk = Desk::new(Granularity::Hours1);
    let page = desk.page(&desk.session("acme", Grant::Full));
    let told = desk.ask(&page, "POST", &format!("{HOOK}/secret"), None);
    let shown = told.json();
    assert_eq!((told.status, &shown["former_signs_until"]), (200, &json!("2021-02-25T16:31:00.000Z")));
    desk.world.ingest(&in_chat("1", message("2021-02-24T16:30:00+0000", "1", "first")));
    desk.world.set_time("2021-02-24T17:02:45Z");
    desk.world.minutes(2);
    let requests = desk.world.receiver.requests();
    let signatures = crate::world::header(&requests[0], "webhook-signature");
    assert_eq!(signatures.split(' ').count(), 2);
    for path in [HOOK, "/v1/workspaces/acme/webhooks/default/requests"] {
        assert!(!desk.get(path).text().contains(shown["secret"].as_str().expect("a secret")));
    }
    let activity = desk.get(&format!("{HOOK}/activity")).json();
    let kinds: Vec<_> = activity["activity"].as_array().expect("a list").iter().map(|it| it["kind"].clone()).collect();
    assert_eq!(kinds, ["request", "secret_replaced"]);
}

#[test]
fn a_disabled_webhook_says_so_and_is_enabled_with_what_is_to_become_of_what_is_held() {
    for (held, sent) in [("deliver", 2), ("discard", 1)] {
        let desk = disabled();
        let health = desk.get(HOOK).json()["health"].clone();
        assert_eq!((&health["state"], &health["disabled_because"]), (&json!("disabled"), &json!("gone")));
        let sentence = health["sentence"].as_str().expect("a sentence");
        assert!(
            sentence.starts_with("Disabled on 24 February 2021, 17:0") && sentence.contains("410 Gone"),
            "{sentence}"
        );
        let told = desk.post(&format!("{HOOK}/enable"), &json!({ "held": held }));
        assert_eq!((told.status, &told.json()["health"]["state"]), (200, &json!("draining")), "{}", told.text());
        assert_eq!(told.header("etag"), desk.get(HOOK).header("etag"));
        desk.world.minutes(5);
        assert_eq!(desk.world.receiver.requests().len(), sent, "{held}");
        assert_eq!(
            desk.post(&format!("{HOOK}/enable"), &json!({ "held": held })).status,
            409,
            "only one that is disabled"
        );
    }
}

#[test]
fn enabling_asks_what_becomes_of_what_is_held() {
    let desk = disabled();
    for body in [json!({}), json!({ "held": "all" }), json!({ "held": null }), json!({ "held": true })] {
        let told = desk.post(&format!("{HOOK}/enable"), &body);
        assert_eq!((told.status, told.pointers()), (422, vec!["/held".to_owned()]), "{body}");
    }
    let told = desk.post(&format!("{HOOK}/enable"), &json!({ "held": "deliver", "held_too": 1 }));
    assert_eq!(told.pointers(), ["/held_too"]);
    assert_eq!(desk.get(HOOK).json()["health"]["state"], "disabled");
}

#[test]
fn a_failing_webhook_says_since_when_by_its_own_clock_and_when_it_is_tried_next() {
    let desk = failing();
    desk.world.configure(|settings| {
        settings.schedule = bundler::settings::History::new(
            bundler::schedule::Schedule::try_from("1h Asia/Kathmandu".to_owned()).expect("a schedule"),
        );
    });
    let health = desk.get(HOOK).json()["health"].clone();
    assert_eq!((&health["state"], &health["consecutive_errors"]), (&json!("failing"), &json!(1)));
    assert_eq!(health["last_error"]["status"], 500);
    let sentence = health["sentence"].as_str().expect("a sentence");
    assert!(
        sentence.starts_with("Failing since 24 February 2021, 22:4") && sentence.contains("(Asia/Kathmandu)"),
        "{sentence}"
    );
}

#[test]
fn somebody_who_counts_an_error_meanwhile_is_faster_too() {
    let world = World::new(Granularity::Hours1);
    world.ingest(&in_chat("1", message("2021-02-24T16:25:29+0000", "1", "first")));
    world.receiver.answers(|_| Reply::Status(500));
    let desk = Desk::over(world);
    let seen: Asker = desk.admin().with("if-match", desk.get(HOOK).header("etag"));
    desk.world.set_time("2021-02-24T17:02:45Z");
    desk.world.minutes(1);
    let told = desk.ask(&seen, "PATCH", HOOK, Some(&json!({ "url": "https://example.org/2" })));
    assert_eq!(told.status, 412);
    desk.world.clock.pass(Duration::from_secs(limits::DAY_SECONDS));
    assert_eq!(desk.patch(&json!({ "url": "https://example.org/2" })).status, 200);
}
