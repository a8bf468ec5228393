//! The settings' form.

use super::{Browser, PAGE};
use crate::portal::{Desk, HOOK, Told};
use bundler::window::Granularity;
use serde_json::json;

const SAVE: &str = "/workspaces/acme/webhooks/default/save";

/// The form as the page has it, with some of its fields typed over.
fn typed<'a>(page: &'a [(String, String)], over: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = page.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    kept.filter(|(name, _)| !over.iter().any(|(typed, _)| typed == name)).chain(over.iter().copied()).collect()
}

/// What a browser would send of the form without a change.
fn form(page: &Told) -> Vec<(String, String)> {
    let fixed = [
        ("revision", page.value("revision")),
        ("granularity", "1h".to_owned()),
        ("url", page.value("url")),
        ("enabled", "on".to_owned()),
        ("time_zone", page.value("time_zone")),
        ("daily_hour", "0".to_owned()),
        ("success", "200".to_owned()),
        ("concurrency", page.value("concurrency")),
        ("direction", String::new()),
        ("chats", String::new()),
        ("accounts", String::new()),
        ("owner_email", page.value("owner_email")),
        ("header_name", String::new()),
        ("header_value", String::new()),
    ];
    fixed.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn saved(browser: &Browser<'_>, over: &[(&str, &str)]) -> Told {
    let page = form(&browser.look(PAGE));
    browser.send(SAVE, &typed(&page, over))
}

#[test]
fn every_setting_of_the_form_is_saved_and_shown_again() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    let told = saved(
        &browser,
        &[
            ("granularity", "24h"),
            ("url", "https://new.example.org/hook?key=1"),
            ("time_zone", "Europe/Berlin"),
            ("daily_hour", "7"),
            ("success", "2xx"),
            ("concurrency", "8"),
            ("direction", "received"),
            ("chats", "group"),
            ("accounts", "+972500000000\r\n+972540000000\r\n"),
            ("owner_email", "owner@acme.example"),
            ("header_name", "X-Key"),
            ("header_value", "hidden-value"),
        ],
    );
    assert_eq!(told.status, 200, "{}", told.words());
    told.says("Saved. The new window begins at");
    assert!(!told.text().contains("hidden-value"));
    let shown = desk.get(HOOK).json();
    let expected = json!({
        "url": "https://new.example.org/hook?key=1", "enabled": true, "granularity": "24h",
        "time_zone": "Europe/Berlin", "daily_hour": 7, "success": "2xx", "concurrency": 8,
        "headers": { "x-key": "***" }, "direction": "received", "chats": "group",
        "accounts": ["+972500000000", "+972540000000"], "owner_email": "owner@acme.example"
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(shown[name], *value, "{name}");
    }
    let page = browser.look(PAGE);
    assert_eq!(page.value("time_zone"), "Europe/Berlin");
    assert_eq!((page.value("concurrency").as_str(), page.value("header_name").as_str()), ("8", "x-key"));
    assert!(page.text().contains("+972500000000\n+972540000000"));
    page.says("“Every 24 hours” begins at");
    page.says("nothing is sent until");
}

#[test]
fn a_header_keeps_its_value_until_another_is_typed_and_goes_when_it_is_taken_away() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    let stored = || desk.world.webhook().settings.headers.iter().cloned().collect::<Vec<_>>();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    saved(&browser, &[("header_name", "x-key"), ("header_value", "one")]);
    assert_eq!(stored(), [pair("x-key", "one")]);
    saved(&browser, &[("header_name", "x-key"), ("header_value", "")]);
    assert_eq!(stored(), [pair("x-key", "one")], "an empty value keeps what it has");
    saved(&browser, &[("header_name", "x-key"), ("header_value", "two")]);
    assert_eq!(stored(), [pair("x-key", "two")]);
    saved(&browser, &[("header_name", "x-key"), ("header_value", ""), ("header_remove", "x-key")]);
    assert_eq!(stored(), []);
    let told = saved(&browser, &[("header_name", "x-new"), ("header_value", "")]);
    assert_eq!(told.status, 422);
    told.says("x-new: there is no such header yet: it needs a value.");
}

