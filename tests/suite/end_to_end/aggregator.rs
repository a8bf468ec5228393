//! The aggregator on the stack, woken by more than the minute: a chat is flushed now, and shards are handed over.

use super::conversation::{DELIVERY_LIMIT, conversation, tick_until_all};
use super::deploy::{self, AGGREGATION_UNIT_SECONDS, Stack};
use super::workspace::Workspace;
use super::{documents, ministack, place};
use ::aws::{connection, invoke::Aggregator, over_hyper};
use bundler::delivery::Lane;
use bundler::flush::Portion;
use bundler::id::{KeyPart, WebhookId};
use bundler::native;
use bundler::ports::HandOver;
use bundler::table::bucket::{BucketMessage, Slot};
use bundler::window::{self, AggregationUnit, Granularity};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

#[test]
fn a_chat_that_is_flushed_now_goes_out_in_two_bundles_and_what_was_wrong_with_a_wish_is_told() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    // Windows of two minutes: when all of one has arrived, 46 seconds after its end, the next is far from its own.
    let workspace = Workspace::set_up(stack, "cut", Granularity::Hours12);
    let chat = conversation("cut")[0]["chat"]["chat_id"].clone();
    let wish = |chat: &Value| stack.invoke("aggregator", &json!({ "flush_now": { "workspace": "cut", "chat": chat } }));
    let nothing = wish(&chat)["outcome"].clone();
    assert!(["nothing_gathered", "window_ends_soon"].map(Value::from).contains(&nothing), "{nothing}");
    let wrong = wish(&json!(7)).to_string();
    assert!(wrong.contains("/flush_now/chat: must be a text"), "{wrong}");

    // In the last seconds of a window it is told so, and everything goes out anyway: then the next window is tried.
    let mut sent = 0;
    let cut = loop {
        let events: Vec<Value> =
            conversation("cut").into_iter().filter(|event| event["chat"]["chat_id"] == chat).collect();
        workspace.send(&events[..2]);
        sent += 2;
        match wish(&chat)["outcome"].as_str() {
            Some("cut") => break events,
            Some("window_ends_soon") => drop(tick_until_all(stack, &workspace, sent)),
            other => panic!("{other:?}"),
        }
    };
    // It belongs to the same window, unless that has ended in this second.
    let later = json!([cut[2]]);
    workspace.send(later.as_array().expect("events"));
    let received = tick_until_all(stack, &workspace, sent + 1);

    let ids: BTreeSet<_> = received.iter().map(|received| received.request.header("webhook-id")).collect();
    assert_eq!(ids.len(), received.len());
    let [.., flushed, rest] = &received[..] else { panic!("a cut and its rest are two bundles") };
    let texts = |received: &super::receiver::Received| -> Vec<Value> {
        let document = documents::document(&received.request);
        documents::messages(&document).iter().map(|message| message["message_id"].clone()).collect()
    };
    let id = |event: &Value| event["message"]["message_id"].clone();
    assert_eq!((texts(flushed), texts(rest)), (vec![id(&cut[0]), id(&cut[1])], vec![id(&cut[2])]));
    workspace.assert_signed(flushed);
}

#[test]
fn shards_that_are_handed_over_are_swept_by_another_invocation() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    let workspace = Workspace::set_up(stack, "handed", Granularity::Hours1);
    // A window that every tick takes for swept: only who is given its shards looks at them.
    let unit = AggregationUnit::from_seconds(AGGREGATION_UNIT_SECONDS).expect("the unit is within its bounds");
    let due = window::last_due(unit, deploy::now().minus(Duration::from_mins(10)));
    let mut event = native::parse(&conversation("handed")[0], "").expect("an event");
    event.message.timestamp = due.minus(Duration::from_secs(1));
    let chat = KeyPart::of(event.chat.id.as_str());
    let lane = Lane { workspace: event.workspace.clone(), webhook: WebhookId::first(), chat };
    let message = KeyPart::of(event.message.id.as_str());
    let slot = Slot { due, lane: lane.clone(), timestamp: event.message.timestamp, message };
    stack.put(&BucketMessage { slot, at: event.message.timestamp, event }.to_item());

    let http_client = over_hyper::http_client(over_hyper::connector().expect("the client builds"));
    let variable = |name: &str| ministack::variable(stack.address(), name);
    let config = connection::configure(http_client, variable).expect("the variables are there");
    let aggregator = Aggregator::new(&config, stack.output("AggregatorFunctionName").to_owned());
    let portion = Portion { due, shards: lane.shard()..lane.shard() + 1 };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(aggregator.hand_over(&portion)).expect("the emulator takes the invocation");

    assert!(workspace.receiver.wait_until(DELIVERY_LIMIT, |received| received.len() == 1));
}
