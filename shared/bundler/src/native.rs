//! The native event: the article's "Don't aggregate" document with `workspace_id` and an optional `message.permalink`.
//! Unknown fields are ignored; everything that is missing or wrong is named, all of it at once.
//! `schemas/event.schema.json` says the same, and the tests hold the two against each other.

use crate::{
    event::{Account, Attachment, Chat, ChatKind, Direction, Event, HttpUrl, Incoming, Message, Participant},
    file::Source,
    header::CustomHeaders,
    id::{ChatId, MessageId, WorkspaceId},
    limits,
    timestamp::Timestamp,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::{Map, Value};

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where: an RFC 6901 JSON pointer into what was sent.
    pub pointer: String,
    /// What: never any of the content.
    pub detail: String,
}

/// Reads an event that stands at `pointer` in what was sent.
pub fn parse(value: &Value, pointer: &str) -> Result<Event, Vec<FieldError>> {
    incoming(value, pointer).map(|incoming| incoming.event)
}

/// Reads an event, and where its file is to be had.
pub fn incoming(value: &Value, pointer: &str) -> Result<Incoming, Vec<FieldError>> {
    let mut errors = Vec::new();
    let incoming = event(&mut Fields::root(value, pointer, &mut errors));
    match incoming {
        Some(incoming) if errors.is_empty() => Ok(incoming),
        _ => Err(errors),
    }
}

// Every field is read before the first `?`, so that one bad field does not hide the next.

fn event(fields: &mut Fields<'_>) -> Option<Incoming> {
    let workspace = fields.checked("workspace_id", WorkspaceId::parse);
    let account = fields.object("whatsapp_account", account);
    let chat = fields.object("chat", chat);
    let message = fields.object("message", message);
    let (message, source) = message?;
    Some(Incoming { event: Event { workspace: workspace?, account: account?, chat: chat?, message }, source })
}

fn account(fields: &mut Fields<'_>) -> Option<Account> {
    let full_name = fields.text("full_name", limits::NAME_CHARS);
    let email = fields.text("email", limits::EMAIL_CHARS);
    let phone = fields.text("phone", limits::PHONE_CHARS);
    Some(Account { full_name: full_name?, email: email?, phone: phone? })
}

fn chat(fields: &mut Fields<'_>) -> Option<Chat> {
    let full_name = fields.text("full_name", limits::NAME_CHARS);
    let responsible_name = fields.text_or_null("responsible_name", limits::NAME_CHARS);
    let responsible_email = fields.text_or_null("responsible_email", limits::EMAIL_CHARS);
    let url = fields.checked("chat_url", HttpUrl::parse);
    let id = fields.checked("chat_id", ChatId::parse);
    let is_new = fields.boolean("is_new_chat");
    let kind = fields.boolean("is_group").map(|group| if group { ChatKind::Group } else { ChatKind::Direct });
    let phone = fields.text_or_null("phone", limits::PHONE_CHARS);
    Some(Chat {
        id: id?,
        full_name: full_name?,
        responsible_name: responsible_name?,
        responsible_email: responsible_email?,
        url: url?,
        is_new: is_new?,
        kind: kind?,
        phone: phone?,
    })
}

fn message(fields: &mut Fields<'_>) -> Option<(Message, Option<Source>)> {
    let direction = fields.checked("direction", |text| match text {
        "received" => Ok(Direction::Received),
        "sent" => Ok(Direction::Sent),
        _ => Err("must be \"received\" or \"sent\"".to_owned()),
    });
    let timestamp = fields.checked("timestamp", |text| {
        Timestamp::parse(text).ok_or_else(|| "must be a moment since 1970, as in 2021-02-24T16:25:29+0000".to_owned())
    });
    let id = fields.checked("message_id", MessageId::parse);
    let sender = fields.object("sender", participant);
    let recipient = fields.object("recipient", participant);
    let text = fields.text_or_null("text", limits::TEXT_CHARS);
    let attachment = fields.optional("attachment", |fields, name| fields.object(name, attachment));
    let permalink = fields.optional("permalink", |fields, name| fields.checked(name, HttpUrl::parse));
    let (attachment, source) = attachment.unzip();
    let message = Message {
        id: id?,
        timestamp: timestamp?,
        direction: direction?,
        sender: sender?,
        recipient: recipient?,
        text: text?,
        attachment,
        permalink,
    };
    Some((message, source))
}

fn participant(fields: &mut Fields<'_>) -> Option<Participant> {
    let full_name = fields.text("full_name", limits::NAME_CHARS);
    let phone = fields.text_or_null("phone", limits::PHONE_CHARS);
    Some(Participant { full_name: full_name?, phone: phone? })
}

