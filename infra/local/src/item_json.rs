//! An item as JSON, which is how the database keeps it. Its key is the database's key.

use base64::{Engine, engine::general_purpose::STANDARD};
use bundler::table::{Item, ItemKey, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An item's attributes by name: texts and numbers as they are, bytes as base64 in an array of one.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(String),
    Number(u64),
    Bytes([String; 1]),
}

/// The item but for its key, as JSON.
pub(crate) fn encode(item: &Item) -> Vec<u8> {
    let stored: BTreeMap<&str, Stored> =
        item.attributes.iter().map(|(name, value)| (name.as_str(), store(value))).collect();
    // Strings and integers under names: there is nothing in it that JSON cannot write.
    serde_json::to_vec(&stored).unwrap_or_default()
}

fn store(value: &Value) -> Stored {
    match value {
        Value::Text(text) => Stored::Text(text.clone()),
        Value::Number(number) => Stored::Number(*number),
        Value::Bytes(bytes) => Stored::Bytes([STANDARD.encode(bytes)]),
    }
}

/// Reads what `encode` wrote; the error says what is wrong with it.
pub(crate) fn decode(key: ItemKey, json: &[u8]) -> Result<Item, String> {
    let wrong = |what: &str| format!("the item {key:?} {what}");
    let stored: BTreeMap<String, Stored> = serde_json::from_slice(json).map_err(|_| wrong("does not read"))?;
    let mut attributes = BTreeMap::new();
    for (name, value) in stored {
        let value = match value {
            Stored::Text(text) => Value::Text(text),
            Stored::Number(number) => Value::Number(number),
            Stored::Bytes([text]) => Value::Bytes(STANDARD.decode(text).map_err(|_| wrong("holds no base64"))?),
        };
        attributes.insert(name, value);
    }
    Ok(Item { key, attributes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_reads_back_as_it_was() {
        let key = ItemKey { pk: "p#א".to_owned(), sk: String::new() };
        let item = Item::new(key.clone())
            .text("t", "[\"\u{0}")
            .number("n", u64::MAX)
            .bytes("b", vec![0, 255])
            .bytes("e", vec![]);
        assert_eq!(decode(key.clone(), &encode(&item)).expect("an item"), item);
        assert!(decode(key, b"{\"t\":{}}").is_err());
    }
}
