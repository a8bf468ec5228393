//! The forms beside the settings: enabling, switching, the secret, and what is sent again or at once.

use super::{Browser, PAGE};
use crate::{
    portal::{Desk, HOOK, changes::disabled},
    world::{Reply, World, in_chat, message},
};
use bundler::window::Granularity;
use serde_json::json;

fn action(name: &str) -> String {
    format!("{PAGE}/{name}")
}

#[test]
fn enabling_asks_what_becomes_of_what_is_held_and_says_what_has() {
    for (held, said, sent, then) in [
        ("deliver", "Enabled. What was held goes out now, the oldest first: 1 delivery.", 2, "Working: 1 call carried"),
        ("discard", "Enabled with a fresh start. Dropped: 1 delivery.", 1, "Ready: nothing has been delivered yet"),
    ] {
        let desk = disabled();
        let browser = Browser::new(&desk);
        let page = browser.look(PAGE);
        page.says("because its receiver answered 410 Gone; 1 delivery is waiting");
        page.says("What is to become of what is held (1)?");
        let told = browser.send(&action("enable"), &[("held", held)]);
        assert_eq!(told.status, 200);
        told.says(said);
        told.says("Catching up");
        desk.world.minutes(20);
        assert_eq!(desk.world.receiver.requests().len(), sent, "{held}");
        browser.look(PAGE).says(then);
        let again = browser.send(&action("enable"), &[("held", held)]);
        assert_eq!(again.status, 409);
        again.says("Not done: The webhook is not disabled.");
    }
}

#[test]
fn a_form_without_a_choice_or_with_one_that_it_does_not_offer_does_nothing() {
    let desk = disabled();
    let browser = Browser::new(&desk);
    for (name, fields) in [
        ("enable", vec![]),
        ("enable", vec![("held", "all")]),
        ("switch", vec![("to", "")]),
        ("replay", vec![("days", "0")]),
        ("replay", vec![("days", "31")]),
        ("replay", vec![("days", "x")]),
        ("resend", vec![("webhook_id", "x"), ("sent_at", "yesterday")]),
    ] {
        let told = browser.send(&action(name), &fields);
        assert_eq!(told.status, 422, "{name} {fields:?}");
        told.says("The form was not taken");
    }
    assert_eq!(desk.get(HOOK).json()["health"]["state"], "disabled");
}

#[test]
fn a_webhook_is_switched_off_and_on() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    let off = browser.send(&action("switch"), &[("to", "off")]);
    off.says("Switched off. New messages are counted, and not stored.");
    assert_eq!(desk.get(HOOK).json()["enabled"], false);
    browser.look(PAGE).says("Switched off: new messages are counted, and not stored");
    browser.send(&action("switch"), &[("to", "on")]).says("Switched on.");
    assert_eq!(desk.get(HOOK).json()["enabled"], true);
    let again = browser.send(&action("switch"), &[("to", "on")]);
    again.says("Not done: The webhook is as it is wanted.");
}

#[test]
fn a_new_secret_is_on_the_page_that_answers_its_making_and_on_no_other() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    let told = browser.send(&action("secret"), &[]);
    told.says("A new signing secret is in force. Copy it now: it is shown this once.");
    let secret = desk.world.webhook().settings.secrets[0].reveal().to_owned();
    assert!(told.text().contains(&secret) && told.header("cache-control") == "no-store");
    let page = browser.look(PAGE);
    assert!(!page.text().contains(&secret));
    page.says("The former secret signs beside the new one until 25 Feb, 16:31");
    page.says("The signing secret was replaced");
}

#[test]
fn a_test_shows_at_once_what_the_receiver_answers_and_may_be_opened() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    for (status, said) in [(200, "The test was taken: status 200 in"), (500, "It answered with status 500")] {
        desk.world.receiver.answers(move |_| Reply::Status(status));
        let told = browser.send(&action("test"), &[]);
        assert_eq!(told.status, 200);
        told.says(said);
        let html = told.text();
        let path = html.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|it| it.contains("/requests/"));
        let page = browser.look(path.expect("a request"));
        page.says("This is a test of your webhook");
        assert!(!page.words().contains("Send it again"), "a test is no delivery");
        desk.world.clock.pass(std::time::Duration::from_secs(1));
    }
    browser.look(PAGE).says("Ready: nothing has been delivered yet");
}

