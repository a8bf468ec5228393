//! What a workspace sets of its upstreams, by the API: all of it at once, judged whole, and never over somebody else's.

use super::{Desk, Told};
use bundler::{limits, window::Granularity};
use serde_json::{Value, json};

const UPSTREAM: &str = "/v1/workspaces/acme/upstream";

pub(super) fn whole() -> Value {
    json!({
        "accounts": [
            { "id": "106540352242922", "phone": "+972 50 000 0000", "full_name": "Amnon <b>", "email": "a@acme.example" },
            { "id": "+14155238886", "phone": "+1 415 523 8886", "full_name": "", "email": "" },
        ],
        "chat_url": "https://crm.example.org/{chat_id}?phone={phone}",
        "permalink": "https://crm.example.org/m/{message_id}",
    })
}

/// Sets it, whatever it is now.
pub(super) fn put(desk: &Desk, document: &Value) -> Told {
    put_over(desk, desk.get(UPSTREAM).header("etag"), document)
}

fn put_over(desk: &Desk, etag: &str, document: &Value) -> Told {
    desk.ask(&desk.admin().with("if-match", etag), "PUT", UPSTREAM, Some(document))
}

pub(super) fn shown(desk: &Desk) -> Value {
    desk.get(UPSTREAM).json()
}

pub(super) fn many(count: usize) -> Value {
    (0..count)
        .map(|number| json!({ "id": number.to_string(), "phone": "+1 555", "full_name": "", "email": "" }))
        .collect()
}

#[test]
fn what_is_set_is_shown_and_where_nothing_is_set_that_is_shown_too() {
    let desk = Desk::new(Granularity::Hours1);
    let before = desk.get(UPSTREAM);
    assert_eq!(before.json(), json!({ "accounts": [], "chat_url": null, "permalink": null }));
    let told = put(&desk, &whole());
    assert_eq!((told.status, told.json()), (200, whole()), "{}", told.text());
    let after = desk.get(UPSTREAM);
    assert_eq!((after.json(), after.header("etag")), (whole(), told.header("etag")));
    assert_ne!(after.header("etag"), before.header("etag"));
    let globex = desk.get("/v1/workspaces/globex/upstream");
    assert_eq!(globex.json(), before.json(), "another workspace has its own");
}

#[test]
fn what_is_left_out_is_not_set_any_more() {
    let desk = Desk::new(Granularity::Hours1);
    put(&desk, &whole());
    let told = put(&desk, &json!({ "accounts": [{ "id": "1", "phone": "2" }], "permalink": null }));
    let expected = json!({
        "accounts": [{ "id": "1", "phone": "2", "full_name": "", "email": "" }], "chat_url": null, "permalink": null
    });
    assert_eq!((told.status, told.json()), (200, expected));
    assert_eq!(put(&desk, &json!({})).json(), json!({ "accounts": [], "chat_url": null, "permalink": null }));
}

#[test]
fn what_is_as_it_was_is_not_written_again() {
    let desk = Desk::new(Granularity::Hours1);
    let told = put(&desk, &whole());
    desk.world.tape.take();
    let again = put(&desk, &whole());
    assert_eq!((again.status, again.header("etag"), again.json()), (200, told.header("etag"), whole()));
    assert!(!desk.world.tape.take().contains(&"put_upstream"));
}

