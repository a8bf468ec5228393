//! One HTTP request for a delivery, whole: what was sent and what came back, compressed into one item.

use super::{
    item::{Item, ItemError, ItemKey, wrong},
    packed,
};
use crate::{
    attempt::Attempt,
    id::{WebhookId, WorkspaceId},
    limits,
};

/// The attribute that holds the attempt, as JSON, packed.
const PACKED: &str = "packed";

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
    Item::new(key).bytes(PACKED, packed).expires(attempt.started.plus(limits::ATTEMPT_LIFE))
}

pub fn from_item(item: &Item) -> Result<Attempt, ItemError> {
    let json = packed::unpack(item.get_bytes(PACKED)?).map_err(|_| wrong(PACKED, "does not decompress"))?;
    serde_json::from_slice(&json)
        .map_err(|error| wrong(PACKED, format!("is not an attempt, at column {}", error.column())))
}

fn pack(attempt: &Attempt) -> Vec<u8> {
    packed::pack(&serde_json::to_vec(attempt).unwrap_or_default())
}