#[test]
fn what_is_wrong_stands_beside_its_field_nothing_is_saved_and_nothing_typed_is_lost() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    let before = desk.get(HOOK).json();
    let long = "x".repeat(5_000);
    for (field, value, said) in [
        ("granularity", "2h", "Must be none, 1h, 6h, 12h or 24h."),
        ("url", "", "url-error"),
        ("url", "ftp://example.org", "url-error"),
        ("url", "https://127.0.0.1/", "url-error"),
        ("url", "<script>alert(1)</script>", "url-error"),
        ("url", &long, "url-error"),
        ("time_zone", "Berlin", "time_zone-error"),
        ("daily_hour", "24", "Must be an hour of the day, 0 to 23."),
        ("success", "any", "success-error"),
        ("concurrency", "0", "Must be 1 to 64."),
        ("concurrency", "many", "Must be 1 to 64."),
        ("direction", "both", "Must be one of received, sent."),
        ("chats", "all", "Must be one of direct, group."),
        ("accounts", "not a number", "accounts-error"),
        ("owner_email", "\"><b>", "Must be an e-mail address."),
        ("owner_email", &long, "owner_email-error"),
    ] {
        let told = saved(&browser, &[(field, value)]);
        assert_eq!(told.status, 422, "{field}: {value}");
        told.says("Not saved: please look at what is marked below.");
        assert!(
            told.words().contains(said) || told.text().contains(&format!("id=\"{said}\"")),
            "{field}: {}",
            told.words()
        );
        assert!(!told.text().contains("<script>alert") && !told.text().contains("\"><b>"), "{field}");
        if ["url", "time_zone", "concurrency", "owner_email"].contains(&field) {
            let shown = told.value(field).replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"");
            assert_eq!(shown, value, "{field} is as it was typed");
        }
        assert_eq!(desk.get(HOOK).json(), before, "{field}");
    }
    let told =
        saved(&browser, &[("url", "x"), ("concurrency", "x"), ("header_name", "webhook-id"), ("header_value", "1")]);
    told.says("3 settings need another look:");
    assert!(told.text().contains("value=\"webhook-id\""));
}

#[test]
fn who_saves_after_somebody_else_sees_what_differs_and_may_save_again() {
    let desk = Desk::new(Granularity::Hours1);
    let (one, other) = (Browser::new(&desk), Browser::new(&desk));
    let page = form(&one.look(PAGE));
    saved(&other, &[("concurrency", "9")]);
    let told = one.send(SAVE, &typed(&page, &[("url", "https://mine.example.org/")]));
    assert_eq!(told.status, 409);
    told.says("somebody else has saved meanwhile");
    told.says("Requests at a time 4 9");
    told.says("Webhook URL https://mine.example.org/");
    let shown = desk.get(HOOK).json();
    assert_eq!((&shown["concurrency"], shown["url"] == "https://mine.example.org/"), (&json!(9), false));
    let again = typed(&page, &[("url", "https://mine.example.org/")]);
    let revision = told.value("revision");
    let again: Vec<_> =
        again.into_iter().map(|(name, value)| (name, if name == "revision" { &revision } else { value })).collect();
    assert_eq!(one.send(SAVE, &again).status, 200);
    assert_eq!(desk.get(HOOK).json()["url"], "https://mine.example.org/");
}

#[test]
fn an_error_that_is_counted_meanwhile_is_nobodys_change() {
    let desk = crate::portal::changes::failing();
    let browser = Browser::new(&desk);
    let page = form(&browser.look(PAGE));
    let errors = desk.world.webhook().health.consecutive_errors;
    desk.world.minutes(2);
    assert!(desk.world.webhook().health.consecutive_errors > errors, "the test has its error");
    let told = browser.send(SAVE, &typed(&page, &[("owner_email", "owner@acme.example")]));
    assert_eq!(told.status, 200, "{}", told.words());
    told.says("Saved.");
}

#[test]
fn a_form_that_changes_nothing_says_so() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    let before = desk.world.webhook();
    saved(&browser, &[]).says("Saved. Nothing was different.");
    assert_eq!(desk.world.webhook(), before);
}
