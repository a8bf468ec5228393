//! One HTTP request for a delivery, whole: what was sent and what came back, compressed into one item.
//!
//! It is written for every bundle, and in most cases it decides whether that costs one write unit or two. So what the key
//! says is not said again, fields have places instead of names, and the body stands as it is, behind the rest.

use super::{
    item::{Item, ItemError, ItemKey, wrong},
    packed,
};
use crate::{
    attempt::{Attempt, Body, ErrorClass, Failure, HEADERS, Response},
    delivery::Lane,
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};

/// The attribute that holds the attempt.
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
    let unpacked = packed::unpack(item.get_bytes(PACKED)?).map_err(|_| wrong(PACKED, "does not decompress"))?;
    let end = unpacked.iter().position(|byte| *byte == b'\n').ok_or_else(|| wrong(PACKED, "has no end"))?;
    let (head, body) = (&unpacked[..end], &unpacked[end + 1..]);
    let head: Head = serde_json::from_slice(head)
        .map_err(|error| wrong(PACKED, format!("is not an attempt, at column {}", error.column())))?;
    head.unfold(item, body)
}

/// Everything but the body: the chat, the milliseconds it took, the URL, the request's headers, the bytes of a body that
/// is left out, the error, and what came back.
#[derive(Serialize, Deserialize)]
struct Head(KeyPart, u64, String, Vec<String>, Option<usize>, Option<ErrorClass>, Result<Response, Failure>);

impl Head {
    fn unfold(self, item: &Item, body: &[u8]) -> Result<Attempt, ItemError> {
        let Self(chat, duration_ms, url, headers, left_out, error, result) = self;
        let mut pk = item.key.pk.split('#').skip(1);
        let mut part = || pk.next().ok_or_else(|| wrong("pk", "is not an attempt's"));
        let of_key = |detail| wrong("pk", detail);
        let workspace = WorkspaceId::parse(part()?).map_err(of_key)?;
        let webhook = WebhookId::parse(part()?).map_err(of_key)?;
        let sk = item.key.sk.split_once('#').and_then(|(started, rest)| Some((started, rest.rsplit_once('-')?)));
        let parsed = sk.and_then(|(started, (id, number))| {
            Some((Timestamp::parse_key(started)?, id.to_owned(), number.parse().ok()?))
        });
        let (started, webhook_id, number) = parsed.ok_or_else(|| wrong("sk", "is not an attempt's"))?;
        let names = HEADERS.into_iter().chain(std::iter::repeat(""));
        let headers = headers.into_iter().zip(names).map(|(header, name)| match header.split_once(':') {
            Some(("", value)) => (name.to_owned(), value.to_owned()),
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (name.to_owned(), header),
        });
        Ok(Attempt {
            lane: Lane { workspace, webhook, chat },
            webhook_id,
            number,
            started,
            duration_ms,
            url,
            request_headers: headers.collect(),
            request_body: left_out.map_or_else(|| Body::of(body), |bytes| Body::LeftOut { bytes }),
            error,
            result,
        })
    }
}

fn pack(attempt: &Attempt) -> Vec<u8> {
    // A header in the place that it always has needs no name.
    let names = HEADERS.into_iter().chain(std::iter::repeat(""));
    let headers = attempt.request_headers.iter().zip(names).map(|((name, value), usual)| {
        let name = if name == usual { "" } else { name };
        format!("{name}:{value}")
    });
    let left_out = match &attempt.request_body {
        Body::Text(_) | Body::Base64(_) => None,
        Body::LeftOut { bytes } => Some(*bytes),
    };
    let head = Head(
        attempt.lane.chat.clone(),
        attempt.duration_ms,
        attempt.url.clone(),
        headers.collect(),
        left_out,
        attempt.error,
        attempt.result.clone(),
    );
    // JSON escapes line breaks: the first one ends the head.
    let mut bytes = serde_json::to_vec(&head).unwrap_or_default();
    bytes.push(b'\n');
    bytes.extend(attempt.request_body.bytes());
    packed::pack(&bytes)
}
