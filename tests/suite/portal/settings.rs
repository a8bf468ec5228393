//! A webhook's settings: looked at, changed, and created where there is none.

use super::{Desk, HOOK};
use crate::world::World;
use bundler::{
    id::{WebhookId, WorkspaceId},
    ports::{Clock, ReadWebhook},
    settings::Webhook,
    window::Granularity,
};
use serde_json::{Value, json};

const WEBHOOKS: &str = "/v1/workspaces/acme/webhooks";

fn stored(desk: &Desk) -> Webhook {
    let (workspace, webhook) = (WorkspaceId::parse("acme").expect("an id"), WebhookId::first());
    let read = crate::world::run(desk.world.table.inner.read_webhook(&workspace, &webhook));
    read.expect("the table answers").expect("a webhook")
}

fn deserted() -> Desk {
    Desk::over(World::without_webhook("2021-02-24T16:31:00Z", Granularity::None))
}

/// A text of so many letters.
fn long(letters: usize) -> String {
    "a".repeat(letters)
}

#[test]
fn a_webhook_is_shown_as_it_is_without_any_secret() {
    let desk = Desk::new(Granularity::Hours6);
    desk.patch(&json!({ "headers": { "X-Api-Key": "top-secret" }, "owner_email": "jane@example.org" }));
    let told = desk.get(HOOK);
    let shown = told.json();
    assert_eq!(told.status, 200);
    assert_eq!(
        (&shown["granularity"], &shown["time_zone"], &shown["daily_hour"]),
        (&json!("6h"), &json!("UTC"), &json!(0))
    );
    assert_eq!(shown["headers"], json!({ "x-api-key": "***" }));
    assert_eq!((&shown["health"]["state"], &shown["health"]["sentence"]), (&json!("healthy"), &json!("Working.")));
    for secret in ["top-secret", "whsec_"] {
        assert!(!told.text().contains(secret), "{secret}");
    }
    assert_eq!(desk.get(WEBHOOKS).json()["webhooks"], json!([shown]));
}

#[test]
fn a_workspace_without_a_webhook_has_none_and_every_other_question_about_it_is_answered_so() {
    let desk = deserted();
    assert_eq!(desk.get(WEBHOOKS).json(), json!({ "webhooks": [] }));
    for operation in super::document::operations().into_iter().filter(|it| it.path.contains("{webhook}")) {
        let path = operation.path.replace("{workspace}", "acme").replace("{webhook}", "default").replace("{chat}", "1");
        let body = match path.rsplit('/').next() {
            Some("enable") => Some(json!({ "held": "deliver" })),
            Some("held") => Some(json!({ "action": "deliver" })),
            Some("resend") => Some(json!({ "webhook_id": "msg_0", "sent_at": 1 })),
            Some("replay") => Some(json!({ "from": 1, "until": 2 })),
            Some("default") => Some(json!({})),
            Some(_) | None => None,
        };
        let body = body.filter(|_| operation.method != "GET");
        let told = desk.ask(&desk.admin().with("if-match", "*"), &operation.method, &path, body.as_ref());
        assert_eq!(told.status, 404, "{} {path}", operation.method);
    }
}

