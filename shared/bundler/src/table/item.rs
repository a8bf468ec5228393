//! An item of the table in our own words: what an adapter stores and returns, whatever it stores it in.

use crate::timestamp::Timestamp;
use std::{collections::BTreeMap, fmt};

#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey {
    pub pk: String,
    pub sk: String,
}

/// Where an item stands in the sparse index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexKey {
    pub due_pk: String,
    pub due_sk: String,
    pub key: ItemKey,
}

/// Attributes by name, besides the key's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub key: ItemKey,
    pub attributes: BTreeMap<String, Value>,
}

#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Number(u64),
    Bytes(Vec<u8>),
}

/// Content never shows.
impl fmt::Debug for Value {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(to, "Text({} bytes)", text.len()),
            Self::Number(number) => write!(to, "Number({number})"),
            Self::Bytes(bytes) => write!(to, "Bytes({} bytes)", bytes.len()),
        }
    }
}

/// An item that is not what it should be: a bug, or a hand in the table. Names the attribute, never its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemError {
    pub attribute: &'static str,
    pub detail: String,
}

impl fmt::Display for ItemError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "reading an item's {}: {}", self.attribute, self.detail)
    }
}

impl std::error::Error for ItemError {}

/// When the item expires, in seconds since 1970: the table's TTL attribute.
pub const EXPIRES: &str = "expires";
/// What a message's item holds the event in.
pub const EVENT: &str = "event";
/// The keys of the sparse index.
pub const DUE_PK: &str = "due_pk";
pub const DUE_SK: &str = "due_sk";

impl IndexKey {
    /// What DynamoDB bills for: the index's keys and the table's.
    pub fn size_bytes(&self) -> usize {
        let names = "pk".len() + "sk".len() + DUE_PK.len() + DUE_SK.len();
        names + self.due_pk.len() + self.due_sk.len() + self.key.pk.len() + self.key.sk.len()
    }
}

impl Item {
    pub fn new(key: ItemKey) -> Self {
        Self { key, attributes: BTreeMap::new() }
    }

    #[must_use]
    pub fn text(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.attributes.insert(name.to_owned(), Value::Text(text.into()));
        self
    }

    #[must_use]
    pub fn number(mut self, name: &'static str, number: u64) -> Self {
        self.attributes.insert(name.to_owned(), Value::Number(number));
        self
    }

    #[must_use]
    pub fn bytes(mut self, name: &'static str, bytes: Vec<u8>) -> Self {
        self.attributes.insert(name.to_owned(), Value::Bytes(bytes));
        self
    }

    #[must_use]
    pub fn expires(self, moment: Timestamp) -> Self {
        self.number(EXPIRES, moment.seconds())
    }

    pub fn get_text(&self, name: &'static str) -> Result<&str, ItemError> {
        match self.attributes.get(name) {
            Some(Value::Text(text)) => Ok(text),
            Some(Value::Number(_) | Value::Bytes(_)) => Err(wrong(name, "is not a text")),
            None => Err(wrong(name, "is missing")),
        }
    }

    pub fn get_number(&self, name: &'static str) -> Result<u64, ItemError> {
        match self.attributes.get(name) {
            Some(Value::Number(number)) => Ok(*number),
            Some(Value::Text(_) | Value::Bytes(_)) => Err(wrong(name, "is not a number")),
            None => Err(wrong(name, "is missing")),
        }
    }

    pub fn get_bytes(&self, name: &'static str) -> Result<&[u8], ItemError> {
        match self.attributes.get(name) {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            Some(Value::Text(_) | Value::Number(_)) => Err(wrong(name, "is not binary")),
            None => Err(wrong(name, "is missing")),
        }
    }

    pub fn get_millis(&self, name: &'static str) -> Result<Timestamp, ItemError> {
        Timestamp::from_millis(self.get_number(name)?).ok_or_else(|| wrong(name, "is not a moment"))
    }

    /// Where the item stands in the index, if it does.
    pub fn index_key(&self) -> Option<IndexKey> {
        let part = |name| self.get_text(name).ok().map(str::to_owned);
        Some(IndexKey { due_pk: part(DUE_PK)?, due_sk: part(DUE_SK)?, key: self.key.clone() })
    }

    /// What DynamoDB bills for: names and values, keys included (its developer guide, "Item sizes and formats").
    pub fn size_bytes(&self) -> usize {
        let attributes: usize = self.attributes.iter().map(|(name, value)| name.len() + value.size_bytes()).sum();
        "pk".len() + self.key.pk.len() + "sk".len() + self.key.sk.len() + attributes
    }
}

impl Value {
    fn size_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            // Two digits a byte, rounded up, and one byte more.
            Self::Number(number) => number.to_string().len().div_ceil(2) + 1,
        }
    }
}

pub(super) fn wrong(attribute: &'static str, detail: impl Into<String>) -> ItemError {
    ItemError { attribute, detail: detail.into() }
}
