//! What the pages show, and what looking costs.

use super::{Browser, PAGE};
use crate::{
    portal::{Asker, Desk, changes},
    world::{Loses, Reply, World, in_chat, message},
};
use bundler::window::Granularity;
use serde_json::json;

/// A world in which three bundles went out, of one, two and three messages.
fn working() -> Desk {
    let world = World::new(Granularity::Hours1);
    for chat in 1..=3 {
        for number in 0..chat {
            let event = message("2021-02-24T16:25:29+0000", &format!("{chat}-{number}"), "hidden-text");
            let mut event = in_chat(&chat.to_string(), event);
            event["chat"]["full_name"] = json!(format!("hidden-name {chat}"));
            world.ingest(&event);
        }
    }
    world.set_time("2021-02-24T17:02:45Z");
    world.minutes(5);
    Desk::over(world)
}

#[test]
fn the_state_of_a_webhook_is_one_sentence() {
    let page = |desk: &Desk| Browser::new(desk).look(PAGE);
    page(&Desk::new(Granularity::Hours1)).says("Ready: nothing has been delivered yet");
    let desk = working();
    page(&desk).says("Working: 3 calls carried 6 messages in 30 days");
    page(&desk).says("Calls saved 50 %");
    let failing = page(&changes::failing());
    failing.says("Failing since 17:0");
    failing.says(": 1 error, next try 17:0");
    page(&changes::disabled()).says("Disabled on 24 Feb, 17:0");
}

#[test]
fn the_last_things_that_happened_stand_there_in_plain_words() {
    let desk = working();
    let page = Browser::new(&desk).look(PAGE);
    for chat in 1..=3 {
        page.says(&format!("Delivered: \u{2068}hidden-name {chat}\u{2069}"));
    }
    page.says("The last 14 days: 3 calls, 0 errors.");
    assert_eq!(page.text().matches("class=\"activity-words\"").count(), 3);
}

#[test]
fn a_request_shows_what_was_sent_what_came_back_and_why_it_was_not_taken() {
    let world = World::new(Granularity::None);
    world.receiver.answers(|_| Reply::Status(503));
    world.ingest(&in_chat("1", message("2021-02-24T16:30:00+0000", "1", "hidden-text")));
    world.drain();
    let desk = Desk::over(world);
    let browser = Browser::new(&desk);
    let list = browser.look(&format!("{PAGE}/requests"));
    list.says("503 It answered with status 503 Service Unavailable.");
    let paths = list.text();
    let path = paths.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|it| it.contains("/requests/"));
    let page = browser.look(path.expect("a request"));
    assert_eq!(page.status, 200);
    page.says("hidden-text");
    page.says("curl --globoff --request POST --url");
    page.says("What came back");
    // As a whole one, but for its length: no key of the table has room for it.
    let named = path.and_then(|path| path.rsplit('/').next()).expect("a request").to_owned();
    let long = named.replacen("msg_", &"m".repeat(2_000), 1);
    assert_ne!(named, long);
    for other in ["x", "1~2~3", "0000~0000~x~1", "%3Cscript%3E", "..%2F", &long] {
        let told = browser.look(&format!("{PAGE}/requests/{other}"));
        assert_eq!(told.status, 404, "{other}");
        told.says("There is nothing here");
    }
    desk.world.tape.take();
    browser.look(&format!("{PAGE}/requests/{long}"));
    assert!(!desk.world.tape.take().contains(&"read_attempts"), "the table is asked for no such key");
}

#[test]
fn a_bundle_that_was_taken_is_opened_whole_though_its_body_is_made_again() {
    let desk = working();
    let browser = Browser::new(&desk);
    let list = browser.look(&format!("{PAGE}/requests"));
    assert_eq!(list.text().matches("/requests/").count(), 3);
    let html = list.text();
    for path in html.split("href=\"").filter_map(|rest| rest.split('"').next()).filter(|it| it.contains("/requests/")) {
        let page = browser.look(path);
        assert_eq!(page.status, 200, "{path}");
        page.says("hidden-text");
    }
}