#[test]
fn every_field_that_is_wrong_is_named_and_then_nothing_is_set() {
    let desk = Desk::new(Granularity::Hours1);
    put(&desk, &whole());
    let before = desk.world.table.inner.store().items();
    let check = |change: fn(&mut Value), pointers: &[&str]| {
        let mut document = whole();
        change(&mut document);
        let told = put(&desk, &document);
        assert_eq!(
            (told.status, told.pointers()),
            (422, pointers.iter().map(ToString::to_string).collect()),
            "{document}"
        );
        assert!(desk.world.table.inner.store().items() == before, "{document}");
        assert!(!told.text().contains("hidden"), "no value is in an answer");
    };
    check(|it| it["accounts"] = json!("hidden"), &["/accounts"]);
    check(|it| it["accounts"] = many(limits::UPSTREAM_ACCOUNTS + 1), &["/accounts"]);
    check(|it| it["accounts"][1] = json!("hidden"), &["/accounts/1"]);
    check(|it| it["accounts"][1] = json!({}), &["/accounts/1/id", "/accounts/1/phone"]);
    check(|it| it["accounts"][1]["id"] = it["accounts"][0]["id"].clone(), &["/accounts/1/id"]);
    check(|it| it["accounts"][0]["id"] = json!("hidden"), &["/accounts/0/id"]);
    check(|it| it["accounts"][0]["phone"] = json!(""), &["/accounts/0/phone"]);
    check(|it| it["accounts"][0]["full_name"] = json!("hidden".repeat(200)), &["/accounts/0/full_name"]);
    check(|it| it["accounts"][0]["email"] = json!(1), &["/accounts/0/email"]);
    check(|it| it["chat_url"] = json!("ftp://hidden"), &["/chat_url"]);
    check(|it| it["chat_url"] = json!("https://{phone}.example.org"), &["/chat_url"]);
    check(|it| it["chat_url"] = json!("https://a.example.org/{message_id}"), &["/chat_url"]);
    check(|it| it["permalink"] = json!("javascript:{message_id}"), &["/permalink"]);
    // A name that is misspelt would take away what it was to set.
    check(|it| it["acounts"] = json!([]), &["/acounts"]);
    check(|it| it["accounts"][0]["e/mail"] = json!("hidden"), &["/accounts/0/e~1mail"]);
    check(
        |it| {
            it["accounts"][0]["phone"] = json!(null);
            it["permalink"] = json!("{}");
            it["revision"] = json!(7);
        },
        &["/accounts/0/phone", "/permalink", "/revision"],
    );
}

#[test]
fn of_two_people_who_set_it_at_once_the_second_is_told_what_is_there_and_changes_nothing() {
    let desk = Desk::new(Granularity::Hours1);
    let seen = desk.get(UPSTREAM).header("etag").to_owned();
    let first = put_over(&desk, &seen, &whole());
    assert_eq!(first.status, 200);
    for outdated in [seen.as_str(), "\"0", "0", &format!("W/{}", first.header("etag"))] {
        let second = put_over(&desk, outdated, &json!({}));
        assert_eq!((second.status, second.header("etag")), (412, first.header("etag")), "{outdated}");
    }
    assert_eq!(shown(&desk), whole());
    let unseen = desk.ask(&desk.admin(), "PUT", UPSTREAM, Some(&json!({})));
    assert_eq!((unseen.status, shown(&desk)), (428, whole()));
    assert_eq!(put_over(&desk, "*", &json!({})).status, 200);
}

#[test]
fn a_body_that_is_none_is_refused() {
    let desk = Desk::new(Granularity::Hours1);
    let asker = desk.admin().with("if-match", "*");
    let json = asker.clone().with("content-type", "application/json");
    for (asker, body, status) in [
        (&json, "{}", 200),
        (&json, "", 400),
        (&json, "{\"accounts\":", 400),
        (&json, "[]", 422),
        (&asker, "{}", 415),
        (&json, &" ".repeat(64 * 1_024 + 1), 413),
    ] {
        let told = desk.ask_raw(asker, "PUT", UPSTREAM, body.as_bytes().to_vec());
        assert_eq!(told.status, status, "{}", &body[..body.len().min(40)]);
    }
}

#[test]
fn there_may_be_as_many_accounts_as_a_webhooks_filter_names() {
    let desk = Desk::new(Granularity::Hours1);
    let document = json!({ "accounts": many(limits::UPSTREAM_ACCOUNTS), "chat_url": null, "permalink": null });
    assert_eq!(put(&desk, &document).json(), document);
}

#[test]
fn trouble_of_ours_is_told_as_such_and_may_be_tried_again() {
    let desk = Desk::new(Granularity::Hours1);
    desk.world.tape.fail("put_upstream", 0, crate::world::Loses::Request);
    let told = put(&desk, &whole());
    assert_eq!((told.status, told.header("retry-after")), (503, "1"));
    assert_eq!(put(&desk, &whole()).status, 200);
}
