//! The events that adapters make: what an upstream says of one message, in its own words, becomes an event as the platform
//! would have sent it. What an upstream leaves out is empty; what is too long is cut, because a person is to read it and
//! nobody is there to send it again.

use super::{Filling, Upstream};
use crate::{
    event::{Attachment, Chat, ChatKind, Direction, Event, Incoming, Message, Participant},
    file::Source,
    id::{ChatId, MessageId, WorkspaceId, push_hex},
    limits,
    signature::{Purpose, RootSecret},
    timestamp::Timestamp,
};

/// Whose messages are read, and what names are made with.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub workspace: &'a WorkspaceId,
    pub upstream: &'a Upstream,
    pub secret: &'a RootSecret,
}

/// Somebody on the other side. Whatever is not known is empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Person<'a> {
    /// What upstream knows the person by, if it is no phone number.
    pub id: &'a str,
    pub name: &'a str,
    pub phone: &'a str,
}

/// Where something is said.
#[derive(Debug, Clone, Copy)]
pub enum Room<'a> {
    /// With one person.
    Direct,
    /// In a group of upstream's id.
    Group(&'a str),
}

/// What an upstream says of one message.
#[derive(Debug, Clone)]
pub struct Said<'a> {
    /// Upstream's id of the number that the message went through, and the number itself.
    pub account: &'a str,
    pub account_phone: &'a str,
    pub room: Room<'a>,
    /// Who wrote it, or whom it was written to.
    pub person: Person<'a>,
    pub direction: Direction,
    pub id: &'a str,
    pub timestamp: Timestamp,
    pub text: String,
    pub file: Option<(Attachment, Source)>,
}

/// Why a message cannot be taken, however often it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    /// It is nothing that can be read.
    Unreadable,
    NoId,
    NoTimestamp,
    /// Neither a group nor anybody on the other side.
    NoChat,
}

impl Refused {
    /// As log lines say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::NoId => "no_id",
            Self::NoTimestamp => "no_timestamp",
            Self::NoChat => "no_chat",
        }
    }
}

impl Reader<'_> {
    /// The event of a message.
    pub fn event(&self, said: Said<'_>) -> Result<Incoming, Refused> {
        let Said { account, account_phone, room, person, direction, id, timestamp, text, file } = said;
        let message_id = MessageId::parse(id).map_err(|_| Refused::NoId)?;
        let (kind, name) = match (room, person) {
            (Room::Group(""), _) | (Room::Direct, Person { id: "", phone: "", .. }) => return Err(Refused::NoChat),
            (Room::Group(id), _) => (ChatKind::Group, ("group", id)),
            // An id stays when a number is hidden, and is not told by the number that people hand around.
            // A number is the same with a plus and without, and upstreams write the one here and the other there.
            (Room::Direct, Person { id: "", phone, .. }) => {
                (ChatKind::Direct, ("phone", phone.trim_start_matches('+')))
            }
            (Room::Direct, Person { id, .. }) => (ChatKind::Direct, ("user", id)),
        };
        let chat_id = self.chat_id(account, name);
        let account = self.upstream.account(account, &number(account_phone));
        let other = participant(&person);
        let chat_phone = match kind {
            ChatKind::Group => String::new(),
            ChatKind::Direct => other.phone.clone(),
        };
        let chat_name = match kind {
            ChatKind::Group => "WhatsApp group".to_owned(),
            ChatKind::Direct => other.full_name.clone(),
        };
        let own = Participant { full_name: account.full_name.clone(), phone: account.phone.clone() };
        // What is written to a group is written to nobody in it.
        let other = match (kind, direction) {
            (ChatKind::Group, Direction::Sent) => Participant { full_name: chat_name.clone(), phone: String::new() },
            (ChatKind::Group, Direction::Received) | (ChatKind::Direct, _) => other,
        };
        let (sender, recipient) = match direction {
            Direction::Received => (other, own),
            Direction::Sent => (own, other),
        };
        let digits: String = chat_phone.chars().filter(char::is_ascii_digit).collect();
        let filling = Filling { chat_id: chat_id.as_str(), phone: &digits, message_id: id };
        let permalink = self.upstream.permalink(&filling);
        let url = self.upstream.chat_url(chat_id.as_str(), kind, &digits);
        let (attachment, source) = file.unzip();
        let chat = Chat {
            full_name: chat_name,
            responsible_name: account.full_name.clone(),
            responsible_email: account.email.clone(),
            url,
            id: chat_id,
            // No upstream says so.
            is_new: false,
            kind,
            phone: chat_phone,
        };
        let text = cut(&text, limits::TEXT_CHARS);
        let message = Message { id: message_id, timestamp, direction, sender, recipient, text, attachment, permalink };
        Ok(Incoming { event: Event { workspace: self.workspace.clone(), account, chat, message }, source })
    }

    /// The same for the same chat, and for nobody else to find out of which person.
    fn chat_id(&self, account: &str, name: (&str, &str)) -> ChatId {
        // Strings: there is nothing in it that JSON cannot write, and no two names are written alike.
        let whole = serde_json::to_vec(&(self.workspace, account, name)).unwrap_or_default();
        let mut id = String::new();
        push_hex(&mut id, "wa_", &self.secret.seal(Purpose::Chat, &whole)[..16]);
        ChatId::parse(&id).expect("a prefix and hex")
    }
}

fn participant(person: &Person<'_>) -> Participant {
    let phone = number(person.phone);
    let name = [person.name.trim(), &phone, "WhatsApp user"].into_iter().find(|name| !name.is_empty());
    Participant { full_name: cut(name.unwrap_or_default(), limits::NAME_CHARS), phone }
}

/// A number as E.164 writes it, if it is one.
pub(super) fn number(digits: &str) -> String {
    let is_bare = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    cut(&format!("{}{digits}", if is_bare { "+" } else { "" }), limits::PHONE_CHARS)
}

/// At most so many characters, the last of which says that there were more.
pub(super) fn cut(text: &str, most: usize) -> String {
    // Characters are never more than bytes.
    if text.len() <= most || text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
