//! A file's item: one for each message that has a file, in its chat's own partition, in order of messages.

use super::{
    at,
    item::{DUE_PK, DUE_SK, Item, ItemError, ItemKey, wrong},
};
use crate::{
    delivery,
    file::{Copying, File, FileKey, FileState, Trouble, Waiting},
    id::{KeyPart, WorkspaceId},
    limits,
    timestamp::Timestamp,
};

const SOURCE: &str = "source";
const STATE: &str = "state";
const KEPT_BYTES: &str = "kept_bytes";
const WAITING: &str = "waiting";
const RELEASED: &str = "released";
pub const REVISION: &str = "revision";

/// The partition of a chat's files.
pub fn partition(workspace: &WorkspaceId, chat: &KeyPart) -> String {
    format!("file#{workspace}#{chat}")
}

/// The sort key of a message's file. Without a message, what stands before all of that moment.
pub fn sort_key(timestamp: Timestamp, message: Option<&KeyPart>) -> String {
    format!("{}#{}", timestamp.key(), message.map(KeyPart::as_str).unwrap_or_default())
}

pub fn key(file: &FileKey) -> ItemKey {
    let FileKey { workspace, chat, timestamp, message } = file;
    ItemKey { pk: partition(workspace, chat), sk: sort_key(*timestamp, Some(message)) }
}

/// Reads what `key` wrote.
pub fn parse_key(key: &ItemKey) -> Result<FileKey, ItemError> {
    let parts: Vec<&str> = key.pk.split('#').collect();
    let ["file", workspace, chat] = parts[..] else { return Err(wrong("pk", "is not a chat's files'")) };
    let (timestamp, message) = key.sk.split_once('#').ok_or_else(|| wrong("sk", "is not a file's"))?;
    Ok(FileKey {
        workspace: WorkspaceId::parse(workspace).map_err(|detail| wrong("pk", detail))?,
        chat: KeyPart::parse(chat).map_err(|detail| wrong("pk", detail))?,
        timestamp: Timestamp::parse_key(timestamp).ok_or_else(|| wrong("sk", "begins with no moment"))?,
        message: KeyPart::parse(message).map_err(|detail| wrong("sk", detail))?,
    })
}

impl File {
    /// While somebody may have to look at it, it stands in the index of what has a time of its own. Where it was to be had
    /// is kept no longer than it is needed.
    pub fn to_item(&self) -> Item {
        let item = Item::new(key(&self.key))
            .text("mimetype", &*self.mimetype)
            .number("at", self.at.millis())
            .number(REVISION, self.revision)
            .expires(self.at.plus(limits::FILE_LIFE));
        let item = match self.size {
            Some(size) => item.number("size", size),
            None => item,
        };
        let item = match &self.state {
            FileState::Pending(copying) => {
                // Strings and integers under names: there is nothing in it that JSON cannot write.
                item.text(STATE, "pending").text(SOURCE, serde_json::to_string(copying).unwrap_or_default())
            }
            FileState::Kept { size } => item.text(STATE, "kept").number(KEPT_BYTES, *size),
            FileState::Gone(trouble) => item.text(STATE, trouble.name()),
        };
        let waiting = |one: &Waiting| format!("{} {}", one.concurrency, delivery::to_reference(&one.delivery));
        let item = match &self.waiting[..] {
            [] => item,
            // A reference has no line break.
            some => item.text(WAITING, some.iter().map(waiting).collect::<Vec<_>>().join("\n")),
        };
        let item = if self.is_released { item.number(RELEASED, 1) } else { item };
        if self.is_open() { item.text(DUE_PK, at::PARTITION).text(DUE_SK, self.overdue().key()) } else { item }
    }

    pub fn from_item(item: &Item) -> Result<Self, ItemError> {
        let state = match item.get_text(STATE)? {
            "pending" => FileState::Pending(copying(item.get_text(SOURCE)?)?),
            "kept" => FileState::Kept { size: item.get_number(KEPT_BYTES)? },
            name => FileState::Gone(Trouble::parse(name).ok_or_else(|| wrong(STATE, "is none that we know"))?),
        };
        let waiting = item.get_text(WAITING).unwrap_or_default();
        Ok(Self {
            key: parse_key(&item.key)?,
            size: item.get_number("size").ok(),
            mimetype: item.get_text("mimetype")?.to_owned(),
            at: item.get_millis("at")?,
            state,
            waiting: waiting.lines().map(parse_waiting).collect::<Result<_, _>>()?,
            is_released: item.get_number(RELEASED).is_ok(),
            revision: item.get_number(REVISION)?,
        })
    }
}

fn copying(text: &str) -> Result<Copying, ItemError> {
    // serde's own words may repeat content: only where it stopped is told.
    serde_json::from_str(text).map_err(|error| wrong(SOURCE, format!("is not one, at column {}", error.column())))
}

fn parse_waiting(line: &str) -> Result<Waiting, ItemError> {
    let (concurrency, reference) = line.split_once(' ').ok_or_else(|| wrong(WAITING, "names no delivery"))?;
    Ok(Waiting {
        concurrency: concurrency.parse().map_err(|_| wrong(WAITING, "has no concurrency"))?,
        delivery: delivery::from_reference(reference).map_err(|detail| wrong(WAITING, detail))?,
    })
}