fn attachment(fields: &mut Fields<'_>) -> Option<(Attachment, Source)> {
    let source = source(fields);
    let filename = fields.checked("filename", |text| not_empty(text, limits::NAME_CHARS));
    let size = fields.optional("size", Fields::size);
    let mimetype = fields.checked("mimetype", |text| not_empty(text, limits::MIMETYPE_CHARS));
    let source = source?;
    if let (Source::Inline(content), Some(size)) = (&source, size)
        && size != content.len() as u64
    {
        return fields.wrong("size", &format!("must be {}, as many bytes as the content has", content.len()));
    }
    Some((Attachment { filename: filename?, size, mimetype: mimetype? }, source))
}

/// The names by which a file's place is told; the article's own is a link like another.
const SOURCES: [&str; 4] = ["source_url", "temporary_download_url", "source_object", "content"];

fn source(fields: &mut Fields<'_>) -> Option<Source> {
    let named: Vec<&str> = SOURCES.into_iter().filter(|name| fields.has(name)).collect();
    match named[..] {
        [name @ ("source_url" | "temporary_download_url")] => {
            let url = fields.checked(name, HttpUrl::parse);
            let headers = fields.optional("source_headers", headers);
            Some(Source::Url { url: url?, headers: headers.unwrap_or_default() })
        }
        [name @ "source_object"] => fields.object(name, |fields| {
            let bucket = fields.checked("bucket", bucket_name);
            let key = fields.checked("key", object_key);
            Some(Source::Object { bucket: bucket?, key: key? })
        }),
        [name @ "content"] => fields.checked(name, content).map(Source::Inline),
        [] => {
            fields.wrong(SOURCES[0], &format!("is missing: the file's place is told by one of {}", SOURCES.join(", ")))
        }
        [first, second, ..] => fields.wrong(second, &format!("stands beside {first}: one of them tells the place")),
        [_] => None,
    }
}

fn headers(fields: &mut Fields<'_>, name: &str) -> Option<CustomHeaders> {
    let Some(object) = fields.field(name)?.as_object() else { return fields.wrong(name, "must be an object") };
    let pairs = object.iter().map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let Some(pairs) = pairs.collect::<Option<Vec<_>>>() else {
        return fields.wrong(name, "must hold strings alone");
    };
    CustomHeaders::parse(pairs).map_err(|detail| fields.wrong::<()>(name, &detail)).ok()
}

/// S3's user guide, "General purpose bucket naming rules", as far as a name can be taken for something else.
fn bucket_name(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    let is_name = (3..=limits::BUCKET_NAME_CHARS).contains(&text.len()) && text.bytes().all(plain);
    if is_name { Ok(text.to_owned()) } else { Err("must be a bucket's name".to_owned()) }
}

fn object_key(text: &str) -> Result<String, String> {
    let is_key = (1..=limits::OBJECT_KEY_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
    if is_key { Ok(text.to_owned()) } else { Err(format!("must be 1 to {} bytes of UTF-8", limits::OBJECT_KEY_BYTES)) }
}

fn content(text: &str) -> Result<Vec<u8>, String> {
    // Four characters for three bytes.
    if text.len() > limits::INLINE_FILE_BYTES.div_ceil(3) * 4 {
        return Err(format!("must have at most {} bytes", limits::INLINE_FILE_BYTES));
    }
    STANDARD.decode(text).map_err(|_| "must be base64 (RFC 4648 section 4)".to_owned())
}

fn not_empty(text: &str, most: usize) -> Result<String, String> {
    if text.is_empty() { Err("must not be empty".to_owned()) } else { at_most(text, most) }
}

pub(crate) fn at_most(text: &str, most: usize) -> Result<String, String> {
    if text.chars().count() > most { Err(format!("must have at most {most} characters")) } else { Ok(text.to_owned()) }
}

/// The fields of one object, and where what is wrong with them is gathered.
pub(crate) struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    pointer: String,
    errors: &'a mut Vec<FieldError>,
}

impl<'a> Fields<'a> {
    pub(crate) fn root(value: &'a Value, pointer: &str, errors: &'a mut Vec<FieldError>) -> Self {
        if !value.is_object() {
            errors.push(FieldError { pointer: pointer.to_owned(), detail: "must be an object".to_owned() });
        }
        Self { object: value.as_object(), pointer: pointer.to_owned(), errors }
    }

    fn has(&self, name: &str) -> bool {
        self.object.and_then(|object| object.get(name)).is_some_and(|value| !value.is_null())
    }

    pub(crate) fn wrong<T>(&mut self, name: &str, detail: &str) -> Option<T> {
        let pointer = format!("{}/{name}", self.pointer);
        self.errors.push(FieldError { pointer, detail: detail.to_owned() });
        None
    }

