//! The documents that a receiver got, held against what was sent and against the repository's schemas.

use super::deploy;
use super::http::Message;
use super::place;
use bundler::timestamp::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

pub(crate) fn document(request: &Message) -> Value {
    serde_json::from_slice(&request.body).expect("a document is JSON")
}

pub(crate) fn messages(bundle: &Value) -> &[Value] {
    bundle["messages"].as_array().expect("a bundle has messages")
}

/// Panics unless the bundles, in the order of their arrival, hold each chat's events exactly once and in order.
pub(crate) fn assert_complete_and_in_order(bundles: &[Value], events: &[Value]) {
    let (arrived, sent) = (arrived_by_chat(bundles), sent_by_chat(events));
    for (chat, expected) in &sent {
        let messages = arrived.get(chat).unwrap_or_else(|| panic!("nothing of chat {chat} has come"));
        assert_eq!(ids(messages), ids(expected), "the messages of chat {chat}");
        for (message, expected) in messages.iter().zip(expected) {
            let mut message = message.clone();
            if let Some(file) = message.get_mut("attachment").and_then(Value::as_object_mut) {
                let link = file.remove("temporary_download_url").expect("every file of a conversation is there");
                assert!(link.as_str().is_some_and(|link| link.starts_with("http://")), "{link}");
            }
            assert_eq!(message, *expected);
        }
    }
    assert_eq!(arrived.len(), sent.len(), "chats that nobody sent have come");
}

/// A sent message as a document holds it, links to files aside: without the permalink, which goes into the note, and with
/// no text instead of null.
pub(crate) fn as_delivered(message: &Value) -> Value {
    let mut message = message.clone();
    message.as_object_mut().expect("a message is an object").remove("permalink");
    if let Some(file) = message.get_mut("attachment").and_then(Value::as_object_mut) {
        file.remove("source_url").expect("the tests' files are told of so");
    }
    if message["text"].is_null() {
        message["text"] = "".into();
    }
    message
}

/// What is the same on every attempt: all but the links to files, each of which is of its own attempt.
pub(crate) fn without_links(mut document: Value) -> Value {
    fn remove(message: &mut Value) {
        if let Some(file) = message.get_mut("attachment").and_then(Value::as_object_mut) {
            file.remove("temporary_download_url");
        }
    }
    match document.get_mut("messages").and_then(Value::as_array_mut) {
        Some(messages) => messages.iter_mut().for_each(remove),
        None => document.get_mut("message").into_iter().for_each(remove),
    }
    document
}

/// Which window a message belongs to, as a number.
pub(crate) fn window(message: &Value) -> u64 {
    let sent = Timestamp::parse(&text(&message["timestamp"])).expect("a document's timestamps are well formed");
    sent.seconds() / u64::from(deploy::AGGREGATION_UNIT_SECONDS)
}

/// Panics with every way in which a document breaks its schema.
pub(crate) fn assert_valid(schema: &str, document: &Value) {
    let file = place::repository().join(format!("shared/bundler/schemas/{schema}.schema.json"));
    let text = fs::read_to_string(file).expect("the schema is in the repository");
    let schema = serde_json::from_str(&text).expect("a schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let errors: Vec<_> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

fn arrived_by_chat(bundles: &[Value]) -> BTreeMap<String, Vec<Value>> {
    let mut chats = BTreeMap::<_, Vec<_>>::new();
    for bundle in bundles {
        chats.entry(text(&bundle["chat"]["chat_id"])).or_default().extend(messages(bundle).to_vec());
    }
    chats
}

fn sent_by_chat(events: &[Value]) -> BTreeMap<String, Vec<Value>> {
    let mut chats = BTreeMap::<_, Vec<_>>::new();
    for event in events {
        chats.entry(text(&event["chat"]["chat_id"])).or_default().push(as_delivered(&event["message"]));
    }
    for messages in chats.values_mut() {
        messages.sort_by_key(|message| (text(&message["timestamp"]), text(&message["message_id"])));
    }
    chats
}

fn ids(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["message_id"].as_str().expect("a message has an id")).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
