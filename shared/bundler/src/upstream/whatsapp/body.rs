//! A call of Meta's taken apart: its messages as the text that they came as, each with what stands around it. Nothing is
//! built of the rest, which is most of what comes: statuses, histories, and fields that nobody has asked for.

use super::contact::Contacts;
use crate::{limits, problem::Problem};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{borrow::Cow, sync::Arc};

/// One message, as it came.
pub struct Update<'a> {
    pub way: Way,
    pub around: Arc<Around<'a>>,
    pub message: &'a RawValue,
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the business.
    Inbound,
    /// From the business, written in its own WhatsApp application (`smb_message_echoes`).
    Echo,
}

/// What stands around messages of one change: whose number they went through, and who is known to have written.
pub struct Around<'a> {
    pub phone_number_id: Cow<'a, str>,
    pub display_phone_number: Cow<'a, str>,
    pub(super) contacts: Contacts,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    entry: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    changes: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    field: Cow<'a, str>,
    #[serde(borrow)]
    value: &'a RawValue,
}

#[derive(Deserialize)]
struct Value<'a> {
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    contacts: Option<&'a RawValue>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(borrow)]
    message_echoes: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    phone_number_id: Cow<'a, str>,
    #[serde(borrow, default)]
    display_phone_number: Cow<'a, str>,
}

/// The messages of a call, in its order. What has another shape than it should is passed over: it holds no message.
pub fn updates(body: &[u8]) -> Result<Vec<Update<'_>>, Problem> {
    // serde's own words may repeat content: only where it stopped is told.
    let not_json = |error: serde_json::Error| {
        Problem::new(400, format!("the body is not JSON: line {}, column {}", error.line(), error.column()))
    };
    let body: &RawValue = serde_json::from_slice(body).map_err(not_json)?;
    let mut updates = Vec::new();
    for entry in elements(object::<Body<'_>>(body).and_then(|body| body.entry)) {
        for change in elements(object::<Entry<'_>>(entry).and_then(|entry| entry.changes)) {
            changed(change, &mut updates);
        }
    }
    if updates.len() > limits::WHATSAPP_UPDATES {
        let most = limits::WHATSAPP_UPDATES;
        return Err(Problem::new(
            413,
            format!("a call holds at most {most} messages; this one holds {}", updates.len()),
        ));
    }
    Ok(updates)
}

fn changed<'a>(change: &'a RawValue, updates: &mut Vec<Update<'a>>) {
    let Some(Change { field, value }) = object(change) else { return };
    let way = match &*field {
        "messages" => Way::Inbound,
        "smb_message_echoes" => Way::Echo,
        _ => return,
    };
    let Some(value) = object::<Value<'_>>(value) else { return };
    let messages = match way {
        Way::Inbound => value.messages,
        Way::Echo => value.message_echoes,
    };
    let messages = elements(messages);
    if messages.is_empty() {
        return;
    }
    let metadata: Metadata<'_> = value.metadata.and_then(object).unwrap_or_default();
    let Metadata { phone_number_id, display_phone_number } = metadata;
    let contacts = Contacts::read(elements(value.contacts));
    let around = Arc::new(Around { phone_number_id, display_phone_number, contacts });
    updates.extend(messages.into_iter().map(|message| Update { way, around: around.clone(), message }));
}

/// What an object holds, if it is one of that shape. An array would read as well: as the fields in their order.
fn object<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    let text = raw.get();
    if text.starts_with('{') { serde_json::from_str(text).ok() } else { None }
}

/// The elements of an array; none, of anything else.
fn elements(raw: Option<&RawValue>) -> Vec<&RawValue> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn call(field: &str, value: &Value) -> Value {
        json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [
            { "value": value, "field": field },
        ] }] })
    }

    fn check(body: &Value, expected: &[&str]) {
        let text = body.to_string();
        let read = updates(text.as_bytes()).expect("JSON");
        assert_eq!(read.iter().map(|update| update.message.get()).collect::<Vec<_>>(), expected, "{body}");
    }

    #[test]
    fn messages_are_found_wherever_they_stand_and_nothing_else_is() {
        check(&call("messages", &json!({ "messages": [1, { "a": 2 }] })), &["1", "{\"a\":2}"]);
        check(&call("smb_message_echoes", &json!({ "message_echoes": [3], "messages": [4] })), &["3"]);
        check(&call("messages", &json!({ "statuses": [{ "id": "s" }] })), &[]);
        check(&call("history", &json!({ "messages": [1], "message_echoes": [2] })), &[]);
        let mut two = call("messages", &json!({ "messages": [1] }));
        two["entry"]
            .as_array_mut()
            .expect("entries")
            .push(call("messages", &json!({ "messages": [2] }))["entry"][0].clone());
        check(&two, &["1", "2"]);
    }

    #[test]
    fn what_has_another_shape_holds_no_message_and_harms_none() {
        for odd in
            [json!(null), json!([]), json!("x"), json!(7), json!({ "entry": {} }), json!({ "entry": [1, [2], {}] })]
        {
            check(&odd, &[]);
        }
        let mut body = call("messages", &json!({ "messages": [1], "metadata": 7, "contacts": "x" }));
        check(&body, &["1"]);
        let changes = body["entry"][0]["changes"].as_array_mut().expect("changes");
        changes.insert(0, json!({ "field": 1, "value": {} }));
        changes.insert(0, json!({ "field": "messages", "value": [[], [], [1]] }));
        changes.insert(0, json!("change"));
        check(&body, &["1"]);
    }

    #[test]
    fn a_thousand_messages_are_taken_and_not_one_more() {
        let call = |count: usize| call("messages", &json!({ "messages": vec![0; count] })).to_string();
        assert_eq!(updates(call(limits::WHATSAPP_UPDATES).as_bytes()).map(|all| all.len()).ok(), Some(1_000));
        let more = call(limits::WHATSAPP_UPDATES + 1);
        assert_eq!(updates(more.as_bytes()).err().map(|problem| problem.status), Some(413));
        let no_json = updates(b"{\"entry\":").err().map(|problem| problem.status);
        assert_eq!(no_json, Some(400));
    }
}
