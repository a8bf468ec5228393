//! A webhook that does not take what it is sent: it is probed, disabled, and gets everything in order when a person
//! enables it; and its owner learns it once. And what the queue gave up on, which is held.

use super::conversation::{DELIVERY_LIMIT, TICK, conversation, private, tick_until_came};
use super::deploy::{self, AGGREGATION_UNIT_SECONDS, DISABLE_AT_ERROR, Stack, WARN_AT_ERROR};
use super::hook::Hook;
use super::mailbox::Mail;
use super::receiver::Received;
use super::workspace::Workspace;
use super::{documents, mailbox, place};
use bundler::delivery::{Cause, DeliveryKey, Lane, Subject};
use bundler::health::State;
use bundler::id::{KeyPart, WebhookId};
use bundler::limits;
use bundler::mail::Count;
use bundler::native;
use bundler::order;
use bundler::table::bucket::{BucketMessage, Slot};
use bundler::table::lane::{Delivery, DeliveryState, Progress};
use bundler::window::{self, AggregationUnit, Granularity};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const OWNER: &str = "owner@failing.example";

#[test]
fn a_webhook_that_fails_is_probed_and_disabled_and_gets_everything_in_order_when_it_is_enabled() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    let workspace = Workspace::set_up_with(stack, "failing", Granularity::Hours1, |settings| {
        // One request at a time, so that each error counts.
        settings.concurrency = 1;
        settings.owner_email = Some(OWNER.to_owned());
    });
    let hook = Hook::of(stack, "failing");
    workspace.receiver.answer_all(500);
    let events = conversation("failing");
    assert_eq!(workspace.send(&events), vec!["accepted"; events.len()]);
    let message = |event: &Value| (event["chat"]["chat_id"].to_string(), documents::window(&event["message"]));
    let bundles = events.iter().map(message).collect::<BTreeSet<_>>().len();

    tick_until(&hook, stack, &workspace, "it is disabled, and everything is held", |_| {
        let is_disabled = matches!(hook.health().state, State::Disabled { .. });
        is_disabled && hook.waiting() == Count::Exactly(bundles as u64)
    });
    let failed = workspace.receiver.received();
    assert_eq!(failed.len(), usize::try_from(DISABLE_AT_ERROR).expect("a small number"), "nothing but probes is sent");
    let tried: BTreeSet<_> = failed.iter().map(id).collect();
    assert!(tried.len() > 1, "probes take others in turn");

    tick_until(&hook, stack, &workspace, "its owner knows", |_| hook.health().owed.is_empty());

    workspace.receiver.answer_all(200);
    hook.enable();
    tick_until(&hook, stack, &workspace, "everything has arrived", |received| received.len() >= failed.len() + bundles);
    tick_until(&hook, stack, &workspace, "its owner knows that too", |_| hook.health().owed.is_empty());

    let arrived = workspace.receiver.received().split_off(failed.len());
    let taken: Vec<Value> = arrived.iter().map(|received| documents::document(&received.request)).collect();
    documents::assert_complete_and_in_order(&taken, &events);
    for received in &arrived {
        workspace.assert_signed(received);
    }
    for failed in &failed {
        let again = arrived.iter().find(|arrived| id(arrived) == id(failed)).expect("what was not taken comes again");
        let document = |received: &Received| documents::without_links(documents::document(&received.request));
        assert_eq!(document(again), document(failed));
    }
    assert_eq!(hook.waiting(), Count::Exactly(0));
    assert_told_once_of_each(&mailbox::sent_to(stack, OWNER), &private(&workspace, &events));
    assert_eq!(hook.health().mail_refused, None);
}

