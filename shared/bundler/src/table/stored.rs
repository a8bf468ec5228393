//! An event as the table holds it: short names, nothing that the key says, nothing that is empty.
//! A message of a common length stays under the kilobyte that one write unit pays for.

use super::item::{ItemError, wrong};
use crate::{
    delivery::Lane,
    event::{Account, Attachment, Chat, ChatKind, Direction, Event, HttpUrl, Message, Participant},
    id::{ChatId, KeyPart, MessageId},
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(rename = "a")]
    account: (String, String, String),
    #[serde(rename = "c")]
    chat: StoredChat,
    /// Where the key has it otherwise than as it is.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    id: Option<MessageId>,
    #[serde(rename = "d")]
    direction: StoredDirection,
    #[serde(rename = "s")]
    sender: (String, String),
    #[serde(rename = "r")]
    recipient: (String, String),
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    attachment: Option<(String, Option<u64>, String)>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    permalink: Option<HttpUrl>,
}

#[derive(Serialize, Deserialize)]
struct StoredChat {
    /// Where the key has it otherwise than as it is.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    id: Option<ChatId>,
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    full_name: String,
    #[serde(rename = "r", default, skip_serializing_if = "String::is_empty")]
    responsible_name: String,
    #[serde(rename = "e", default, skip_serializing_if = "String::is_empty")]
    responsible_email: String,
    #[serde(rename = "u")]
    url: HttpUrl,
    #[serde(rename = "p", default, skip_serializing_if = "String::is_empty")]
    phone: String,
    #[serde(rename = "f", default, skip_serializing_if = "Flags::are_none")]
    flags: Flags,
}

/// 1: the chat is new; 2: it is a group.
#[derive(Serialize, Deserialize, Default, Clone, Copy)]
struct Flags(u8);

impl Flags {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn are_none(&self) -> bool {
        self.0 == 0
    }
}

#[derive(Serialize, Deserialize)]
enum StoredDirection {
    #[serde(rename = "r")]
    Received,
    #[serde(rename = "s")]
    Sent,
}

/// The event as JSON. Its workspace and its timestamp stand in the item's key, and in most cases the ids of its chat and
/// of its message, as they are.
pub fn encode(event: &Event, chat: &KeyPart, message: &KeyPart) -> String {
    encoded(event, (chat.as_str(), message.as_str()))
}

/// What the event weighs at most, bytes.
pub fn weight(event: &Event) -> usize {
    encoded(event, ("", "")).len()
}

fn encoded(event: &Event, in_key: (&str, &str)) -> String {
    let Event { workspace: _, account, chat, message } = event.clone();
    let group = match chat.kind {
        ChatKind::Direct => 0,
        ChatKind::Group => 2,
    };
    let stored = Stored {
        account: (account.full_name, account.email, account.phone),
        chat: StoredChat {
            id: Some(chat.id).filter(|id| id.as_str() != in_key.0),
            full_name: chat.full_name,
            responsible_name: chat.responsible_name,
            responsible_email: chat.responsible_email,
            url: chat.url,
            phone: chat.phone,
            flags: Flags(u8::from(chat.is_new) | group),
        },
        id: Some(message.id).filter(|id| id.as_str() != in_key.1),
        direction: match message.direction {
            Direction::Received => StoredDirection::Received,
            Direction::Sent => StoredDirection::Sent,
        },
        sender: (message.sender.full_name, message.sender.phone),
        recipient: (message.recipient.full_name, message.recipient.phone),
        text: message.text,
        attachment: message.attachment.map(|file| (file.filename, file.size, file.mimetype)),
        permalink: message.permalink,
    };
    // Strings and integers under names: there is nothing in it that JSON cannot write.
    serde_json::to_string(&stored).unwrap_or_default()
}

/// Reads what `encode` wrote, with what the item's key says.
pub fn decode(json: &str, lane: &Lane, timestamp: Timestamp, message: &KeyPart) -> Result<Event, ItemError> {
    // serde's own words may repeat content: only where it stopped is told.
    let stored: Stored = serde_json::from_str(json)
        .map_err(|error| wrong("event", format!("is not a stored event, at column {}", error.column())))?;
    let chat = stored.chat;
    let chat_id = chat.id.map_or_else(|| ChatId::parse(lane.chat.as_str()), Ok);
    let message_id = stored.id.map_or_else(|| MessageId::parse(message.as_str()), Ok);
    Ok(Event {
        workspace: lane.workspace.clone(),
        account: Account { full_name: stored.account.0, email: stored.account.1, phone: stored.account.2 },
        chat: Chat {
            id: chat_id.map_err(|detail| wrong("sk", detail))?,
            full_name: chat.full_name,
            responsible_name: chat.responsible_name,
            responsible_email: chat.responsible_email,
            url: chat.url,
            is_new: chat.flags.0 & 1 != 0,
            kind: if chat.flags.0 & 2 == 0 { ChatKind::Direct } else { ChatKind::Group },
            phone: chat.phone,
        },
        message: Message {
            id: message_id.map_err(|detail| wrong("sk", detail))?,
            timestamp,
            direction: match stored.direction {
                StoredDirection::Received => Direction::Received,
                StoredDirection::Sent => Direction::Sent,
            },
            sender: Participant { full_name: stored.sender.0, phone: stored.sender.1 },
            recipient: Participant { full_name: stored.recipient.0, phone: stored.recipient.1 },
            text: stored.text,
            attachment: stored.attachment.map(|(filename, size, mimetype)| Attachment { filename, size, mimetype }),
            permalink: stored.permalink,
        },
    })
}
