//! One message of Meta's as an event: who wrote it to whom, when, in which chat, with which file.

use super::{
    body::{Update, Way},
    fields::{first, text},
    words,
};
use crate::{
    event::{Attachment, Direction, Incoming},
    file::Source,
    limits,
    timestamp::Timestamp,
    upstream::{
        event::{Person, Reader, Refused, Room, Said},
        media,
    },
};
use serde_json::Value;

/// The event of one message of a call.
pub fn read(reader: &Reader<'_>, update: &Update<'_>) -> Result<Incoming, Refused> {
    if update.message.get().len() > limits::EVENT_BYTES {
        return Err(Refused::Unreadable);
    }
    let message: Value = serde_json::from_str(update.message.get()).map_err(|_| Refused::Unreadable)?;
    let timestamp = timestamp(&message["timestamp"]).ok_or(Refused::NoTimestamp)?;
    let direction = match update.way {
        Way::Inbound => Direction::Received,
        Way::Echo => Direction::Sent,
    };
    let room = match text(&message, "group_id") {
        "" => Room::Direct,
        group => Room::Group(group),
    };
    let (id, phone) = identity(&message, update.way);
    let contact = update.around.contacts.find(id, phone);
    let person = Person {
        id: if id.is_empty() { &contact.user_id } else { id },
        name: &contact.name,
        phone: if phone.is_empty() { &contact.wa_id } else { phone },
    };
    reader.event(Said {
        account: &update.around.phone_number_id,
        account_phone: &update.around.display_phone_number,
        room,
        person,
        direction,
        id: text(&message, "id"),
        timestamp,
        text: words::of(&message),
        file: file(&message, timestamp),
    })
}

/// Seconds since 1970: a text in most webhooks, a number in some.
fn timestamp(value: &Value) -> Option<Timestamp> {
    let seconds = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Timestamp::from_seconds(seconds)
}

/// The user id and the phone number of who is on the other side, as far as the message says them.
///
/// A notice of another number or another user id belongs to the chat that there was: it is by the former ones.
fn identity(message: &Value, way: Way) -> (&str, &str) {
    match way {
        Way::Inbound => {
            let former = text(&message["system"], "previous_user_id");
            let id = if former.is_empty() { text(message, "from_user_id") } else { former };
            (id, text(message, "from"))
        }
        Way::Echo => (first(message, &["to_user_id", "recipient_user_id"]), text(message, "to")),
    }
}

/// The file of a message that has one.
fn file(message: &Value, timestamp: Timestamp) -> Option<(Attachment, Source)> {
    let kind = text(message, "type");
    // What was edited may be the words below a file.
    if kind == "edit" {
        return file(&message["edit"]["message"], timestamp);
    }
    if !["image", "video", "audio", "voice", "document", "sticker"].contains(&kind) {
        return None;
    }
    let media = &message[kind];
    let id = text(media, "id");
    let is_id = !id.is_empty()
        && id.len() <= limits::ID_CHARS
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let sha256 = Some(text(media, "sha256")).filter(|hash| !hash.is_empty() && hash.len() <= 64).map(str::to_owned);
    let word = if media["voice"] == true { "voice" } else { kind };
    let attachment = media::attachment(word, text(media, "filename"), text(media, "mime_type"), timestamp);
    is_id.then(|| (attachment, Source::WhatsApp { media: id.to_owned(), sha256 }))
}
