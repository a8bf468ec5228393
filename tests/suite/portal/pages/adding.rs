//! A workspace is connected, and gets another webhook.

use super::{Browser, PAGE};
use crate::{
    portal::{Desk, HOOK},
    world::World,
};
use bundler::{portal::Grant, window::Granularity};
use serde_json::json;

fn unconnected() -> Desk {
    Desk::over(World::without_webhook("2021-02-24T16:31:00Z", Granularity::Hours1))
}

#[test]
fn who_opens_a_new_workspace_connects_a_system_and_sees_the_secret_this_once() {
    let desk = unconnected();
    let browser = Browser::new(&desk);
    let page = browser.look("/workspaces/acme");
    assert_eq!(page.status, 200);
    page.says("Connect your system");
    let made = browser.send(
        "/workspaces/acme/webhooks",
        &[("granularity", "6h"), ("url", " https://crm.example.org/hook "), ("owner_email", "owner@acme.example")],
    );
    assert_eq!(made.status, 200, "{}", made.words());
    made.says("Connected. Copy the signing secret now");
    let secret = made.text().split("whsec_").nth(1).map(|rest| rest.chars().take(44).collect::<String>());
    assert_eq!(made.text().matches("whsec_").count(), 1);
    let shown = desk.get(HOOK).json();
    assert_eq!((&shown["url"], &shown["granularity"]), (&json!("https://crm.example.org/hook"), &json!("6h")));
    assert_eq!(shown["owner_email"], "owner@acme.example");
    let again = browser.look("/workspaces/acme");
    again.says("Ready: nothing has been delivered yet");
    assert!(!again.text().contains("whsec_") && !again.text().contains(&secret.expect("a secret")));
}

#[test]
fn what_is_wrong_with_a_new_webhook_stands_beside_its_field_and_nothing_typed_is_lost() {
    let desk = unconnected();
    let browser = Browser::new(&desk);
    let fields = [("granularity", "2h"), ("url", "http://127.0.0.1/\"x"), ("owner_email", "nobody")];
    let told = browser.send("/workspaces/acme/webhooks", &fields);
    assert_eq!(told.status, 422);
    told.says("Must be none, 1h, 6h, 12h or 24h.");
    told.says("Must be an e-mail address.");
    assert_eq!((told.value("url").as_str(), told.value("owner_email").as_str()), ("http://127.0.0.1/&#34;x", "nobody"));
    assert_eq!(desk.get(HOOK).status, 404);
}

fn fields(name: &str) -> [(&str, &str); 3] {
    [("webhook", name), ("granularity", "none"), ("url", "https://a.example.org/1")]
}

#[test]
fn another_webhook_stands_beside_the_first_with_a_name_of_its_own() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    let form = browser.look("/workspaces/acme/webhooks");
    form.says("Add a webhook");
    let told = browser.send("/workspaces/acme/webhooks", &fields("zapier"));
    assert_eq!(told.status, 200, "{}", told.words());
    told.says("Connected.");
    assert!(told.text().contains("whsec_"));
    for (name, said) in [
        ("zapier", "The workspace has a webhook of this name."),
        ("a b", "Must be 1 to 32 letters, digits, hyphens and underscores."),
        ("", "Must be 1 to 32 letters"),
    ] {
        let told = browser.send("/workspaces/acme/webhooks", &fields(name));
        assert_eq!(told.status, 422, "{name}");
        told.says(said);
    }
    for number in 2..10 {
        assert_eq!(browser.send("/workspaces/acme/webhooks", &fields(&format!("w{number}"))).status, 200);
    }
    let eleventh = browser.send("/workspaces/acme/webhooks", &fields("w10"));
    assert_eq!(eleventh.status, 422);
    eleventh.says("as many webhooks as it can have: 10");
    let page = browser.look(PAGE);
    assert!(page.text().contains("/workspaces/acme/webhooks/w9\"") && !page.words().contains("Add a webhook"));
}

#[test]
fn who_may_only_look_at_a_workspace_without_a_webhook_is_told_so_and_adds_none() {
    let desk = unconnected();
    let watcher = Browser { desk: &desk, session: desk.session("acme", Grant::ReadOnly) };
    let page = watcher.look("/workspaces/acme");
    page.says("No webhook yet");
    assert!(!page.text().contains("<form"));
    let told = watcher.send("/workspaces/acme/webhooks", &[("granularity", "1h"), ("url", "https://a.example.org")]);
    assert_eq!(told.status, 403);
    assert_eq!(desk.get(HOOK).status, 404);
}
