//! What both upstreams that are not the platform's own have in common: whose numbers the sample's messages go through, and
//! how a deployment calls the chats. How else such a message has to come out is not asked of the adapters.

use crate::{secrets, upstream::WORKSPACE};
use bundler::{
    event::{Account, Direction, Event},
    id::{ChatId, MessageId, WorkspaceId},
    timestamp::Timestamp,
    upstream::{Person, Reader, Room, Said, Upstream, UpstreamAccount, UrlTemplate},
};

/// The id that Meta has for a number.
pub(crate) fn phone_number_id(phone: &str) -> String {
    format!("10{}", digits(phone))
}

/// As Meta writes a number.
pub(crate) fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

/// What the workspace has set: the team's accounts by both upstreams' ids, and where its people open chats.
pub(crate) fn settings<'a>(events: impl Iterator<Item = &'a Event>) -> Result<Upstream, String> {
    let mut accounts: Vec<UpstreamAccount> = Vec::new();
    for event in events {
        let Account { full_name, email, phone } = event.account.clone();
        for id in [phone_number_id(&phone), phone.clone()] {
            if accounts.iter().all(|account| account.id != id) {
                let (phone, full_name, email) = (phone.clone(), full_name.clone(), email.clone());
                accounts.push(UpstreamAccount { id, phone, full_name, email });
            }
        }
    }
    let chat_url = UrlTemplate::parse("https://app.example.com/chat/{chat_id}/messages/")?;
    Ok(Upstream { accounts, chat_url: Some(chat_url), ..Upstream::default() })
}

/// How the deployment calls a chat of that account.
pub(crate) fn chat_id(account: &str, room: Room<'_>, phone: &str, timestamp: Timestamp) -> Result<ChatId, String> {
    let (workspace, secret, upstream) = (WorkspaceId::parse(WORKSPACE)?, secrets::root()?, Upstream::default());
    let reader = Reader { workspace: &workspace, upstream: &upstream, secret: &secret };
    let said = Said {
        account,
        account_phone: "",
        room,
        person: Person { phone, ..Person::default() },
        direction: Direction::Received,
        id: "any",
        timestamp,
        text: String::new(),
        file: None,
    };
    reader.event(said).map(|incoming| incoming.event.chat.id).map_err(|refused| refused.name().to_owned())
}

/// The event as it has to come out of an upstream that says no size, and `filename` if any.
pub(crate) fn expected(
    event: &Event,
    id: &str,
    chat_id: ChatId,
    chat_name: String,
    filename: &str,
) -> Result<Event, String> {
    let mut expected = event.clone();
    expected.message.id = MessageId::parse(id)?;
    expected.chat.id = chat_id;
    expected.chat.full_name = chat_name;
    if let Some(attachment) = &mut expected.message.attachment {
        attachment.size = None;
        // A name that upstream did not give is held to nothing.
        filename.clone_into(&mut attachment.filename);
    }
    Ok(expected)
}
