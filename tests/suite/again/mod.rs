//! Sending again: one delivery that a person names, or all that were given up in a span of time.

mod replay;

use crate::world::{Reply, World, at, header, in_chat, message, run};
use bundler::{
    again::Refusal,
    health::{Health, State, Why},
    id::WebhookId,
    ports::PutHealth,
    settings::Switch,
    window::Granularity,
};
use std::time::Duration;

const SENT: &str = "2021-02-24T16:25:29+0000";

/// A world at 17:02:45 in which these chats have a bundle of one message each, which is on the queue.
fn due(granularity: Granularity, chats: &[&str]) -> World {
    let world = World::new(granularity);
    for chat in chats {
        world.ingest(&in_chat(chat, message(SENT, "1", chat)));
    }
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world
}

/// A person names the document of a request by two of its headers, and wants it again.
fn resend(world: &World, workspace: &str, request: usize, nonce: &str) -> Result<(), Refusal> {
    let request = &world.receiver.requests()[request];
    let seconds = header(request, "webhook-timestamp").parse().expect("seconds");
    let sent_at = bundler::timestamp::Timestamp::from_seconds(seconds).expect("a moment");
    run(world.again(workspace).resend(&header(request, "webhook-id"), sent_at, nonce)).expect("the table answers")
}

#[test]
fn a_document_is_sent_again_by_its_id_and_its_time_as_often_as_a_person_wants() {
    for granularity in [Granularity::Hours1, Granularity::None] {
        let world = due(granularity, &["1", "2"]);
        world.drain();
        world.clock.pass(Duration::from_secs(86_400));
        for nonce in ["a", "b", "b"] {
            assert_eq!(resend(&world, "acme", 1, nonce), Ok(()));
        }
        world.drain();
        let requests = world.receiver.requests();
        assert_eq!(requests.len(), 4, "once for each nonce");
        for again in &requests[2..] {
            assert_eq!(header(again, "webhook-id"), header(&requests[1], "webhook-id"));
            assert_eq!(again.body, requests[1].body);
        }
    }
}

#[test]
fn what_a_receiver_did_not_take_is_the_probe_when_a_person_sends_it_again() {
    let world = due(Granularity::Hours1, &["1"]);
    world.receiver.answers(|_| Reply::Status(500));
    world.drain();
    world.receiver.answers(|_| Reply::Status(200));
    assert_eq!(resend(&world, "acme", 0, "a"), Ok(()));
    world.drain();
    assert_eq!(world.receiver.texts(), [["1"], ["1"]], "before its wait was over");
}

#[test]
fn nothing_is_sent_again_that_is_not_there_or_to_a_webhook_that_takes_nothing() {
    let refused = |world: &World, workspace: &str| {
        let refusal = resend(world, workspace, 0, "a").expect_err("it is refused");
        assert_eq!(world.take_queue().len(), 0, "nothing is enqueued");
        refusal
    };
    let world = due(Granularity::Hours1, &["1"]);
    world.drain();
    world.add_workspace("other");
    assert_eq!(refused(&world, "nobody"), Refusal::NoWebhook);
    assert_eq!(refused(&world, "other"), Refusal::NoDelivery, "it is of another workspace");
    let sent_at = at("2021-02-24T17:02:45Z");
    let find = |id: &str, sent_at| run(world.again("acme").resend(id, sent_at, "a")).expect("the table answers");
    assert_eq!(find("msg_00000000000000000000000000000000", sent_at), Err(Refusal::NoDelivery));
    let id = header(&world.receiver.requests()[0], "webhook-id");
    assert_eq!(find(&id, sent_at.plus(Duration::from_secs(86_400))), Err(Refusal::NoDelivery), "not at that time");
    assert_eq!(find(&id, sent_at.minus(Duration::from_secs(86_400))), Err(Refusal::NoDelivery), "not at that time");
    world.configure(|settings| settings.switch = Switch::Off);
    assert_eq!(refused(&world, "acme"), Refusal::SwitchedOff);
    world.configure(|settings| settings.switch = Switch::On);
    let state = State::Disabled { since: sent_at, why: Why::Gone, stopped: false };
    let disabled = Health { state, ..Health::default() };
    let (acme, hook) = (world.again("acme").workspace, WebhookId::first());
    assert_eq!(run(world.table.inner.put_health(&acme, &hook, &disabled)), Ok(true));
    assert_eq!(refused(&world, "acme"), Refusal::Disabled);
    assert_eq!(run(world.table.inner.put_health(&acme, &hook, &Health { revision: 1, ..Health::default() })), Ok(true));
    world.set_time("2021-03-27T17:00:00Z");
    assert_eq!(refused(&world, "acme"), Refusal::Gone, "31 days after its window's end");
    world.set_time("2021-03-27T16:59:59Z");
    assert_eq!(resend(&world, "acme", 0, "a"), Ok(()));
}
