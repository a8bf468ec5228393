//! A message event: what upstream says about one message, checked once and held in types that cannot be wrong.

use crate::{
    file::Source,
    id::{ChatId, MessageId, WorkspaceId},
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};

/// One message, with the account it went through and the chat it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub workspace: WorkspaceId,
    pub account: Account,
    pub chat: Chat,
    pub message: Message,
}

/// The WhatsApp account, and the team member that connected it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub full_name: String,
    pub email: String,
    pub phone: String,
}

/// The chat as it was when the message came. Texts are empty where upstream has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    pub id: ChatId,
    pub full_name: String,
    pub responsible_name: String,
    pub responsible_email: String,
    pub url: HttpUrl,
    pub is_new: bool,
    pub kind: ChatKind,
    pub phone: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChatKind {
    Direct,
    Group,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub timestamp: Timestamp,
    pub direction: Direction,
    pub sender: Participant,
    pub recipient: Participant,
    pub text: String,
    pub attachment: Option<Attachment>,
    /// Where a person can read the message in the platform.
    pub permalink: Option<HttpUrl>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Received,
    Sent,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    pub full_name: String,
    pub phone: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub filename: String,
    /// Bytes, as upstream declared them; nothing where it did not.
    pub size: Option<u64>,
    pub mimetype: String,
}

/// An event as it comes in: with where its file is to be had, if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    pub event: Event,
    /// There if the message has an attachment.
    pub source: Option<Source>,
}

/// Of an event that has no file, or whose file is nobody's to copy.
impl From<Event> for Incoming {
    fn from(event: Event) -> Self {
        Self { event, source: None }
    }
}

/// A link that is safe to show: `http` or `https`, without blanks, quotes, angle brackets and control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct HttpUrl(String);

impl HttpUrl {
    pub fn parse(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let unfit = |c: char| c.is_whitespace() || c.is_control() || "<>\"'`\\\u{feff}".contains(c);
        match rest {
            None => Err("must begin with https:// or http://".to_owned()),
            Some("") => Err("must name a host".to_owned()),
            Some(rest) if rest.chars().any(unfit) => {
                Err("must not hold blanks, quotes, backslashes, angle brackets or control characters".to_owned())
            }
            Some(_) if text.chars().count() > crate::limits::URL_CHARS => {
                Err(format!("must have at most {} characters", crate::limits::URL_CHARS))
            }
            Some(_) => Ok(Self(text.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HttpUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_http_and_cannot_leave_an_attribute() {
        assert!(HttpUrl::parse("https://app.timelines.ai/chat/10010001/messages/?a=b&c=%20#x").is_ok());
        for bad in [
            "",
            "https://",
            "javascript:alert(1)",
            "//app.timelines.ai",
            "HTTPS://app.timelines.ai",
            "https://a' onclick='x",
            "https://a\"b",
            "https://a<b>",
            "https://a\u{a0}b",
            "https://a\nb",
            "https://a\\b",
        ] {
            assert!(HttpUrl::parse(bad).is_err(), "{bad:?}");
        }
    }
}
