//! Items as the emulators take and give them: written once more here, so that a fault of the adapters' own shows.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use bundler::table::{Item, ItemKey, Value};
use std::collections::HashMap;

pub(crate) fn to_attributes(item: Item) -> HashMap<String, AttributeValue> {
    let value = |value| match value {
        Value::Text(text) => AttributeValue::S(text),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::Bytes(bytes) => AttributeValue::B(Blob::new(bytes)),
    };
    let mut attributes: HashMap<_, _> =
        item.attributes.into_iter().map(|(name, content)| (name, value(content))).collect();
    attributes.insert("pk".to_owned(), AttributeValue::S(item.key.pk));
    attributes.insert("sk".to_owned(), AttributeValue::S(item.key.sk));
    attributes
}

pub(crate) fn from_attributes(mut attributes: HashMap<String, AttributeValue>) -> Item {
    let mut part = |name| match attributes.remove(name) {
        Some(AttributeValue::S(text)) => text,
        other => panic!("{name} is {other:?}"),
    };
    let key = ItemKey { pk: part("pk"), sk: part("sk") };
    let value = |value| match value {
        AttributeValue::S(text) => Value::Text(text),
        AttributeValue::N(number) => Value::Number(number.parse().expect("our numbers are whole")),
        AttributeValue::B(bytes) => Value::Bytes(bytes.into_inner()),
        other => panic!("no item of ours holds {other:?}"),
    };
    Item { key, attributes: attributes.into_iter().map(|(name, content)| (name, value(content))).collect() }
}
