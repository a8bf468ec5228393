//! The two documents of the article, exactly: what a receiver gets. Nothing is renamed, added or dropped.

use crate::{
    bundle::Bundle,
    event::{Account, Attachment, Chat, ChatKind, Direction, Event, Message, Participant},
    note,
};
use serde::Serialize;

/// The document of messages gathered over a window: `messages` of one chat, in order and not empty.
///
/// Account and chat are those of the bundle's latest message, and a chat is new if any of the bundle's messages said
/// so; a bundle of several documents says the same in each. `None` where there are no messages.
pub fn bundle(bundle: &[Event], messages: &[Event], platform: &str) -> Option<Vec<u8>> {
    let (latest, first, last) = (bundle.last()?, messages.first()?, messages.last()?);
    let document = BundleDocument {
        whatsapp_account: (&latest.account).into(),
        chat: ChatPart { is_new_chat: bundle.iter().any(|event| event.chat.is_new), ..(&latest.chat).into() },
        messages: messages.iter().map(|event| (&event.message).into()).collect(),
        first_message_timestamp: first.message.timestamp.article(),
        last_message_timestamp: last.message.timestamp.article(),
        aggregation: note::aggregation(messages, platform),
    };
    Some(json(&document))
}

/// The body of one of a bundle's documents, and how many messages it holds; `None` if there is no such part.
pub fn part_of(whole: &Bundle, part: usize, platform: &str) -> Option<(Vec<u8>, usize)> {
    let messages = whole.events.get(whole.documents.get(part)?.clone())?;
    Some((bundle(&whole.events, messages, platform)?, messages.len()))
}

/// The document of one message that is not aggregated.
pub fn message(event: &Event) -> Vec<u8> {
    json(&MessageDocument {
        whatsapp_account: (&event.account).into(),
        chat: (&event.chat).into(),
        message: (&event.message).into(),
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
    temporary_download_url: &'a str,
    filename: &'a str,
    size: u64,
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

impl<'a> From<&'a Message> for MessagePart<'a> {
    fn from(message: &'a Message) -> Self {
        Self {
            direction: message.direction,
            timestamp: message.timestamp.article(),
            message_id: message.id.as_str(),
            sender: (&message.sender).into(),
            recipient: (&message.recipient).into(),
            text: &message.text,
            attachment: message.attachment.as_ref().map(Into::into),
        }
    }
}

impl<'a> From<&'a Participant> for ParticipantPart<'a> {
    fn from(participant: &'a Participant) -> Self {
        Self { full_name: &participant.full_name, phone: &participant.phone }
    }
}

impl<'a> From<&'a Attachment> for AttachmentPart<'a> {
    fn from(attachment: &'a Attachment) -> Self {
        Self {
            temporary_download_url: attachment.download_url.as_str(),
            filename: &attachment.filename,
            size: attachment.size,
            mimetype: &attachment.mimetype,
        }
    }
}