#[test]
fn each_of_many_requests_of_one_window_is_found_again() {
    let world = World::new(Granularity::Hours1);
    for chat in 0..130 {
        let chat = chat.to_string();
        world.ingest(&in_chat(&chat, message("2021-02-24T16:25:29+0000", &chat, "text")));
    }
    // Shard by shard, minute by minute: the latest are not those with the highest ids, in whose order they stand.
    world.set_time("2021-02-24T17:00:00Z");
    world.minutes(4);
    let desk = Desk::over(world);
    let browser = Browser::new(&desk);
    let html = browser.look(&format!("{PAGE}/requests")).text();
    let paths = html.split("href=\"").filter_map(|rest| rest.split('"').next()).filter(|it| it.contains("/requests/"));
    let found: Vec<u16> = paths.map(|path| browser.look(path).status).collect();
    assert_eq!(found, [200; 100]);
}

#[test]
fn a_chat_that_does_not_exist_has_a_page_that_says_so() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    for chat in ["2", "%3Cb%3E", "%FF", "%F0%9F%99%82"] {
        let told = browser.look(&format!("{PAGE}/preview?chat={chat}"));
        assert_eq!(told.status, 404, "{chat}");
        told.says("Nothing gathers");
        assert!(!told.text().contains("<b>2") && !told.text().contains("Flush now"));
    }
    assert_eq!(browser.look(&format!("{PAGE}/preview")).status, 404);
}

#[test]
fn a_page_of_nothing_is_told_in_a_sentence_and_one_of_the_api_as_a_problem() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    for (path, status) in [
        ("/", 404),
        ("/favicon.ico", 404),
        ("/workspaces/acme/webhooks/other", 404),
        ("/workspaces/a%20b", 404),
        ("/workspaces/globex", 403),
    ] {
        let told = browser.look(path);
        assert_eq!((told.status, told.header("content-type")), (status, "text/html; charset=utf-8"), "{path}");
    }
    let nobody = desk.ask(&Asker::default(), "GET", PAGE, None);
    assert_eq!(nobody.status, 401);
    nobody.says("You are not signed in here");
    assert_eq!(browser.look("/v1/nowhere").header("content-type"), "application/problem+json");
    desk.world.tape.fail("read_webhook", 0, Loses::Request);
    let trouble = browser.look(PAGE);
    assert_eq!(trouble.status, 503);
    trouble.says("Something went wrong on our side");
}

#[test]
fn what_pages_are_made_with_is_served_to_everybody_and_may_be_kept_a_while() {
    let desk = Desk::new(Granularity::Hours1);
    for (path, kind) in [
        ("/assets/style.css", "text/css; charset=utf-8"),
        ("/assets/script.js", "text/javascript; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml"),
    ] {
        let told = desk.ask(&Asker::default(), "GET", path, None);
        assert_eq!((told.status, told.header("content-type")), (200, kind), "{path}");
        assert_eq!(told.header("cache-control"), "public, max-age=300");
        assert!(told.body.len() > 100);
    }
}

#[test]
fn who_keeps_the_address_of_a_form_comes_back_to_its_page() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    for action in page::Action::ALL {
        let told = browser.look(&format!("{PAGE}/{}", action.name()));
        assert_eq!((told.status, told.header("location")), (303, PAGE), "{action:?}");
    }
}

#[test]
fn looking_at_a_webhook_costs_a_request_a_shard_and_few_more() {
    let desk = working();
    // Who looks for the first time has the days counted that have gone by.
    Browser::new(&desk).look(PAGE);
    desk.world.tape.take();
    Browser::new(&desk).look(PAGE);
    let asked = desk.world.tape.take();
    let count = |name: &str| asked.iter().filter(|it| **it == name).count();
    assert_eq!(count("read_gathering"), 256, "of the one window that is open");
    assert!(asked.len() - 256 <= 16, "{:?}", asked.iter().filter(|it| **it != "read_gathering").collect::<Vec<_>>());
    let desk = Desk::new(Granularity::None);
    desk.world.tape.take();
    let page = Browser::new(&desk).look(PAGE);
    assert!(!desk.world.tape.take().contains(&"read_gathering"), "where nothing gathers, nothing is looked for");
    assert!(!page.words().contains("Gathering now") && page.words().contains("Deliveries held"));
}

#[test]
fn nothing_that_a_page_shows_is_in_a_log_line() {
    let desk = working();
    let browser = Browser::new(&desk);
    for path in [PAGE.to_owned(), format!("{PAGE}/requests"), format!("{PAGE}/preview?chat=hidden-chat")] {
        browser.look(&path);
    }
    browser
        .send(&format!("{PAGE}/save"), &[("url", "https://hidden-url.example.org"), ("owner_email", "hidden-owner")]);
    for line in desk.world.log.all() {
        assert!(!line.contains("hidden"), "{line}");
    }
}