#[test]
fn everything_that_may_be_set_is_set_at_once_and_a_change_of_granularity_begins_later() {
    let desk = Desk::new(Granularity::Hours1);
    let told = desk.patch(&json!({
        "url": "https://example.org/other?x=<b>", "enabled": false, "granularity": "24h", "time_zone": "Europe/Berlin",
        "daily_hour": 18, "success": "2xx", "concurrency": 64, "headers": { "x-api-key": "1" },
        "owner_email": "jürgen@example.org"
    }));
    assert_eq!(told.status, 200, "{}", told.text());
    let shown = told.json();
    for (name, value) in [
        ("url", json!("https://example.org/other?x=<b>")),
        ("enabled", json!(false)),
        ("granularity", json!("24h")),
        ("time_zone", json!("Europe/Berlin")),
        ("daily_hour", json!(18)),
        ("schedule_begins", json!("2021-02-24T16:38:00.000Z")),
        ("success", json!("2xx")),
        ("concurrency", json!(64)),
        ("headers", json!({ "x-api-key": "***" })),
        ("owner_email", json!("jürgen@example.org")),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert_eq!(shown["health"]["state"], "off");
    let again = desk.get(HOOK);
    assert_eq!((again.json(), again.header("etag")), (shown, told.header("etag")));
    let now = desk.world.clock.now();
    let webhook = stored(&desk);
    assert_eq!(webhook.settings.schedule.at(now).granularity, Granularity::Hours1, "an open window keeps its end");
    assert_eq!(webhook.health.epoch, 2, "another URL and another concurrency");
    desk.world.clock.pass(super::HOUR);
    assert_eq!(desk.get(HOOK).json()["schedule_begins"], json!(null));
}

#[test]
fn what_is_not_named_stays_and_null_takes_away_what_can_be_without() {
    let desk = Desk::new(Granularity::Hours1);
    desk.patch(&json!({ "headers": { "a": "1", "b": "2", "c": "3" }, "owner_email": "jane@example.org" }));
    let headers = |desk: &Desk| stored(desk).settings.headers.iter().cloned().collect::<Vec<_>>();
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let shown = desk.patch(&json!({ "headers": { "A": "***", "b": null, "C": "4", "d": "5" } })).json();
    assert_eq!(headers(&desk), pairs(&[("a", "1"), ("c", "4"), ("d", "5")]));
    assert_eq!((&shown["owner_email"], &shown["concurrency"]), (&json!("jane@example.org"), &json!(4)));
    let shown = desk.patch(&json!({ "headers": null, "owner_email": null })).json();
    assert_eq!((&shown["headers"], &shown["owner_email"]), (&json!({}), &json!(null)));
    assert!(headers(&desk).is_empty());
    let before = stored(&desk);
    for nothing in [json!({}), json!({ "concurrency": 4, "granularity": "1h", "headers": { "gone": null } })] {
        assert_eq!(desk.patch(&nothing).status, 200, "{nothing}");
        assert_eq!(stored(&desk), before, "{nothing} changes nothing");
    }
}

#[test]
fn every_field_that_is_wrong_is_named_and_then_nothing_is_done() {
    let desk = Desk::new(Granularity::Hours1);
    let before = desk.world.table.inner.store().items();
    let long_url = format!("https://example.org/{}", long(2_048));
    let many: Value =
        (0..21).map(|number| (format!("x-{number}"), json!("1"))).collect::<serde_json::Map<_, _>>().into();
    for (patch, pointers) in [
        (json!({ "url": 1 }), vec!["/url"]),
        (json!({ "url": null }), vec!["/url"]),
        (json!({ "url": "http://example.org" }), vec!["/url"]),
        (json!({ "url": "https://127.0.0.1/" }), vec!["/url"]),
        (json!({ "url": "javascript:alert(1)" }), vec!["/url"]),
        (json!({ "url": "<script>alert(1)</script>" }), vec!["/url"]),
        (json!({ "url": long_url }), vec!["/url"]),
        (json!({ "enabled": "true" }), vec!["/enabled"]),
        (json!({ "enabled": null }), vec!["/enabled"]),
        (json!({ "granularity": "2h" }), vec!["/granularity"]),
        (json!({ "granularity": 6 }), vec!["/granularity"]),
        (json!({ "time_zone": "Europe/Atlantis" }), vec!["/time_zone"]),
        (json!({ "time_zone": ["UTC"] }), vec!["/time_zone"]),
        (json!({ "daily_hour": 24 }), vec!["/daily_hour"]),
        (json!({ "daily_hour": -1 }), vec!["/daily_hour"]),
        (json!({ "daily_hour": "18" }), vec!["/daily_hour"]),
        (json!({ "success": 200 }), vec!["/success"]),
        (json!({ "concurrency": 0 }), vec!["/concurrency"]),
        (json!({ "concurrency": 65 }), vec!["/concurrency"]),
        (json!({ "concurrency": 65_537 }), vec!["/concurrency"]),
        (json!({ "concurrency": 1.5 }), vec!["/concurrency"]),
        (json!({ "headers": [] }), vec!["/headers"]),
        (json!({ "headers": { "host": "a" } }), vec!["/headers/host"]),
        (json!({ "headers": { "a/b~c": "1" } }), vec!["/headers/a~1b~0c"]),
        (json!({ "headers": { "x": "a\r\ny: b" } }), vec!["/headers/x"]),
        (json!({ "headers": { "x": 1, "y": "日本" } }), vec!["/headers/x", "/headers/y"]),
        (json!({ "headers": { "x": "***" } }), vec!["/headers/x"]),
        (json!({ "headers": { "x": long(4_097) } }), vec!["/headers/x"]),
        (json!({ "headers": many }), vec!["/headers"]),
        (json!({ "owner_email": "jane" }), vec!["/owner_email"]),
        (json!({ "owner_email": "jane@example.org, eve@example.org" }), vec!["/owner_email"]),
        (json!({ "owner_email": "<b>@example.org" }), vec!["/owner_email"]),
        (json!({ "owner_email": "a@b.org\nbcc: c@d.org" }), vec!["/owner_email"]),
        (json!({ "owner_email": format!("{}@example.org", long(320)) }), vec!["/owner_email"]),
        (json!({ "owner_email": 1 }), vec!["/owner_email"]),
        (json!({ "secret": "whsec_AAAA", "enabeld": true }), vec!["/enabeld", "/secret"]),
        (json!({ "health": { "state": "healthy" }, "a/b": 1 }), vec!["/a~1b", "/health"]),
        // What is right beside it is not done either.
        (
            json!({ "concurrency": 8, "url": "https://a.example.org/1", "success": "all", "daily_hour": 99 }),
            vec!["/daily_hour", "/success"],
        ),
    ] {
        let told = desk.patch(&patch);
        assert_eq!(
            (told.status, told.pointers()),
            (422, pointers.iter().map(ToString::to_string).collect()),
            "{patch}"
        );
        assert!(desk.world.table.inner.store().items() == before, "{patch}");
    }
}

#[test]
fn a_body_that_is_none_is_refused() {
    let desk = Desk::new(Granularity::Hours1);
    let asker = desk.admin().with("if-match", "*");
    let json = asker.clone().with("content-type", "application/merge-patch+json; charset=utf-8");
    for (asker, body, status) in [
        (&json, "{}", 200),
        (&json, "", 400),
        (&json, "{\"url\":", 400),
        (&json, "{\"url\":\"\u{0}\"}", 400),
        (&json, "[]", 422),
        (&json, "null", 422),
        (&json, "\"{}\"", 422),
        (&asker, "{}", 415),
        (&asker.clone().with("content-type", "text/plain"), "{}", 415),
        (&json, &"[".repeat(60_000), 400),
        (&json, &format!("{{\"url\":\"{}\"}}", long(64 * 1_024)), 413),
    ] {
        let told = desk.ask_raw(asker, "PATCH", HOOK, body.as_bytes().to_vec());
        assert_eq!(told.status, status, "{}", &body[..body.len().min(40)]);
    }
}

#[test]
fn of_two_people_who_save_at_once_the_second_is_told_and_changes_nothing() {
    let desk = Desk::new(Granularity::Hours1);
    let seen = desk.get(HOOK).header("etag").to_owned();
    let save = |etag: &str, body: Value| desk.ask(&desk.admin().with("if-match", etag), "PATCH", HOOK, Some(&body));
    let first = save(&seen, json!({ "concurrency": 5 }));
    assert_eq!(first.status, 200);
    let before = stored(&desk);
    assert_eq!(save(&seen, json!({ "success": "2xx" })).status, 412);
    assert_eq!(save("\"0.0", json!({ "success": "2xx" })).status, 412);
    assert_eq!(save(&format!("W/{}", first.header("etag")), json!({ "success": "2xx" })).status, 412);
    assert_eq!(stored(&desk), before);
    assert_eq!(save(first.header("etag"), json!({ "success": "2xx" })).status, 200);
    assert_eq!(save("*", json!({ "success": "200" })).status, 200);
    let unseen = desk.ask(&desk.admin(), "PATCH", HOOK, Some(&json!({ "success": "2xx" })));
    assert_eq!(unseen.status, 428);
}

#[test]
fn a_webhook_is_created_where_there_is_none_and_its_secret_is_answered_once() {
    let desk = deserted();
    let wish = json!({
        "url": "https://example.org/1", "granularity": "24h", "time_zone": "Asia/Kathmandu", "daily_hour": 6,
        "headers": { "x-api-key": "1" }, "owner_email": "jane@example.org", "concurrency": 2, "success": "2xx"
    });
    let told = desk.post(WEBHOOKS, &wish);
    assert_eq!((told.status, told.header("location")), (201, HOOK), "{}", told.text());
    let secret = told.json()["secret"].as_str().expect("a secret").to_owned();
    let webhook = stored(&desk);
    assert_eq!(webhook.settings.secrets[0].reveal(), secret);
    assert_eq!(webhook.settings.schedule.at(bundler::timestamp::Timestamp::EPOCH).granularity, Granularity::Hours24);
    let shown = desk.get(HOOK);
    assert_eq!(shown.header("etag"), told.header("etag"));
    assert!(!shown.text().contains(&secret));
    let again = desk.post(WEBHOOKS, &json!({ "url": "https://example.org/2", "granularity": "1h" }));
    assert_eq!(again.status, 409);
    assert_eq!(stored(&desk), webhook, "it stays as it is");
}

#[test]
fn a_wish_for_a_webhook_is_checked_and_then_there_is_none() {
    let desk = deserted();
    for (wish, pointers) in [
        (json!({}), vec!["/url", "/granularity"]),
        (json!({ "url": "https://example.org" }), vec!["/granularity"]),
        (json!({ "url": "https://localhost", "granularity": "1h" }), vec!["/url"]),
        (json!({ "url": "https://example.org", "granularity": "1h", "secret": "whsec_x" }), vec!["/secret"]),
    ] {
        let told = desk.post(WEBHOOKS, &wish);
        assert_eq!((told.status, told.pointers()), (422, pointers.iter().map(ToString::to_string).collect()), "{wish}");
    }
    assert!(desk.world.table.inner.store().items().is_empty());
}

#[test]
fn another_webhook_stands_beside_the_first_and_is_seen_and_changed_by_itself() {
    let desk = Desk::new(Granularity::Hours1);
    let wish = json!({ "webhook": "crm", "url": "https://crm.example.org/1", "granularity": "none", "chats": "group" });
    let created = desk.post(WEBHOOKS, &wish);
    assert_eq!((created.status, created.header("location")), (201, "/v1/workspaces/acme/webhooks/crm"));
    let secret = created.json()["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("whsec_"));
    let listed = desk.get(WEBHOOKS).json();
    let ids: Vec<_> = listed["webhooks"].as_array().expect("a list").iter().map(|it| it["webhook"].clone()).collect();
    assert_eq!(ids, ["default", "crm"]);
    assert_eq!(listed["webhooks"][1]["chats"], json!("group"));
    assert_eq!(desk.get("/v1/workspaces/acme/webhooks/crm").json(), listed["webhooks"][1]);
    assert!(!listed.to_string().contains(&secret));
    assert_eq!(desk.post(WEBHOOKS, &wish).status, 409, "there is one");
    // One that somebody has put by hand, and that its workspace does not name.
    let (workspace, unnamed) =
        (WorkspaceId::parse("acme").expect("an id"), WebhookId::parse("by-hand").expect("an id"));
    desk.world.table.inner.put_settings(&workspace, &unnamed, &stored(&desk).settings).expect("they are put");
    let wish = json!({ "webhook": "by-hand", "url": "https://crm.example.org/1", "granularity": "none" });
    assert_eq!(desk.post(WEBHOOKS, &wish).status, 409);
    let activity = desk.get(&format!("{HOOK}/activity")).json();
    assert!(activity.to_string().contains("webhook_added"), "{activity}");
}

#[test]
fn another_webhook_needs_a_first_one_and_a_name_that_is_one() {
    let wish = |name: Value| json!({ "webhook": name, "url": "https://crm.example.org/1", "granularity": "none" });
    assert_eq!(deserted().post(WEBHOOKS, &wish(json!("crm"))).status, 404);
    let desk = Desk::new(Granularity::Hours1);
    for bad in [json!(1), json!(null), json!(""), json!("a b"), json!("<b>"), json!(long(33))] {
        let told = desk.post(WEBHOOKS, &wish(bad.clone()));
        assert_eq!((told.status, told.pointers()), (422, vec!["/webhook".to_owned()]), "{bad}");
    }
    for number in 2..=10 {
        assert_eq!(desk.post(WEBHOOKS, &wish(json!(format!("crm-{number}")))).status, 201);
    }
    assert_eq!(desk.post(WEBHOOKS, &wish(json!("one-more"))).status, 409);
}

#[test]
fn what_a_webhook_wants_is_set_and_null_lets_everything_through() {
    let desk = Desk::new(Granularity::Hours1);
    let set = json!({ "direction": "received", "chats": "direct", "accounts": ["+1 555 0001", "+15550001", "+44 20 7946 0000"] });
    assert_eq!(desk.patch(&set).status, 200);
    let shown = desk.get(HOOK).json();
    assert_eq!((&shown["direction"], &shown["chats"]), (&json!("received"), &json!("direct")));
    assert_eq!(shown["accounts"], json!(["+15550001", "+442079460000"]), "each once");
    assert_eq!(desk.patch(&json!({ "chats": null })).status, 200);
    let shown = desk.get(HOOK).json();
    assert_eq!((&shown["direction"], &shown["chats"]), (&json!("received"), &json!(null)), "the other stays");
    assert_eq!(desk.patch(&json!({ "direction": null, "accounts": null })).status, 200);
    assert!(stored(&desk).settings.filter.is_open());
    for (bad, pointer) in [
        (json!({ "direction": "up" }), "/direction"),
        (json!({ "chats": 1 }), "/chats"),
        (json!({ "accounts": "+15550001" }), "/accounts"),
        (json!({ "accounts": ["<b>"] }), "/accounts"),
        (json!({ "accounts": [1] }), "/accounts"),
        (json!({ "accounts": (0..51).map(|n| format!("+1555{n:04}")).collect::<Vec<_>>() }), "/accounts"),
    ] {
        let told = desk.patch(&bad);
        assert_eq!((told.status, told.pointers()), (422, vec![pointer.to_owned()]), "{bad}");
    }
}
