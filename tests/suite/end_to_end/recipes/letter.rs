//! What is sent to a receiver: documents as they go out, signed by the code that signs them, and what becomes of them on a
//! bad way.

use bundler::signature::{self, SigningSecret};
use bundler::timestamp::Timestamp;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// Texts, names and numbers that no receiver may print.
pub(super) const TEXT: &str = "a private text";
pub(super) const NAME: &str = "Jane Private";
pub(super) const PHONE: &str = "+972540000000";

/// A request's headers and body.
#[derive(Clone)]
pub(super) struct Letter {
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Letter {
    /// Signed now.
    pub(super) fn signed(id: &str, secrets: &[SigningSecret], document: &Value) -> Self {
        Self::signed_at(now(), id, secrets, document)
    }

    pub(super) fn signed_at(seconds: u64, id: &str, secrets: &[SigningSecret], document: &Value) -> Self {
        let body = serde_json::to_vec(document).expect("a document is JSON");
        Self::of_bytes(seconds, id, secrets, body)
    }

    pub(super) fn of_bytes(seconds: u64, id: &str, secrets: &[SigningSecret], body: Vec<u8>) -> Self {
        let sent = Timestamp::from_seconds(seconds).expect("a moment");
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", signature::header(secrets, id, sent, &body)),
        ];
        Self { headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(), body }
    }

    pub(super) fn header(&self, name: &str) -> &str {
        &self.headers.iter().find(|(field, _)| field == name).expect(name).1
    }

    pub(super) fn with_header(&self, name: &str, value: &str) -> Self {
        let mut changed = self.without_header(name);
        changed.headers.push((name.to_owned(), value.to_owned()));
        changed
    }

    pub(super) fn without_header(&self, name: &str) -> Self {
        let headers = self.headers.iter().filter(|(field, _)| field != name).cloned().collect();
        Self { headers, body: self.body.clone() }
    }

    pub(super) fn with_body(&self, body: &[u8]) -> Self {
        Self { headers: self.headers.clone(), body: body.to_vec() }
    }
}

pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs()
}

pub(super) fn secret(byte: u8) -> SigningSecret {
    SigningSecret::from_bytes([byte; 32])
}

/// A bundle of a direct chat with a message for each attachment, and one without.
pub(super) fn bundle(attachments: &[Value]) -> Value {
    let with_file = attachments.iter().map(|attachment| {
        let mut message = message();
        message["attachment"] = attachment.clone();
        message
    });
    json!({
        "whatsapp_account": { "full_name": "Amnon Haha", "email": "Amnon@acme.com", "phone": "+972500000000" },
        "chat": chat(),
        "messages": with_file.chain([message()]).collect::<Vec<_>>(),
        "first_message_timestamp": "2021-02-24T16:25:29+0000",
        "last_message_timestamp": "2021-02-24T16:25:29+0000",
        "aggregation": format!("from {NAME} on 2021-02-24 16:25: {TEXT}<br/>"),
    })
}

pub(super) fn message() -> Value {
    json!({
        "direction": "received", "timestamp": "2021-02-24T16:25:29+0000", "message_id": "1",
        "sender": { "full_name": NAME, "phone": PHONE },
        "recipient": { "full_name": "Amnon Haha", "phone": "+972500000000" },
        "text": TEXT,
    })
}

fn chat() -> Value {
    json!({
        "full_name": NAME, "responsible_name": "Amnon", "responsible_email": "Amnon@acme.com",
        "chat_url": "https://app.timelines.ai/chat/10010001/messages/", "chat_id": "10010001",
        "is_new_chat": false, "is_group": false, "phone": PHONE,
    })
}

/// A file of a message, with its link and size or without them.
pub(super) fn attachment(filename: &str, link: Option<&str>, size: Option<usize>) -> Value {
    let mut attachment = json!({ "filename": filename, "mimetype": "application/pdf" });
    if let Some(link) = link {
        attachment["temporary_download_url"] = link.into();
    }
    if let Some(size) = size {
        attachment["size"] = size.into();
    }
    attachment
}
