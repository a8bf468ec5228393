//! The two documents of the article, exactly: what a receiver gets. Nothing is renamed, added or dropped; a file that
//! cannot be had is told of without a link.

use crate::{
    bundle::Bundle,
    event::{Account, Chat, ChatKind, Direction, Event, Message, Participant},
    note,
};
use serde::Serialize;

/// What is told of a message's file, beside what its message says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileLink {
    /// Where it can be downloaded; nothing, if it cannot be had.
    pub url: Option<String>,
    /// Its copy's size, for which upstream declared none.
    pub size: Option<u64>,
}

/// Says what is told of a message's file.
pub type FileLinks<'a> = &'a (dyn Fn(&Event) -> FileLink + Sync);

/// The document of messages gathered over a window: `messages` of one chat, in order and not empty.
///
/// Account and chat are those of the bundle's latest message, and a chat is new if any of the bundle's messages said
/// so; a bundle of several documents says the same in each. `None` where there are no messages.
pub fn bundle(bundle: &[Event], messages: &[Event], platform: &str, files: FileLinks<'_>) -> Option<Vec<u8>> {
    let (latest, first, last) = (bundle.last()?, messages.first()?, messages.last()?);
    let document = BundleDocument {
        whatsapp_account: (&latest.account).into(),
        chat: ChatPart { is_new_chat: bundle.iter().any(|event| event.chat.is_new), ..(&latest.chat).into() },
        messages: messages.iter().map(|event| MessagePart::of(event, files)).collect(),
        first_message_timestamp: first.message.timestamp.article(),
        last_message_timestamp: last.message.timestamp.article(),
        aggregation: note::aggregation(messages, platform),
    };
    Some(json(&document))
}

/// The body of one of a bundle's documents; `None` if there is no such part.
pub fn part_of(whole: &Bundle, part: usize, platform: &str, files: FileLinks<'_>) -> Option<Vec<u8>> {
    bundle(&whole.events, whole.part(part)?, platform, files)
}

/// The document of one message that is not aggregated.
pub fn message(event: &Event, files: FileLinks<'_>) -> Vec<u8> {
    json(&MessageDocument {
        whatsapp_account: (&event.account).into(),
        chat: (&event.chat).into(),
        message: MessagePart::of(event, files),
    })
}

fn json(document: &impl Serialize) -> Vec<u8> {
    // Strings, integers and booleans, with names for keys: there is nothing in it that JSON cannot write.
    serde_json::to_vec(document).unwrap_or_default()
}

#[derive(Serialize)]
struct BundleDocument<'a> {
    whatsapp_account: AccountPart<'a>,
    chat: ChatPart<'a>,
    messages: Vec<MessagePart<'a>>,
    first_message_timestamp: String,
    last_message_timestamp: String,
    aggregation: String,
}

#[derive(Serialize)]
struct MessageDocument<'a> {
    whatsapp_account: AccountPart<'a>,
    chat: ChatPart<'a>,
    message: MessagePart<'a>,
}

#[derive(Serialize)]
struct AccountPart<'a> {
    full_name: &'a str,
    email: &'a str,
    phone: &'a str,
}

#[derive(Serialize)]
struct ChatPart<'a> {
    full_name: &'a str,
    responsible_name: &'a str,
    responsible_email: &'a str,
    chat_url: &'a str,
    chat_id: &'a str,
    is_new_chat: bool,
    is_group: bool,
    phone: &'a str,
}

#[derive(Serialize)]
struct MessagePart<'a> {
    direction: Direction,
    timestamp: String,
    message_id: &'a str,
    sender: ParticipantPart<'a>,
    recipient: ParticipantPart<'a>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachment: Option<AttachmentPart<'a>>,
}

#[derive(Serialize)]
struct ParticipantPart<'a> {
    full_name: &'a str,
    phone: &'a str,
}

#[derive(Serialize)]
struct AttachmentPart<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temporary_download_url: Option<String>,
    filename: &'a str,
    /// Left out where nobody knows it: upstream said none, and there is no copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    mimetype: &'a str,
}

impl<'a> From<&'a Account> for AccountPart<'a> {
    fn from(account: &'a Account) -> Self {
        Self { full_name: &account.full_name, email: &account.email, phone: &account.phone }
    }
}

impl<'a> From<&'a Chat> for ChatPart<'a> {
    fn from(chat: &'a Chat) -> Self {
        Self {
            full_name: &chat.full_name,
            responsible_name: &chat.responsible_name,
            responsible_email: &chat.responsible_email,
            chat_url: chat.url.as_str(),
            chat_id: chat.id.as_str(),
            is_new_chat: chat.is_new,
            is_group: match chat.kind {
                ChatKind::Direct => false,
                ChatKind::Group => true,
            },
            phone: &chat.phone,
        }
    }
}

impl<'a> MessagePart<'a> {
    fn of(event: &'a Event, files: FileLinks<'_>) -> Self {
        let Message { id, timestamp, direction, sender, recipient, text, attachment, permalink: _ } = &event.message;
        let attachment = attachment.as_ref().map(|attachment| {
            let FileLink { url, size } = files(event);
            AttachmentPart {
                temporary_download_url: url,
                filename: &attachment.filename,
                size: attachment.size.or(size),
                mimetype: &attachment.mimetype,
            }
        });
        Self {
            direction: *direction,
            timestamp: timestamp.article(),
            message_id: id.as_str(),
            sender: sender.into(),
            recipient: recipient.into(),
            text,
            attachment,
        }
    }
}

impl<'a> From<&'a Participant> for ParticipantPart<'a> {
    fn from(participant: &'a Participant) -> Self {
        Self { full_name: &participant.full_name, phone: &participant.phone }
    }
}
