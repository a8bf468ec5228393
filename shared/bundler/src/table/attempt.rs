//! One HTTP request for a delivery, whole: what was sent and what came back, compressed into one item.

use super::item::{Item, ItemError, ItemKey, wrong};
use crate::{
    attempt::Attempt,
    id::{WebhookId, WorkspaceId},
    limits,
};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use std::io::{Read, Write};

/// The partition key of a webhook's attempts, in order of time.
pub fn partition(workspace: &WorkspaceId, webhook: &WebhookId) -> String {
    format!("log#{workspace}#{webhook}")
}

/// The item. A body that does not fit is left out and said to be; nothing else is ever lost for its length.
pub fn to_item(attempt: &Attempt) -> Item {
    let key = ItemKey {
        pk: partition(&attempt.lane.workspace, &attempt.lane.webhook),
        sk: format!("{}#{}-{}", attempt.started.key(), attempt.webhook_id, attempt.number),
    };
    let mut packed = pack(attempt);
    if packed.len() > limits::STORED_ATTEMPT_BYTES {
        packed = pack(&attempt.clone().without_body());
    }
    Item::new(key).bytes("attempt", packed).expires(attempt.started.plus(limits::ATTEMPT_LIFE))
}

pub fn from_item(item: &Item) -> Result<Attempt, ItemError> {
    let mut json = Vec::new();
    DeflateDecoder::new(item.get_bytes("attempt")?)
        .read_to_end(&mut json)
        .map_err(|_| wrong("attempt", "does not decompress"))?;
    serde_json::from_slice(&json)
        .map_err(|error| wrong("attempt", format!("is not an attempt, at column {}", error.column())))
}

fn pack(attempt: &Attempt) -> Vec<u8> {
    let json = serde_json::to_vec(attempt).unwrap_or_default();
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    // Writing to a Vec does not fail.
    let _ = encoder.write_all(&json);
    encoder.finish().unwrap_or_default()
}
