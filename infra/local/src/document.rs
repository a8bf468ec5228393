//! The article's two documents as a receiver reads them: written down here anew, and strictly. A field too many or too
//! few, a null or another form of time is an error.

use bundler::{
    event::{ChatKind, Direction},
    timestamp::Timestamp,
};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// One of the article's two documents.
pub(crate) enum Document {
    Bundle(Bundle),
    Single(Single),
}

/// "Aggregate every X hours".
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bundle {
    #[serde(rename = "whatsapp_account")]
    _account: Account,
    pub(crate) chat: Chat,
    pub(crate) messages: Vec<Message>,
    #[serde(deserialize_with = "moment")]
    pub(crate) first_message_timestamp: Timestamp,
    #[serde(deserialize_with = "moment")]
    pub(crate) last_message_timestamp: Timestamp,
    pub(crate) aggregation: String,
}

/// "Don't aggregate".
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Single {
    #[serde(rename = "whatsapp_account")]
    _account: Account,
    pub(crate) chat: Chat,
    pub(crate) message: Message,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    #[serde(rename = "full_name")]
    _full_name: String,
    #[serde(rename = "email")]
    _email: String,
    #[serde(rename = "phone")]
    _phone: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chat {
    pub(crate) full_name: String,
    #[serde(rename = "responsible_name")]
    _responsible_name: String,
    #[serde(rename = "responsible_email")]
    _responsible_email: String,
    #[serde(rename = "chat_url")]
    _chat_url: String,
    #[serde(rename = "chat_id")]
    pub(crate) id: String,
    #[serde(rename = "is_new_chat")]
    _is_new: bool,
    #[serde(rename = "is_group", deserialize_with = "kind")]
    pub(crate) kind: ChatKind,
    #[serde(rename = "phone")]
    _phone: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    pub(crate) direction: Direction,
    #[serde(deserialize_with = "moment")]
    pub(crate) timestamp: Timestamp,
    #[serde(rename = "message_id")]
    pub(crate) id: String,
    pub(crate) sender: Participant,
    pub(crate) recipient: Participant,
    pub(crate) text: String,
    #[serde(default, deserialize_with = "there")]
    pub(crate) attachment: Option<File>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Participant {
    pub(crate) full_name: String,
    pub(crate) phone: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// Left out where the file could not be had.
    #[serde(rename = "temporary_download_url", default, deserialize_with = "there")]
    pub(crate) link: Option<String>,
    pub(crate) filename: String,
    /// Left out where nobody knows it.
    #[serde(default, deserialize_with = "there")]
    pub(crate) size: Option<u64>,
    pub(crate) mimetype: String,
}

/// Reads a webhook's body; the error says what is wrong with it.
pub(crate) fn read(body: &[u8]) -> Result<Document, String> {
    let value: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let document = match value.get("messages") {
        Some(_) => serde_json::from_value(value).map(Document::Bundle),
        None => serde_json::from_value(value).map(Document::Single),
    };
    document.map_err(|error| error.to_string())
}

/// A moment in the article's form and no other.
fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(from)?;
    let moment = Timestamp::parse(&text).filter(|moment| moment.article() == text);
    moment.ok_or_else(|| de::Error::custom("a timestamp is written as 2021-02-24T16:25:29+0000"))
}

fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<ChatKind, D::Error> {
    Ok(if bool::deserialize(from)? { ChatKind::Group } else { ChatKind::Direct })
}

/// A field that is left out where there is nothing, and never null.
fn there<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}
