//! A webhook that does not take what it is sent: it is probed, disabled, and gets everything in order when a person
//! enables it. And what the queue gave up on, which is held.

use super::conversation::{DELIVERY_LIMIT, TICK, conversation, tick_until_came};
use super::deploy::{self, AGGREGATION_UNIT_SECONDS, DISABLE_AT_ERROR, Stack};
use super::receiver::Received;
use super::workspace::Workspace;
use super::{documents, place};
use ::aws::table::Table;
use bundler::delivery::{Cause, DeliveryKey, Lane, Subject};
use bundler::flush;
use bundler::health::{Enabling, Health, State};
use bundler::id::{KeyPart, WebhookId, WorkspaceId};
use bundler::limits;
use bundler::mail::Count;
use bundler::native;
use bundler::order;
use bundler::ports::{PutHealth, ReadDelivery, ReadWebhook};
use bundler::table::bucket::{BucketMessage, Slot};
use bundler::table::lane::{Delivery, DeliveryState, Progress};
use bundler::window::{self, AggregationUnit, Granularity};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

#[test]
fn a_webhook_that_fails_is_probed_and_disabled_and_gets_everything_in_order_when_it_is_enabled() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    let workspace = Workspace::set_up_with(stack, "failing", Granularity::Hours1, |settings| {
        // One request at a time, so that each error counts.
        settings.concurrency = 1;
    });
    let hook = Hook::of(stack, "failing");
    workspace.receiver.answer_all(500);
    let events = conversation("failing");
    assert_eq!(workspace.send(&events), vec!["accepted"; events.len()]);
    let message = |event: &Value| (event["chat"]["chat_id"].to_string(), documents::window(&event["message"]));
    let bundles = events.iter().map(message).collect::<BTreeSet<_>>().len();

    tick_until(stack, &workspace, "it is disabled, and everything is held", |_| {
        let is_disabled = matches!(hook.health().state, State::Disabled { .. });
        is_disabled && hook.waiting() == Count::Exactly(bundles as u64)
    });
    let failed = workspace.receiver.received();
    assert_eq!(failed.len(), usize::try_from(DISABLE_AT_ERROR).expect("a small number"), "nothing but probes is sent");
    let tried: BTreeSet<_> = failed.iter().map(id).collect();
    assert!(tried.len() > 1, "probes take others in turn");

    workspace.receiver.answer_all(200);
    hook.enable();
    tick_until(stack, &workspace, "everything has arrived", |received| received.len() >= failed.len() + bundles);

    let arrived = workspace.receiver.received().split_off(failed.len());
    let taken: Vec<Value> = arrived.iter().map(|received| documents::document(&received.request)).collect();
    documents::assert_complete_and_in_order(&taken, &events);
    for received in &arrived {
        workspace.assert_signed(received);
    }
    for failed in &failed {
        let again = arrived.iter().find(|arrived| id(arrived) == id(failed)).expect("what was not taken comes again");
        assert_eq!(again.request.body, failed.request.body);
    }
    assert_eq!(hook.waiting(), Count::Exactly(0));
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

fn id(received: &Received) -> Option<&str> {
    received.request.header("webhook-id")
}

/// Lets the aggregator look until it is so, which is asked for when a request comes, and after a while.
fn tick_until(stack: &Stack, workspace: &Workspace, what: &str, is_so: impl Fn(&[Received]) -> bool) {
    let deadline = Instant::now() + DELIVERY_LIMIT;
    while !workspace.receiver.wait_until(TICK, &is_so) {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        stack.tick();
    }
}

/// What the table knows of a workspace's webhook, read and written by the functions' own adapter.
struct Hook {
    workspace: WorkspaceId,
    webhook: WebhookId,
    table: Table,
    runtime: Runtime,
}

impl Hook {
    fn of(stack: &Stack, workspace: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let workspace = WorkspaceId::parse(workspace).expect("the tests' workspaces have good ids");
        Self { workspace, webhook: WebhookId::first(), table: stack.table(), runtime }
    }

    fn health(&self) -> Health {
        let read = self.runtime.block_on(self.table.read_webhook(&self.workspace, &self.webhook));
        read.expect("the table answers").expect("the webhook is set up").health
    }

    /// How much waits for it.
    fn waiting(&self) -> Count {
        let Self { workspace, webhook, table, runtime } = self;
        let health = self.health();
        let count = flush::count_waiting(table, workspace, webhook, &health, deploy::now());
        runtime.block_on(count).expect("the table answers")
    }

    fn progress(&self, key: &DeliveryKey) -> Option<Progress> {
        let read = self.runtime.block_on(self.table.read_delivery(key)).expect("the table answers");
        read.map(|delivery| delivery.progress)
    }

    /// As a person does.
    fn enable(&self) {
        let enabled = self.health().enabled(Enabling::Deliver, deploy::now());
        let put = self.runtime.block_on(self.table.put_health(&self.workspace, &self.webhook, &enabled));
        assert_eq!(put, Ok(true), "nobody else changes the health of a disabled webhook");
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
