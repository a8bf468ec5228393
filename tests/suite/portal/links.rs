//! Portal links: made with the admin key, opened once.

use super::{Asker, Desk, HOUR, ORIGIN};
use bundler::window::Granularity;
use serde_json::{Value, json};

fn link(desk: &Desk, workspace: &str, wish: &Value) -> String {
    let told = desk.post(&format!("/v1/workspaces/{workspace}/portal-links"), wish);
    assert_eq!(told.status, 201, "{}", told.text());
    let url = told.json()["url"].as_str().expect("a URL").to_owned();
    url.strip_prefix(ORIGIN).expect("a URL of the site").to_owned()
}

/// What a browser keeps of an answer, and sends again.
fn browser(set_cookie: &str) -> Asker {
    Asker::default().with("cookie", set_cookie.split(';').next().expect("a cookie"))
}

#[test]
fn a_link_shows_a_button_that_opens_its_workspace_and_no_other() {
    let desk = Desk::new(Granularity::Hours1);
    desk.world.add_workspace("globex");
    let path = link(&desk, "acme", &json!({ "minutes": 15, "access": "full" }));
    for _ in 0..3 {
        let page = desk.ask(&Asker::default(), "GET", &path, None);
        assert_eq!((page.status, page.header("set-cookie")), (200, ""), "a look opens nothing");
        assert!(page.text().contains(&format!("<form method=\"post\" action=\"{path}\">")), "{}", page.text());
        assert!(page.text().contains("acme"), "it says whose settings they are");
    }
    let opened = desk.ask(&Asker::default().with("origin", ORIGIN), "POST", &path, None);
    assert_eq!((opened.status, opened.header("location")), (303, "/workspaces/acme"));
    let kept = opened.header("set-cookie");
    assert!(kept.contains("; Max-Age=900; HttpOnly; SameSite=Lax; Secure"), "{kept}");
    let browser = browser(kept);
    assert_eq!(desk.ask(&browser, "GET", super::HOOK, None).status, 200);
    assert_eq!(desk.ask(&browser, "GET", "/v1/workspaces/globex/webhooks/default", None).status, 403);
}

#[test]
fn a_link_opens_once() {
    let desk = Desk::new(Granularity::Hours1);
    let path = link(&desk, "acme", &json!({ "minutes": 15, "access": "full" }));
    let open = || desk.ask(&Asker::default(), "POST", &path, None);
    assert_eq!(open().status, 303);
    let again = open();
    assert_eq!((again.status, again.header("set-cookie")), (410, ""));
    assert!(again.text().contains("This link has been used"));
}

#[test]
fn a_link_opens_nothing_after_its_time_and_its_session_ends_in_time() {
    let desk = Desk::new(Granularity::Hours1);
    let wish = json!({ "minutes": 60, "access": "full" });
    let (first, second) = (link(&desk, "acme", &wish), link(&desk, "acme", &wish));
    let browser = browser(desk.ask(&Asker::default(), "POST", &first, None).header("set-cookie"));
    assert_eq!(desk.ask(&browser, "GET", super::HOOK, None).status, 200);
    desk.world.clock.pass(HOUR);
    let late = desk.ask(&Asker::default(), "POST", &second, None);
    assert_eq!((late.status, late.header("set-cookie")), (410, ""));
    assert!(late.text().contains("This link has expired"));
    assert_eq!(desk.ask(&Asker::default(), "GET", &second, None).status, 410, "and it shows no button");
    assert_eq!(desk.ask(&browser, "GET", super::HOOK, None).status, 401);
}

#[test]
fn a_link_that_was_changed_or_is_opened_from_another_site_opens_nothing() {
    let desk = Desk::new(Granularity::Hours1);
    let path = link(&desk, "acme", &json!({ "minutes": 15, "access": "full" }));
    for bad in
        [format!("{path}A"), path[..path.len() - 1].to_owned(), "/portal/x".to_owned(), "/portal/%3Cb%3E".to_owned()]
    {
        let told = desk.ask(&Asker::default(), "POST", &bad, None);
        assert_eq!((told.status, told.header("set-cookie")), (404, ""), "{bad}");
        assert!(!told.text().contains("<b>"));
    }
    for origin in ["https://evil.example.org", "null"] {
        assert_eq!(desk.ask(&Asker::default().with("origin", origin), "POST", &path, None).status, 403);
    }
    assert_eq!(desk.ask(&Asker::default(), "POST", &path, None).status, 303, "it was not used up");
}

#[test]
fn a_read_only_link_opens_a_session_that_looks_and_changes_nothing() {
    let desk = Desk::new(Granularity::Hours1);
    let path = link(&desk, "acme", &json!({ "minutes": 1, "access": "read_only" }));
    let browser = browser(desk.ask(&Asker::default(), "POST", &path, None).header("set-cookie"));
    assert_eq!(desk.ask(&browser, "GET", super::HOOK, None).status, 200);
    let change = desk.ask(&browser, "POST", &format!("{}/secret", super::HOOK), None);
    assert_eq!(change.status, 403);
    assert!(change.text().contains("look at the settings and not change"));
}

#[test]
fn a_wish_for_a_link_is_checked() {
    let desk = Desk::new(Granularity::Hours1);
    for (wish, pointers) in [
        (json!({}), vec!["/minutes", "/access"]),
        (json!({ "minutes": 0, "access": "full" }), vec!["/minutes"]),
        (json!({ "minutes": 721, "access": "full" }), vec!["/minutes"]),
        (json!({ "minutes": u64::MAX, "access": "full" }), vec!["/minutes"]),
        (json!({ "minutes": "15", "access": "admin" }), vec!["/minutes", "/access"]),
        (json!({ "minutes": 1.5, "access": null }), vec!["/minutes", "/access"]),
        (json!({ "minutes": 15, "access": "full", "workspace": "globex" }), vec!["/workspace"]),
    ] {
        let told = desk.post("/v1/workspaces/acme/portal-links", &wish);
        assert_eq!((told.status, told.pointers()), (422, pointers.iter().map(ToString::to_string).collect()), "{wish}");
    }
    let told = desk.post("/v1/workspaces/a%20b/portal-links", &json!({ "minutes": 15, "access": "full" }));
    assert_eq!(told.status, 404);
}
