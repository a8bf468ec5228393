//! What was given up goes out again, once, and waits where it has to.

use super::due;
use crate::{
    contract::{
        Memory, Tables,
        deliver::attempt,
        values::{bundle, lane, outcome},
    },
    world::{Reply, World, at, run},
};
use bundler::{
    again::{Again, Refusal, Replayed, Span},
    delivery::DeliveryKey,
    health::State,
    id::WebhookId,
    ports::{DeliverTable, ReadDelivery, ReadWebhook},
    settings::Switch,
    table::lane::{Delivery, DeliveryState, Progress},
    window::Granularity,
};
use std::time::Duration;

const DUE: &str = "2021-02-24T17:00:00Z";

fn key(chat: &str) -> DeliveryKey {
    bundle(&lane(chat), DUE)
}

/// A world in which the bundles of these chats were tried twice since 17:01 and stand like this, and nothing is on the
/// queue.
fn with(state: DeliveryState, chats: &[&str]) -> World {
    let world = due(Granularity::Hours1, chats);
    world.take_queue();
    for chat in chats {
        for number in [1, 2] {
            let started = at("2021-02-24T17:01:00Z").plus(Duration::from_secs(u64::from(number) * 30));
            run(world.table.inner.put_attempt(&attempt(&key(chat), number, started))).expect("it is put");
        }
        let delivery = outcome(&key(chat), state, 2, 0);
        run(world.table.inner.put_delivery(&delivery, at(DUE))).expect("it is put");
    }
    world
}

fn span() -> Span {
    Span { from: at("2021-02-24T17:01:00Z"), until: at("2021-02-24T17:02:00Z"), after: None }
}

fn replay(world: &World, span: &Span) -> Result<Replayed, Refusal> {
    let again = world.again("acme");
    run(again.replay(span, at("2021-12-31T00:00:00Z"))).expect("the table answers")
}

fn only(references: u64) -> Replayed {
    Replayed { references, ..Replayed::NOTHING }
}

fn states(world: &World, chats: &[&str]) -> Vec<DeliveryState> {
    let read = |chat: &&str| run(world.table.inner.read_delivery(&key(chat))).expect("the table answers");
    chats.iter().map(|chat| read(chat).expect("an outcome").progress.state).collect()
}

#[test]
fn all_that_was_given_up_in_a_span_goes_out_with_the_same_ids_and_nothing_else() {
    let world = with(DeliveryState::Failed, &["1", "2", "3"]);
    let delivered = outcome(&key("3"), DeliveryState::Delivered, 3, 1);
    run(world.table.inner.put_delivery(&delivered, at(DUE))).expect("it is put");
    assert_eq!(replay(&world, &span()), Ok(only(2)), "each once, however often it was tried");
    world.drain();
    let mut sent = world.receiver.headers("webhook-id");
    sent.sort();
    let mut expected = ["1", "2"].map(|chat| key(chat).webhook_id(0));
    expected.sort();
    assert_eq!(sent, expected);
    assert_eq!(states(&world, &["1", "2", "3"]), [DeliveryState::Delivered; 3]);
}

#[test]
fn what_is_held_or_was_tried_at_another_time_is_left_alone() {
    let world = with(DeliveryState::Held, &["1"]);
    assert_eq!(replay(&world, &span()), Ok(only(0)), "it goes out by itself");
    let world = with(DeliveryState::Failed, &["1"]);
    for (from, until) in
        [("2021-02-24T16:00:00Z", "2021-02-24T17:01:30Z"), ("2021-02-24T17:02:00.001Z", "2021-02-24T19:00:00Z")]
    {
        let span = Span { from: at(from), until: at(until), after: None };
        assert_eq!(replay(&world, &span), Ok(only(0)), "{from} to {until}");
    }
    let span = Span { from: at("2021-02-24T17:02:00Z"), until: at("2021-02-24T17:02:00.001Z"), after: None };
    assert_eq!(replay(&world, &span), Ok(only(1)));
}

#[test]
fn a_replay_that_is_asked_for_twice_sends_each_delivery_once() {
    let world = with(DeliveryState::Failed, &["1", "2"]);
    for _ in 0..2 {
        assert_eq!(replay(&world, &span()), Ok(only(2)));
    }
    world.clock.pass(Duration::from_secs(301));
    assert_eq!(replay(&world, &span()), Ok(only(2)), "the queue does not know them any more");
    let references = world.take_queue();
    assert_eq!(references.len(), 4, "the second was swallowed, the third was not");
    assert_eq!(world.deliver_records(references), Vec::<String>::new());
    assert_eq!(world.receiver.requests().len(), 2, "what has arrived by then is not sent");
}