    fn field(&mut self, name: &str) -> Option<&'a Value> {
        let value = self.object?.get(name);
        if value.is_none() {
            return self.wrong(name, "is missing");
        }
        value
    }

    pub(crate) fn checked<T>(&mut self, name: &str, check: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let Some(text) = self.field(name)?.as_str() else { return self.wrong(name, "must be a string") };
        match check(text) {
            Ok(value) => Some(value),
            Err(detail) => self.wrong(name, &detail),
        }
    }

    pub(crate) fn text(&mut self, name: &str, most: usize) -> Option<String> {
        self.checked(name, |text| at_most(text, most))
    }

    fn text_or_null(&mut self, name: &str, most: usize) -> Option<String> {
        if self.field(name)?.is_null() { Some(String::new()) } else { self.text(name, most) }
    }

    fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.field(name)?.as_bool() {
            Some(value) => Some(value),
            None => self.wrong(name, "must be true or false"),
        }
    }

    fn size(&mut self, name: &str) -> Option<u64> {
        // A whole number may be written with a fraction of zero, as JSON Schema's integers may.
        let number = self.field(name)?;
        let whole = number.as_u64().or_else(|| number.as_f64().and_then(whole_number));
        match whole.filter(|size| *size <= limits::FILE_BYTES) {
            Some(size) => Some(size),
            None => self.wrong(name, &format!("must be a whole number of bytes from 0 to {}", limits::FILE_BYTES)),
        }
    }

    fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Option<T> {
        let Some(object) = self.field(name)?.as_object() else { return self.wrong(name, "must be an object") };
        let pointer = format!("{}/{name}", self.pointer);
        read(&mut Fields { object: Some(object), pointer, errors: self.errors })
    }

    /// The elements of an array of objects, at most so many.
    pub(crate) fn array<T>(
        &mut self,
        name: &str,
        most: usize,
        read: impl Fn(&mut Fields<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(array) = self.field(name)?.as_array() else { return self.wrong(name, "must be an array") };
        if array.len() > most {
            return self.wrong(name, &format!("must hold at most {most}"));
        }
        let elements = array.iter().enumerate();
        let read: Vec<Option<T>> = elements
            .map(|(index, element)| {
                read(&mut Fields::root(element, &format!("{}/{name}/{index}", self.pointer), self.errors))
            })
            .collect();
        read.into_iter().collect()
    }

    pub(crate) fn optional<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> Option<T> {
        match self.object?.get(name) {
            None | Some(Value::Null) => None,
            Some(_) => read(self, name),
        }
    }
}

fn whole_number(number: f64) -> Option<u64> {
    #[expect(clippy::cast_precision_loss, reason = "2^53 - 1 is exact")]
    let most = limits::FILE_BYTES as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
    (number.fract() == 0.0 && (0.0..=most).contains(&number)).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use serde_json::json;

    fn errors(value: &Value) -> Vec<(String, String)> {
        let errors = parse(value, "").expect_err("the event should be refused");
        errors.into_iter().map(|error| (error.pointer, error.detail)).collect()
    }

    #[test]
    fn unknown_fields_are_ignored() {
        let mut value = samples::native();
        value["message"]["reactions"] = json!(["👍"]);
        value["extra"] = json!({});
        assert_eq!(parse(&value, ""), parse(&samples::native(), ""));
    }

    #[test]
    fn every_missing_and_wrong_field_is_named_at_once() {
        let mut value = samples::native();
        value["chat"].as_object_mut().expect("a chat").remove("chat_id");
        value["chat"]["is_group"] = json!("no");
        value["message"]["sender"] = json!([]);
        value["message"]["timestamp"] = json!("yesterday");
        let names: Vec<_> = errors(&value).into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(names, ["/chat/chat_id", "/chat/is_group", "/message/timestamp", "/message/sender"]);
    }

    #[test]
    fn what_is_no_object_is_refused_by_its_place() {
        let error = parse(&json!("text"), "/7").expect_err("refused");
        assert_eq!(error, [FieldError { pointer: "/7".to_owned(), detail: "must be an object".to_owned() }]);
    }

    #[test]
    fn a_text_of_65_536_characters_is_taken_and_a_longer_one_refused() {
        let mut value = samples::native();
        value["message"]["text"] = json!("א".repeat(limits::TEXT_CHARS));
        assert!(parse(&value, "").is_ok());
        value["message"]["text"] = json!("א".repeat(limits::TEXT_CHARS + 1));
        assert_eq!(errors(&value)[0].0, "/message/text");
    }

    #[test]
    fn an_error_never_repeats_what_was_sent() {
        let mut value = samples::native();
        value["message"]["direction"] = json!("secret-content");
        value["chat"]["chat_url"] = json!("secret-content");
        assert!(errors(&value).iter().all(|(_, detail)| !detail.contains("secret")));
    }
}