#[test]
fn a_delivery_that_the_queue_gave_up_on_is_held_for_a_quarter_of_an_hour_and_then_arrives() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    let workspace = Workspace::set_up(stack, "given-up", Granularity::Hours1);
    let hook = Hook::of(stack, "given-up");
    let key = put_swept_bundle(stack, "given-up");
    let given_up = deploy::now();
    put_on_dead_letter_queue(stack, &key);

    // It is woken by the queue alone: no tick is needed.
    let deadline = Instant::now() + DELIVERY_LIMIT;
    while !workspace.receiver.wait_until(TICK, |_| hook.progress(&key).is_some()) {
        assert!(Instant::now() < deadline, "nobody holds it");
    }
    let Progress { state, next, attempts, .. } = hook.progress(&key).expect("it is held");
    assert_eq!((state, attempts), (DeliveryState::Held, 0));
    let next = next.expect("it has its own next time");
    assert!(next >= given_up.plus(limits::OURS_WAIT), "{next:?}");
    assert!(matches!(hook.health().state, State::Draining { .. }), "somebody looks after it");
    assert!(workspace.receiver.received().is_empty());

    // As if the quarter of an hour were over.
    let progress = Progress { next: Some(deploy::now()), ..hook.progress(&key).expect("it is held") };
    stack.put(&Delivery { key: key.clone(), progress }.to_item(deploy::now()));
    tick_until_came(stack, &workspace, 1);
    assert_eq!(id(&workspace.receiver.received()[0]), Some(key.webhook_id(0).as_str()));
}

/// A warning, one e-mail that it is disabled, and that it is enabled: each with its own facts, and nothing that was sent.
fn assert_told_once_of_each(mails: &[Mail], private: &BTreeSet<&str>) {
    let subjects: Vec<_> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    let of = |state| format!("Your TimelinesAI webhook to localhost is {state}");
    assert_eq!(subjects, [of("failing"), of("disabled"), of("enabled again")]);
    let facts = [
        format!("It has had {WARN_AT_ERROR} errors in a row."),
        format!("It had {DISABLE_AT_ERROR} errors in a row and gets no more requests until you enable it."),
        "being sent now, the oldest first.".to_owned(),
    ];
    for (mail, fact) in mails.iter().zip(facts) {
        assert!(mail.text.contains(&fact), "{fact} is not in {}", mail.text);
        assert!(mail.html.contains(&fact), "{fact} is not in the page");
        assert!(mail.text.contains("(workspace failing)"), "{}", mail.text);
        for whole in [&mail.subject, &mail.text, &mail.html] {
            let found = private.iter().find(|text| whole.contains(**text));
            assert!(found.is_none(), "the owner's mail holds {found:?}");
        }
    }
    let last_error = "It answered with status 500 Internal Server Error.";
    assert!(mails[..2].iter().all(|mail| mail.text.contains(last_error)));
}

fn id(received: &Received) -> Option<&str> {
    received.request.header("webhook-id")
}

/// Lets the aggregator look until it is so, which is asked for when a request comes, and after a while.
fn tick_until(hook: &Hook, stack: &Stack, workspace: &Workspace, what: &str, is_so: impl Fn(&[Received]) -> bool) {
    let deadline = Instant::now() + DELIVERY_LIMIT;
    while !workspace.receiver.wait_until(TICK, &is_so) {
        let is_late = Instant::now() >= deadline;
        assert!(!is_late, "waited in vain until {what}; {:?} wait, {:?}", hook.waiting(), hook.health());
        stack.tick();
    }
}

/// A bundle of one message, in a window that every tick takes for swept.
fn put_swept_bundle(stack: &Stack, workspace: &str) -> DeliveryKey {
    let unit = AggregationUnit::from_seconds(AGGREGATION_UNIT_SECONDS).expect("the unit is within its bounds");
    let due = window::last_due(unit, deploy::now().minus(Duration::from_mins(10)));
    let mut event = native::parse(&conversation(workspace)[0], "").expect("an event");
    event.message.timestamp = due.minus(Duration::from_secs(1));
    let chat = KeyPart::of(event.chat.id.as_str());
    let lane = Lane { workspace: event.workspace.clone(), webhook: WebhookId::first(), chat };
    let message = KeyPart::of(event.message.id.as_str());
    let slot = Slot { due, lane: lane.clone(), timestamp: event.message.timestamp, message };
    stack.put(&BucketMessage { slot, at: event.message.timestamp, event }.to_item());
    DeliveryKey { lane, subject: Subject::Bundle { due, cut: None } }
}

/// What the delivery queue does with a record that it has handed out too often.
fn put_on_dead_letter_queue(stack: &Stack, key: &DeliveryKey) {
    let entry = order::deliver(key, limits::CONCURRENCY, &Cause::Due);
    let message = json!({
        "QueueUrl": stack.physical_name("DeliveryDeadLetterQueue"), "MessageBody": entry.reference,
        "MessageGroupId": entry.group, "MessageDeduplicationId": entry.deduplication_id,
    });
    stack.aws().call("sqs", "send_message", &message);
}
