//! A message's file: where it is to be had, where its copy stands, and what has become of copying it.
//!
//! Upstreams' links end long before a day's bundle goes out. So a file is copied when its message comes, into the
//! deployment's own bucket, under a key that is made of the message's; and each attempt gets a link of its own to the copy.

mod copy;
mod disposition;
mod graph;
mod known;
mod settle;
mod state;
mod stream;

pub use copy::{Copied, Copier};
pub(crate) use disposition::escaped;
pub use disposition::{content_type, disposition, safe_name};
pub use graph::Graph;
pub use known::{KnownFiles, Links};
pub use settle::settle;
pub use state::{Copying, File, FileState, Trouble, Waiting};

use crate::{
    event::{Event, HttpUrl},
    header::CustomHeaders,
    id::{KeyPart, WorkspaceId, push_hex},
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// Where upstream has the file. What it holds is a secret as often as not, so none shows in `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Whoever sends these headers gets it there.
    Url { url: HttpUrl, headers: CustomHeaders },
    /// An object of the platform's, in a bucket that this deployment may read.
    Object { bucket: String, key: String },
    /// The file itself, which came with its message.
    Inline(Vec<u8>),
    /// A media id of the WhatsApp Cloud API, and the file's SHA-256 as upstream says it, in base64.
    WhatsApp { media: String, sha256: Option<String> },
    /// Whoever sends the Twilio account's credentials gets it there.
    Twilio { url: HttpUrl },
}

impl fmt::Debug for Source {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Url { .. } => "Url",
            Self::Object { .. } => "Object",
            Self::Inline(_) => "Inline",
            Self::WhatsApp { .. } => "WhatsApp",
            Self::Twilio { .. } => "Twilio",
        })
    }
}

/// The message that a file belongs to. Every webhook of its workspace has the same file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileKey {
    pub workspace: WorkspaceId,
    pub chat: KeyPart,
    pub timestamp: Timestamp,
    pub message: KeyPart,
}

impl FileKey {
    pub fn of(event: &Event) -> Self {
        Self {
            workspace: event.workspace.clone(),
            chat: KeyPart::of(event.chat.id.as_str()),
            timestamp: event.message.timestamp,
            message: KeyPart::of(event.message.id.as_str()),
        }
    }

    /// The key of the copy: under one prefix for each chat, so that a chat can be erased. Names that upstream or a sender
    /// gave are in it as hashes alone.
    pub fn object(&self) -> String {
        let mut key = object_prefix(&self.workspace, &self.chat);
        let message = format!("{}#{}", self.timestamp.key(), self.message);
        push_hex(&mut key, "", &Sha256::digest(message.as_bytes())[..16]);
        key
    }

    /// As the queue of files to copy carries it.
    pub fn to_reference(&self) -> String {
        // Strings under names: there is nothing in it that JSON cannot write.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what `to_reference` wrote; the error repeats nothing of it.
    pub fn from_reference(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("the record names no file, at column {}", error.column()))
    }
}

/// What all copies of a chat's files begin with.
pub fn object_prefix(workspace: &WorkspaceId, chat: &KeyPart) -> String {
    let mut prefix = format!("files/{workspace}/");
    push_hex(&mut prefix, "", &Sha256::digest(chat.as_str().as_bytes())[..16]);
    prefix.push('/');
    prefix
}

/// What stands in the log instead of a link, which has ended when somebody reads it: a name that leads nowhere (RFC 2606)
/// with the copy's key, the same on every attempt.
pub fn ended_link(object: &str) -> String {
    format!("https://link-ended.invalid/{object}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{native, samples};

    fn key(chat: &str, id: &str) -> FileKey {
        let mut value = samples::native();
        value["chat"]["chat_id"] = chat.into();
        value["message"]["message_id"] = id.into();
        FileKey::of(&native::parse(&value, "").expect("an event"))
    }

    #[test]
    fn a_copys_key_is_its_messages_own_and_holds_no_name() {
        let keys = [key("1", "a"), key("1", "b"), key("2", "a"), key("../1", "a"), key("+972500000000", "a\u{202e}\"")];
        let objects: std::collections::BTreeSet<String> = keys.iter().map(FileKey::object).collect();
        assert_eq!(objects.len(), keys.len());
        for (key, object) in keys.iter().zip(keys.iter().map(FileKey::object)) {
            assert!(object.starts_with(&object_prefix(&key.workspace, &key.chat)), "{object}");
            let plain = |byte: u8| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase() || byte == b'/';
            assert!(object.strip_prefix("files/acme/").expect("its workspace").bytes().all(plain), "{object}");
        }
        // Copies are found by this: a change here makes every stored message's file unreachable.
        assert_eq!(keys[0].object(), key("1", "a").object());
    }

    #[test]
    fn a_reference_reads_back_and_a_wrong_one_is_refused_without_being_repeated() {
        let key = key("a b", "1");
        assert_eq!(FileKey::from_reference(&key.to_reference()), Ok(key.clone()));
        for bad in ["", "{}", "secret", &key.to_reference().replace("acme", "a#b")] {
            let error = FileKey::from_reference(bad).expect_err("refused");
            assert!(!error.contains("secret") && !error.contains("a#b"), "{error}");
        }
    }

    #[test]
    fn where_a_file_is_to_be_had_never_shows() {
        let url = HttpUrl::parse("https://files.example.org/?token=secret").expect("a URL");
        let headers = CustomHeaders::parse(vec![("authorization".to_owned(), "secret".to_owned())]).expect("headers");
        for source in [Source::Url { url: url.clone(), headers }, Source::Twilio { url }] {
            assert!(!format!("{source:?}").contains("secret"));
        }
    }
}
