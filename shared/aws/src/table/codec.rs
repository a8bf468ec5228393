//! Items as DynamoDB writes them: the only place that knows both forms.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use bundler::table::{
    Item, ItemError, ItemKey, Value,
    item::{DUE_PK, DUE_SK, IndexKey},
};
use std::collections::HashMap;

pub(super) type Attributes = HashMap<String, AttributeValue>;

pub(super) fn key(key: &ItemKey) -> Attributes {
    [("pk", &key.pk), ("sk", &key.sk)]
        .into_iter()
        .map(|(name, part)| (name.to_owned(), AttributeValue::S(part.clone())))
        .collect()
}

pub(super) fn value(value: Value) -> AttributeValue {
    match value {
        Value::Text(text) => AttributeValue::S(text),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::Bytes(bytes) => AttributeValue::B(Blob::new(bytes)),
    }
}

pub(super) fn attributes(item: Item) -> Attributes {
    let mut attributes = key(&item.key);
    attributes.extend(item.attributes.into_iter().map(|(name, content)| (name, value(content))));
    attributes
}

/// Attributes of kinds that we never write are left out: reading them is what tells of it.
pub(super) fn item(mut attributes: Attributes) -> Result<Item, ItemError> {
    let key = ItemKey { pk: part(&mut attributes, "pk")?, sk: part(&mut attributes, "sk")? };
    let attributes = attributes
        .into_iter()
        .filter_map(|(name, value)| match value {
            AttributeValue::S(text) => Some((name, Value::Text(text))),
            AttributeValue::N(number) => number.parse().ok().map(|number| (name, Value::Number(number))),
            AttributeValue::B(bytes) => Some((name, Value::Bytes(bytes.into_inner()))),
            _ => None,
        })
        .collect();
    Ok(Item { key, attributes })
}

/// The sort key of the last key that a query read.
pub(super) fn sort_key(mut key: Attributes) -> Result<String, ItemError> {
    part(&mut key, "sk")
}

/// The last key that a query of the index read.
pub(super) fn index_key(mut key: Attributes) -> Result<IndexKey, ItemError> {
    let (due_pk, due_sk) = (part(&mut key, DUE_PK)?, part(&mut key, DUE_SK)?);
    Ok(IndexKey { due_pk, due_sk, key: ItemKey { pk: part(&mut key, "pk")?, sk: part(&mut key, "sk")? } })
}

/// Where a query of the index goes on.
pub(super) fn index_start(from: &IndexKey) -> Attributes {
    let mut start = key(&from.key);
    start.insert(DUE_PK.to_owned(), AttributeValue::S(from.due_pk.clone()));
    start.insert(DUE_SK.to_owned(), AttributeValue::S(from.due_sk.clone()));
    start
}

fn part(attributes: &mut Attributes, name: &'static str) -> Result<String, ItemError> {
    match attributes.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(ItemError { attribute: name, detail: "is missing".to_owned() }),
    }
}