#[test]
fn what_is_given_up_once_more_goes_out_by_the_next_replay() {
    let world = with(DeliveryState::Failed, &["1"]);
    world.receiver.answers(|_| Reply::Status(400));
    for tried in 3..5 {
        // Within five minutes: it is the same delivery, and not the same failure.
        let span = Span { until: at("2021-02-24T18:00:00Z"), ..span() };
        assert_eq!(replay(&world, &span), Ok(only(1)));
        world.drain();
        assert_eq!(world.receiver.requests().len(), tried - 2);
        let progress = Progress { state: DeliveryState::Failed, attempts: 11, errors: 11, ..Progress::NONE };
        let progress = Progress { attempts: u32::try_from(tried).expect("a count"), ..progress };
        let delivery = Delivery { key: key("1"), progress };
        run(world.table.inner.put_delivery(&delivery, at(DUE))).expect("it is put");
        let webhook = run(world.table.inner.read_webhook(&lane("1").workspace, &WebhookId::first()));
        let health = webhook.expect("the table answers").expect("a webhook").health;
        assert_eq!(health.consecutive_errors, u32::try_from(tried).expect("a count") - 2);
        world.clock.pass(Duration::from_secs(120));
    }
}

#[test]
fn a_replay_to_a_receiver_that_fails_is_one_error_and_the_rest_is_held_until_it_takes_them() {
    let chats: Vec<String> = (1..=15).map(|chat| chat.to_string()).collect();
    let chats: Vec<&str> = chats.iter().map(String::as_str).collect();
    let world = with(DeliveryState::Failed, &chats);
    world.receiver.answers(|_| Reply::Status(500));
    assert_eq!(replay(&world, &span()), Ok(only(15)));
    world.drain();
    let health = || {
        let webhook = run(world.table.inner.read_webhook(&lane("1").workspace, &WebhookId::first()));
        webhook.expect("the table answers").expect("a webhook").health
    };
    assert_eq!(health().consecutive_errors, 1);
    assert_eq!(world.receiver.requests().len(), 1, "a replay is no probe");
    assert!(matches!(health().state, State::Failing { .. }));
    world.receiver.answers(|_| Reply::Status(200));
    for _ in 0..40 {
        world.clock.pass(Duration::from_secs(60));
        world.tick().expect("a tick");
        world.drain();
    }
    assert_eq!(states(&world, &chats), [DeliveryState::Delivered; 15]);
    assert_eq!(world.receiver.requests().len(), 16);
}

#[test]
fn a_replay_is_refused_where_nothing_is_taken_and_passes_over_what_is_gone() {
    let world = with(DeliveryState::Failed, &["1"]);
    world.configure(|settings| settings.switch = Switch::Off);
    assert_eq!(replay(&world, &span()), Err(Refusal::SwitchedOff));
    world.configure(|settings| settings.switch = Switch::On);
    world.set_time("2021-03-27T17:00:00Z");
    assert_eq!(replay(&world, &span()), Ok(Replayed { gone: 1, ..Replayed::NOTHING }));
    assert_eq!(world.take_queue().len(), 0);
}

#[test]
fn a_replay_that_does_not_fit_an_invocation_says_where_to_go_on() {
    let world = with(DeliveryState::Failed, &["1", "2", "3"]);
    let items = world.table.inner.store().items();
    let table = run(Memory.holding(items)).with_bucket_pages_of(1);
    let (queue, clock) = (&world.queue.inner, &world.clock);
    let again = Again { table: &table, queue, clock, workspace: lane("1").workspace, webhook: WebhookId::first() };
    let (mut span, mut all, mut invocations) = (span(), 0, 0);
    loop {
        // No time is left: each looks at one page.
        let replayed = run(again.replay(&span, at(DUE))).expect("the table answers").expect("it is taken");
        (all, invocations) = (all + replayed.references, invocations + 1);
        span.after = replayed.after;
        if span.after.is_none() {
            break;
        }
    }
    assert!(all >= 3 && invocations >= 3, "{all} references in {invocations} invocations");
    assert_eq!(world.take_queue().len(), 3, "each once");
}
