//! A link is minted for each attempt and leads to the copy for a quarter of an hour from then: on a retry, a resend, and in
//! a bundle that closes long after the file came. The log keeps none that works.

use super::{Desk, SENT, URL, key, source::Answer, with_file};
use crate::world::{FILES, Reply, at, run};
use bundler::{
    attempt::Body,
    file::ended_link,
    id::{WebhookId, WorkspaceId},
    limits,
    ports::Clock,
    recent,
    timestamp::Timestamp,
    window::Granularity,
};
use serde_json::Value;

fn desk(granularity: Granularity) -> (Desk, Value) {
    let desk = Desk::new(granularity);
    desk.internet.has(URL, Answer::file("image/png", b"hello"));
    let event = with_file("1", Some(5), "image/png");
    desk.world.ingest(&event);
    desk.copy();
    (desk, event)
}

fn link(attachment: &Value) -> String {
    attachment["temporary_download_url"].as_str().expect("a link").to_owned()
}

/// The link that is minted at that moment.
fn minted(event: &Value, moment: Timestamp) -> String {
    let until = moment.plus(limits::FILE_LINK).seconds();
    format!("{FILES}/{}?until={until}&name=photo.jpg", key(event).object())
}

#[test]
fn every_attempt_has_a_link_of_its_own_and_else_the_same_body_and_id() {
    let (desk, event) = desk(Granularity::Hours1);
    desk.world.receiver.answers(|_| Reply::Status(500));
    desk.world.set_time("2021-02-24T17:02:45Z");
    desk.world.tick().expect("a tick");
    desk.world.drain();
    let first = desk.world.clock.now();
    desk.world.receiver.answers(|_| Reply::Status(200));
    desk.world.minutes(5);
    let attachments = desk.attachments();
    assert_eq!(attachments.len(), 2);
    assert_eq!(link(&attachments[0]), minted(&event, first));
    assert_ne!(link(&attachments[1]), link(&attachments[0]));
    let bodies =
        desk.world.receiver.requests().into_iter().zip(&attachments).map(|(request, attachment)| {
            String::from_utf8(request.body).expect("text").replace(&link(attachment), "link")
        });
    let bodies: Vec<_> = bodies.collect();
    assert_eq!(bodies[0], bodies[1]);
    let ids = desk.world.receiver.headers("webhook-id");
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn a_bundle_that_closes_a_day_after_the_file_came_has_a_link_of_now() {
    let (desk, event) = desk(Granularity::Hours24);
    desk.world.set_time("2021-02-25T00:02:45Z");
    desk.world.tick().expect("a tick");
    desk.world.drain();
    assert_eq!(desk.attachments().iter().map(link).collect::<Vec<_>>(), [minted(&event, at("2021-02-25T00:02:45Z"))]);
}

#[test]
fn what_a_person_wants_sent_again_has_a_new_link() {
    let (desk, event) = desk(Granularity::None);
    desk.world.drain();
    let id = desk.world.receiver.headers("webhook-id").remove(0);
    desk.world.set_time("2021-02-25T16:31:00Z");
    run(desk.world.again("acme").resend(&id, at(SENT), "nonce")).expect("an answer").expect("it is sent again");
    desk.world.drain();
    let links: Vec<_> = desk.attachments().iter().map(link).collect();
    assert_eq!(links, [minted(&event, at(SENT)), minted(&event, at("2021-02-25T16:31:00Z"))]);
}

#[test]
fn the_log_shows_what_was_sent_but_for_links_that_would_still_work() {
    for granularity in [Granularity::None, Granularity::Hours1] {
        let (desk, event) = desk(granularity);
        desk.world.set_time("2021-02-24T17:02:45Z");
        desk.world.tick().expect("a tick");
        desk.world.drain();
        let (workspace, webhook) = (WorkspaceId::parse("acme").expect("an id"), WebhookId::first());
        let log = run(recent::attempts(&desk.world.table, &workspace, &webhook, 10, "TimelinesAI")).expect("the log");
        let sent = String::from_utf8(desk.world.receiver.requests().remove(0).body).expect("text");
        let expected = sent.replace(&link(&desk.attachments()[0]), &ended_link(&key(&event).object()));
        assert_ne!(sent, expected);
        let bodies: Vec<_> = log.attempts.iter().map(|attempt| attempt.request_body.clone()).collect();
        assert!(bodies == [Body::Text(expected)], "{granularity:?}");
        let stored = format!("{:?}", desk.world.table.inner.store().items());
        assert!(!stored.contains("until="), "{granularity:?}");
    }
}

#[test]
fn a_link_that_cannot_be_minted_is_our_trouble_and_the_delivery_goes_out_later() {
    let (desk, _) = desk(Granularity::None);
    desk.world.tape.fail("mint_links", 0, crate::world::Loses::Request);
    desk.world.drain();
    assert_eq!(desk.attachments(), Vec::<Value>::new(), "not without its link");
    desk.world.tape.repair();
    desk.world.clock.pass(std::time::Duration::from_secs(361));
    desk.world.drain();
    assert_eq!(desk.attachments().len(), 1);
}
