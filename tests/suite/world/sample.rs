//! Events for tests: the article's example as the native event that it comes from, and the sample conversation.

use serde_json::{Value, json};
use std::path::Path;

/// The sample conversation: 62 messages of three chats in the order in which they came.
pub(crate) fn sample() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/local/sample/conversation.json");
    let text = std::fs::read_to_string(path).expect("the sample conversation");
    serde_json::from_str(&text).expect("an array of events")
}

/// The article's "Don't aggregate" example, a message with a file, as a native event.
pub(crate) fn article() -> Value {
    serde_json::from_str(include_str!("../golden/message.event.json")).expect("an event")
}

/// A message of the article's chat, with text and without a file.
pub(crate) fn message(timestamp: &str, id: &str, text: &str) -> Value {
    let mut event = article();
    event["message"]["timestamp"] = json!(timestamp);
    event["message"]["message_id"] = json!(id);
    event["message"]["text"] = json!(text);
    event["message"].as_object_mut().expect("a message").remove("attachment");
    event
}

/// The same message in another chat.
pub(crate) fn in_chat(chat: &str, mut event: Value) -> Value {
    event["chat"]["chat_id"] = json!(chat);
    event
}
