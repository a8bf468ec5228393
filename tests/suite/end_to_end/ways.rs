//! The ways in beside HTTP, on the stack: what an upstream with an AWS account sends arrives, each message once.

use super::conversation::{DELIVERY_LIMIT, conversation};
use super::deploy::Stack;
use super::documents;
use super::place;
use super::workspace::Workspace;
use bundler::window::Granularity;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What `receive_message` waits for at most, in seconds; it answers as soon as there is a message.
const LONGEST_POLL_SECONDS: u64 = 20;

#[test]
fn what_comes_by_queue_bus_and_invocation_arrives_once_and_a_poison_record_ends_among_the_dead_letters() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    give_up_after_two_tries(stack);
    let workspace = Workspace::set_up(stack, "ways", Granularity::None);
    let events = conversation("ways");
    let (queue, rest) = events.split_at(12);
    let (bus, rest) = rest.split_at(2);
    let direct = &rest[..6];

    send_to_queue(stack, queue, "not an event");
    put_on_bus(stack, bus);
    let answer = stack.invoke("ingest", &json!(direct));
    let statuses: Vec<_> = answer["results"].as_array().expect("results").iter().map(|it| &it["status"]).collect();
    assert_eq!(statuses, vec!["accepted"; direct.len()], "{answer}");

    let sent = queue.len() + bus.len() + direct.len();
    assert!(workspace.receiver.wait_until(DELIVERY_LIMIT, |received| received.len() >= sent));
    assert_eq!(dead_letter(stack), "not an event");
    // Each of them again, by another way: what has arrived is recognised.
    let again = stack.invoke("ingest", &json!(events[..sent]));
    for result in again["results"].as_array().expect("results") {
        assert_eq!(result["status"], "duplicate");
    }

    let mut arrived = BTreeMap::<String, usize>::new();
    for received in workspace.receiver.received() {
        workspace.assert_signed(&received);
        let document = documents::document(&received.request);
        documents::assert_valid("message", &document);
        *arrived.entry(id(&document)).or_default() += 1;
    }
    let expected: BTreeMap<String, usize> = events[..sent].iter().map(|event| (id(event), 1)).collect();
    assert_eq!(arrived, expected);
}

#[test]
fn a_direct_invocation_with_no_event_is_told_what_is_wrong_with_it() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    for payload in [json!({}), json!([]), json!(null), json!("text"), json!([{ "Records": [] }])] {
        let answer = stack.invoke("ingest", &payload);
        assert_eq!(answer["status"], 422, "{payload}: {answer}");
    }
}

fn id(document: &Value) -> String {
    format!("{} {}", document["chat"]["chat_id"], document["message"]["message_id"])
}

/// The template's hour of tries is too long to look on. What is handed out again comes after a second.
fn give_up_after_two_tries(stack: &Stack) {
    let url = stack.output("UpstreamQueueUrl");
    let names = json!({ "QueueUrl": url, "AttributeNames": ["RedrivePolicy"] });
    let answer = stack.aws().call("sqs", "get_queue_attributes", &names);
    let policy = answer["Attributes"]["RedrivePolicy"].as_str().expect("the queue has dead letters");
    let mut policy: Value = serde_json::from_str(policy).expect("a policy is JSON");
    policy["maxReceiveCount"] = json!(2);
    let attributes = json!({ "VisibilityTimeout": "1", "RedrivePolicy": policy.to_string() });
    stack.aws().call("sqs", "set_queue_attributes", &json!({ "QueueUrl": url, "Attributes": attributes }));
}

/// Puts the events on the upstream queue, and the poison in their middle.
fn send_to_queue(stack: &Stack, events: &[Value], poison: &str) {
    let mut bodies: Vec<String> = events.iter().map(Value::to_string).collect();
    bodies.insert(bodies.len() / 2, poison.to_owned());
    for (batch, bodies) in bodies.chunks(10).enumerate() {
        let entry = |(index, body): (usize, &String)| json!({ "Id": format!("{batch}-{index}"), "MessageBody": body });
        let entries: Vec<_> = bodies.iter().enumerate().map(entry).collect();
        let parameters = json!({ "QueueUrl": stack.output("UpstreamQueueUrl"), "Entries": entries });
        let answer = stack.aws().call("sqs", "send_message_batch", &parameters);
        assert!(answer.get("Failed").is_none_or(|failed| failed == &json!([])), "{answer}");
    }
}

fn put_on_bus(stack: &Stack, events: &[Value]) {
    let entry = |event: &Value| json!({ "Source": "bundlehook.upstream", "DetailType": "message", "Detail": event.to_string() });
    let entries: Vec<_> = events.iter().map(entry).collect();
    let answer = stack.aws().call("events", "put_events", &json!({ "Entries": entries }));
    assert_eq!(answer["FailedEntryCount"], 0, "{answer}");
}

/// The message that the upstream queue has given up on.
fn dead_letter(stack: &Stack) -> String {
    let source = json!({ "QueueUrl": stack.output("UpstreamQueueUrl"), "AttributeNames": ["RedrivePolicy"] });
    let answer = stack.aws().call("sqs", "get_queue_attributes", &source);
    let policy = answer["Attributes"]["RedrivePolicy"].as_str().expect("the queue has dead letters");
    let policy: Value = serde_json::from_str(policy).expect("a policy is JSON");
    let arn = policy["deadLetterTargetArn"].as_str().expect("a queue has an ARN");
    let name = json!({ "QueueName": arn.rsplit(':').next().expect("an ARN ends with a name") });
    let url = stack.aws().call("sqs", "get_queue_url", &name)["QueueUrl"].clone();
    let poll = json!({ "QueueUrl": url, "WaitTimeSeconds": LONGEST_POLL_SECONDS });
    let message = &stack.aws().call("sqs", "receive_message", &poll)["Messages"][0]["Body"];
    message.as_str().expect("the poison has come to the dead letters").to_owned()
}
