//! Ten thousand of everything: what is shown stays as short as it is, and nothing is left out of what is counted.

use super::{Browser, PAGE};
use crate::{
    portal::Desk,
    world::{World, at, in_chat, message, run},
};
use bundler::{
    attempt::{Attempt, Body, Document, Response},
    delivery::{DeliveryKey, Lane, Subject},
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    ports::DeliverTable,
    window::Granularity,
};
use std::time::Duration;

const MANY: u64 = 10_000;

/// A request that was taken, one every five seconds from midnight on.
fn attempt(number: u64) -> Attempt {
    let started = at("2021-02-24T00:00:00Z").plus(Duration::from_secs(5 * number));
    let lane = Lane {
        workspace: WorkspaceId::parse("acme").expect("an id"),
        webhook: WebhookId::first(),
        chat: KeyPart::of("1"),
    };
    let subject = Subject::Message { timestamp: started, message: KeyPart::of(&number.to_string()) };
    let response = Response { status: 200, headers: Vec::new(), body: Body::of(b"ok"), body_is_cut: false };
    Attempt {
        key: DeliveryKey { lane, subject },
        document: Document { part: 0, parts: 1, attempt: 1 },
        messages: 1,
        missing_files: Vec::new(),
        started,
        duration_ms: 1,
        url: "https://hooks.example.org/1".to_owned(),
        request_headers: Vec::new(),
        request_body: Body::of(b"{}"),
        error: None,
        result: Ok(response),
    }
}

#[test]
fn of_ten_thousand_requests_a_hundred_are_listed_and_all_are_counted() {
    let world = World::new(Granularity::None);
    for number in 0..MANY {
        run(world.table.inner.put_attempt(&attempt(number))).expect("an attempt is put");
    }
    let desk = Desk::over(world);
    let browser = Browser::new(&desk);
    browser.look(PAGE).says("Working: 10,000 calls carried 10,000 messages in 30 days");
    desk.world.tape.take();
    let list = browser.look(&format!("{PAGE}/requests"));
    list.says("The last 100 requests");
    assert_eq!(list.text().matches("<tr><th scope=\"row\">").count(), 100);
    let asked = desk.world.tape.take();
    let reads = asked.iter().filter(|it| **it == "read_attempts").count();
    // A hundred at a time; and those among which a receipt could stand that began later.
    let among = 100 + limits::RECEIPT_AGE.as_secs() / 5;
    assert!(reads as u64 <= among.div_ceil(100), "{reads} requests for the last hundred of {MANY}");
    let first = attempt(0);
    let place = format!("{0}~{0}~{1}~1", first.started.key(), first.webhook_id());
    assert_eq!(browser.look(&format!("{PAGE}/requests/{place}")).status, 200, "the very first can still be opened");
}

#[test]
fn of_ten_thousand_chats_that_gather_some_are_listed_and_all_are_counted() {
    let world = World::new(Granularity::Hours1);
    for chat in 0..MANY {
        let chat = chat.to_string();
        world.ingest(&in_chat(&chat, message("2021-02-24T16:30:00+0000", &chat, "text")));
    }
    let desk = Desk::over(world);
    let page = Browser::new(&desk).look(PAGE);
    page.says("Chats that gather 10,000");
    assert_eq!(page.text().matches(">Flush now<").count(), 20);
    page.says("And 9,980 other chats.");
    // All windows end at once here: by their names then, which are all the same, and by their ids.
    let first = page.text().split("preview?chat=").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
    assert_eq!(first.as_deref(), Some("0"), "the first of all, whatever shard it is in");
}
