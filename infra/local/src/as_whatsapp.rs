//! The sample as Meta's WhatsApp Cloud API sends it: what customers write as `messages`, what the team writes on its
//! telephones as `smb_message_echoes`, files as media ids, several messages in a call where they come within a minute and
//! a half, and after each echo a status, which is nothing to anybody.

use crate::{
    adapted::{chat_id, digits, expected, phone_number_id},
    sample::{ON_THE_WAY, Played},
    sample_files,
    upstream::Call,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bundler::{
    event::{Attachment, ChatKind, Direction, Event},
    upstream::Room,
};
use serde_json::{Value, json};
use std::time::Duration;

/// What Meta calls a group is nothing that it tells.
const GROUP: &str = "WhatsApp group";
/// From the first message of a call to its last.
const TOGETHER: Duration = Duration::from_secs(90);

pub(crate) fn played<'a>(events: impl Iterator<Item = &'a Event>) -> Result<Vec<Played>, String> {
    let events: Vec<&Event> = events.collect();
    let mut played = Vec::new();
    for together in events.chunk_by(|one, next| goes_with(one, next)) {
        for (index, event) in together.iter().enumerate() {
            let calls = if index + 1 == together.len() { calls(together) } else { Vec::new() };
            played.push(Played { event: as_told(event)?, at: event.message.timestamp.plus(ON_THE_WAY), calls });
        }
    }
    Ok(played)
}

/// A call's messages went through one number, one way.
fn goes_with(one: &Event, next: &Event) -> bool {
    one.account == next.account
        && one.message.direction == next.message.direction
        && next.message.timestamp.since(one.message.timestamp) <= TOGETHER / 2
}

/// How the message has to come out. An echo tells nobody's name.
fn as_told(event: &Event) -> Result<Event, String> {
    let is_echo = event.message.direction == Direction::Sent;
    let (room, chat_name) = match event.chat.kind {
        ChatKind::Group => (Room::Group(event.chat.id.as_str()), GROUP.to_owned()),
        ChatKind::Direct if is_echo => (Room::Direct, event.chat.phone.clone()),
        ChatKind::Direct => (Room::Direct, event.chat.full_name.clone()),
    };
    let account = phone_number_id(&event.account.phone);
    let chat_id = chat_id(&account, room, &digits(&event.chat.phone), event.message.timestamp)?;
    let filename = event.message.attachment.as_ref().filter(|file| kind(file) == "document");
    let filename = filename.map_or("", |file| &file.filename);
    let mut told = expected(event, &id(event), chat_id, chat_name, filename)?;
    event.message.text.trim().clone_into(&mut told.message.text);
    if is_echo {
        told.message.sender.full_name.clone_from(&event.account.full_name);
        told.message.recipient.full_name.clone_from(&told.chat.full_name);
    }
    Ok(told)
}

fn calls(together: &[&Event]) -> Vec<Call> {
    let Some(first) = together.first() else { return Vec::new() };
    let messages: Vec<Value> = together.iter().map(|event| message(event)).collect();
    match first.message.direction {
        Direction::Received => {
            let contacts: Vec<Value> = together.iter().map(|event| contact(event)).collect();
            vec![call(first, "messages", json!({ "contacts": contacts, "messages": messages }))]
        }
        Direction::Sent => {
            let statuses: Vec<Value> = together.iter().map(|event| status(event)).collect();
            vec![
                call(first, "smb_message_echoes", json!({ "message_echoes": messages })),
                call(first, "messages", json!({ "statuses": statuses })),
            ]
        }
    }
}

fn call(of: &Event, field: &str, mut value: Value) -> Call {
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({
        "display_phone_number": digits(&of.account.phone), "phone_number_id": phone_number_id(&of.account.phone),
    });
    let change = json!({ "value": value, "field": field });
    Call::WhatsApp(json!({
        "object": "whatsapp_business_account", "entry": [{ "id": "102290129340398", "changes": [change] }],
    }))
}

fn message(event: &Event) -> Value {
    let (kind, content) = content(event);
    let mut message = json!({
        "id": id(event), "timestamp": event.message.timestamp.seconds().to_string(), "type": kind, (kind): content,
    });
    match event.message.direction {
        Direction::Received => match event.chat.kind {
            ChatKind::Direct => message["from"] = json!(digits(&event.message.sender.phone)),
            ChatKind::Group => message["from_user_id"] = json!(user_id(event)),
        },
        Direction::Sent => {
            message["from"] = json!(digits(&event.account.phone));
            message["to"] = json!(digits(&event.chat.phone));
        }
    }
    match event.chat.kind {
        ChatKind::Direct => {}
        ChatKind::Group => message["group_id"] = json!(event.chat.id.as_str()),
    }
    message
}

fn content(event: &Event) -> (&'static str, Value) {
    let text = &event.message.text;
    let Some(file) = &event.message.attachment else { return ("text", json!({ "body": text })) };
    let id = event.message.id.as_str();
    let sha256 = sample_files::find(id).map(|file| STANDARD.encode(file.sha256));
    let (kind, mut content) = (kind(file), json!({ "id": id, "mime_type": file.mimetype, "sha256": sha256 }));
    match kind {
        "audio" => content["voice"] = json!(true),
        "document" => content["filename"] = json!(file.filename),
        _ => {}
    }
    if !text.is_empty() {
        content["caption"] = json!(text);
    }
    (kind, content)
}

fn kind(file: &Attachment) -> &'static str {
    let family = file.mimetype.split('/').next().unwrap_or_default();
    ["image", "video", "audio"].into_iter().find(|kind| *kind == family).unwrap_or("document")
}

fn contact(event: &Event) -> Value {
    let sender = &event.message.sender;
    let mut contact = json!({ "profile": { "name": sender.full_name } });
    match event.chat.kind {
        ChatKind::Direct => contact["wa_id"] = json!(digits(&sender.phone)),
        ChatKind::Group => contact["user_id"] = json!(user_id(event)),
    }
    contact
}

/// Of people whose number the sample does not tell.
fn user_id(event: &Event) -> String {
    let number = event.message.sender.full_name.chars().fold(7_u64, |sum, c| sum.wrapping_mul(31) + u64::from(c));
    format!("GB.{number}")
}

fn status(event: &Event) -> Value {
    let at = event.message.timestamp.plus(ON_THE_WAY).seconds().to_string();
    json!({ "id": id(event), "status": "delivered", "timestamp": at, "recipient_id": digits(&event.chat.phone) })
}

fn id(event: &Event) -> String {
    format!("wamid.{}", event.message.id.as_str())
}