/// A world in which one document was taken.
fn sent() -> Desk {
    let world = World::new(Granularity::Hours1);
    world.ingest(&in_chat("1", message("2021-02-24T16:25:29+0000", "1", "first")));
    world.set_time("2021-02-24T17:02:45Z");
    world.minutes(1);
    Desk::over(world)
}

#[test]
fn a_request_that_was_opened_is_sent_again_by_its_button() {
    let desk = sent();
    let browser = Browser::new(&desk);
    let list = browser.look(&action("requests"));
    let path = list
        .text()
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|it| it.contains("/requests/"))
        .map(str::to_owned);
    let page = browser.look(&path.expect("a request"));
    let fields = [("webhook_id", page.value("webhook_id")), ("sent_at", page.value("sent_at"))];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.send(&action("resend"), &fields).says("On its way again, with the same id.");
    desk.world.drain();
    let ids = desk.world.receiver.headers("webhook-id");
    assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");
    let unknown = browser.send(&action("resend"), &[("webhook_id", "msg_0"), ("sent_at", fields[1].1)]);
    unknown.says("Not done: No document with this id was sent at that time.");
    assert_eq!(unknown.status, 409);
}

#[test]
fn what_a_chat_has_gathered_is_seen_and_goes_out_at_once() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    for (chat, name) in [("1", "Ἑλληνικά עברית 日本語 🙂"), ("a&b=c#d", "<script>alert(1)</script>")]
    {
        let mut event = in_chat(chat, message("2021-02-24T16:30:00+0000", chat, "text"));
        event["chat"]["full_name"] = json!(name);
        desk.world.ingest(&event);
        let page = browser.look(PAGE);
        page.says(name);
        assert!(!page.text().contains("<script>alert"));
        let query: String = url::form_urlencoded::byte_serialize(chat.as_bytes()).collect();
        let preview = browser.look(&format!("{PAGE}/preview?chat={query}"));
        assert_eq!(preview.status, 200);
        preview.says(&format!("Preview: {name}"));
        preview.says("1 message so far.");
        let told = browser.send(&action("flush"), &[("chat", chat)]);
        assert!(told.words().contains("has gathered so far goes out in about a minute."), "{}", told.words());
        assert!(told.words().contains(name));
        let again = browser.send(&action("flush"), &[("chat", chat)]);
        assert_eq!(again.status, 409);
        again.says("Not done: Nothing has been gathered for this chat");
    }
    desk.world.minutes(2);
    assert_eq!(desk.world.receiver.requests().len(), 2);
}

#[test]
fn what_was_given_up_is_sent_again_for_as_many_days_as_are_chosen() {
    let world = World::new(Granularity::None);
    // One document is never taken, and others are: it uses its own tries up.
    world.receiver.answers(|request| {
        let is_poison = String::from_utf8_lossy(&request.body).contains("poison");
        Reply::Status(if is_poison { 500 } else { 200 })
    });
    world.ingest(&in_chat("1", message("2021-02-24T16:30:00+0000", "1", "poison")));
    for hour in 0..60 {
        world.drain();
        world.minutes(60);
        let now = bundler::ports::Clock::now(&world.clock).rfc3339();
        world.ingest(&in_chat("2", message(&now, &format!("other-{hour}"), "text")));
    }
    world.receiver.answers(|_| Reply::Status(200));
    let desk = Desk::over(world);
    let browser = Browser::new(&desk);
    browser.look(PAGE).says("A delivery is given up when its own tries are used up");
    browser.send(&action("replay"), &[("days", "1")]).says("No failed delivery was found to send again.");
    browser.send(&action("replay"), &[("days", "7")]).says("1 delivery goes out again, with its id.");
    desk.world.drain();
    assert!(String::from_utf8_lossy(&desk.world.receiver.requests().pop().expect("a request").body).contains("poison"));
}
