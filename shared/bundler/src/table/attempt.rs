//! One HTTP request for a delivery, whole: what was sent and what came back, compressed into one item.
//!
//! It is written for every bundle, and it decides what that costs. So what the key says is not said again, fields have
//! places instead of names, and the body stands as it is, behind the rest; or, where it does not fit one write unit and can
//! be made again from the messages, only its digest.

use super::{
    item::{Item, ItemError, ItemKey, wrong},
    lane, packed,
};
use crate::{
    attempt::{Attempt, Body, Document, ErrorClass, Failure, HEADERS, Response},
    delivery::{DeliveryKey, Lane},
    file::Trouble,
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    timestamp::Timestamp,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};

/// The attribute that holds the attempt.
const PACKED: &str = "packed";

/// The partition key of a webhook's attempts, in order of time.
pub fn partition(workspace: &WorkspaceId, webhook: &WebhookId) -> String {
    format!("log#{workspace}#{webhook}")
}

/// Where the one attempt stands that says that its delivery is delivered: it can be found without knowing when it began.
pub fn receipt_key(delivery: &DeliveryKey) -> ItemKey {
    let sk = format!("{}#{}", delivery.due().key(), delivery.webhook_id(0));
    ItemKey { pk: partition(&delivery.lane.workspace, &delivery.lane.webhook), sk }
}

/// As what an attempt stands.
#[derive(Clone, Copy)]
enum Place {
    /// By when it began, one of several.
    Attempt,
    /// By when its delivery fell due, as that delivery's outcome.
    Receipt,
}

/// The item of an attempt. A body that does not fit is left to the messages that it is made of; nothing is ever lost for
/// its length.
pub fn to_item(attempt: &Attempt) -> Item {
    item(attempt, Place::Attempt)
}

/// As `to_item`, where it stands for its delivery's outcome too, and as long.
pub fn receipt_to_item(attempt: &Attempt) -> Item {
    item(attempt, Place::Receipt)
}

fn item(attempt: &Attempt, place: Place) -> Item {
    let (key, life) = match place {
        Place::Attempt => {
            let sk = format!("{}#{}-{}", attempt.started.key(), attempt.webhook_id(), attempt.document.attempt);
            (
                ItemKey { pk: partition(&attempt.key.lane.workspace, &attempt.key.lane.webhook), sk },
                limits::ATTEMPT_LIFE,
            )
        }
        Place::Receipt => (receipt_key(&attempt.key), limits::DELIVERY_LIFE),
    };
    let expires = attempt.started.plus(life);
    let item = |attempt: &Attempt| Item::new(key.clone()).bytes(PACKED, pack(attempt, place)).expires(expires);
    let whole = item(attempt);
    if whole.size_bytes() <= limits::WRITE_UNIT_BYTES {
        whole
    } else if attempt.can_be_gathered() || whole.size_bytes() > limits::STORED_ATTEMPT_BYTES {
        item(&attempt.clone().gathered())
    } else {
        whole
    }
}

pub fn from_item(item: &Item) -> Result<Attempt, ItemError> {
    let (head, body) = unpack::<Head>(item)?;
    head.unfold(item, &body)
}

/// An attempt as one line of text, for who hands it on: the item's sort key and what it holds.
pub fn to_text(attempt: &Attempt) -> String {
    let item = to_item(attempt);
    format!("{} {}", item.key.sk, STANDARD.encode(item.get_bytes(PACKED).unwrap_or_default()))
}

/// Reads what [`to_text`] wrote of this webhook.
pub fn from_text(workspace: &WorkspaceId, webhook: &WebhookId, text: &str) -> Result<Attempt, ItemError> {
    let (sk, packed) = text.split_once(' ').ok_or_else(|| wrong("sk", "is missing"))?;
    let packed = STANDARD.decode(packed).map_err(|_| wrong(PACKED, "is not base64"))?;
    let key = ItemKey { pk: partition(workspace, webhook), sk: sk.to_owned() };
    from_item(&Item::new(key).bytes(PACKED, packed))
}

/// What an attempt was for, and whether it was taken: what sending again goes by. Nothing of what was sent is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempted {
    /// Where it stands in the log.
    pub sk: String,
    pub key: DeliveryKey,
    /// From 0.
    pub part: usize,
    /// By when it stands in the log: when it began, or of a receipt, when its delivery fell due.
    pub at: Timestamp,
    pub is_taken: bool,
    /// How many its document held; 0 where that was not written down.
    pub messages: u64,
}

/// As [`Head`], of which little is wanted.
#[derive(Deserialize)]
struct Brief(
    KeyPart,
    IgnoredAny,
    IgnoredAny,
    IgnoredAny,
    IgnoredAny,
    Option<IgnoredAny>,
    IgnoredAny,
    String,
    usize,
    IgnoredAny,
    IgnoredAny,
    #[serde(default)] u64,
    #[serde(default)] IgnoredAny,
);

pub fn attempted_from_item(item: &Item) -> Result<Attempted, ItemError> {
    let (Brief(chat, _, _, _, _, error, _, subject, part, _, _, messages, _), _) = unpack(item)?;
    let (at, _) = parse_sk(&item.key.sk).ok_or_else(|| wrong("sk", "is not an attempt's"))?;
    let subject = lane::parse_subject(&subject).ok_or_else(|| wrong(PACKED, "names no delivery"))?;
    let key = DeliveryKey { lane: parse_lane(&item.key.pk, chat)?, subject };
    Ok(Attempted { sk: item.key.sk.clone(), key, part, at, is_taken: error.is_none(), messages })
}

/// The head, and the body behind it.
fn unpack<T: DeserializeOwned>(item: &Item) -> Result<(T, Vec<u8>), ItemError> {
    let mut head = packed::unpack(item.get_bytes(PACKED)?).map_err(|_| wrong(PACKED, "does not decompress"))?;
    let end = head.iter().position(|byte| *byte == b'\n').ok_or_else(|| wrong(PACKED, "has no end"))?;
    let body = head.split_off(end + 1);
    let read = serde_json::from_slice(&head)
        .map_err(|error| wrong(PACKED, format!("is not an attempt, at column {}", error.column())))?;
    Ok((read, body))
}

/// Everything but the body: the chat, the milliseconds it took, the URL, the request's headers, the bytes of a body that
/// is not kept and its digest if it can be made again, the error, what came back; the delivery, the part from 0 and of how
/// many; of a receipt, when it began; the number of messages, which what was stored before lacks; and why files are missing, if
/// any are.
#[derive(Serialize, Deserialize)]
struct Head(
    KeyPart,
    u64,
    String,
    Vec<String>,
    Option<(usize, Option<String>)>,
    Option<ErrorClass>,
    Result<Response, Failure>,
    String,
    usize,
    usize,
    Option<Timestamp>,
    #[serde(default)] u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] Vec<Trouble>,
);

impl Head {
    fn unfold(self, item: &Item, body: &[u8]) -> Result<Attempt, ItemError> {
        let Self(
            chat,
            duration_ms,
            url,
            headers,
            absent,
            error,
            result,
            subject,
            part,
            parts,
            began,
            messages,
            missing_files,
        ) = self;
        let (at, number) = parse_sk(&item.key.sk).ok_or_else(|| wrong("sk", "is not an attempt's"))?;
        let (started, attempt) = match (number, began) {
            (Some(number), None) => (at, number),
            (None, Some(began)) => (began, 1),
            (Some(_), Some(_)) | (None, None) => return Err(wrong("sk", "is not that of its attempt")),
        };
        let subject = lane::parse_subject(&subject).ok_or_else(|| wrong(PACKED, "names no delivery"))?;
        let names = HEADERS.into_iter().chain(std::iter::repeat(""));
        let headers = headers.into_iter().zip(names).map(|(header, name)| match header.split_once(':') {
            Some(("", value)) => (name.to_owned(), value.to_owned()),
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (name.to_owned(), header),
        });
        Ok(Attempt {
            key: DeliveryKey { lane: parse_lane(&item.key.pk, chat)?, subject },
            document: Document { part, parts, attempt },
            messages,
            missing_files,
            started,
            duration_ms,
            url,
            request_headers: headers.collect(),
            request_body: match absent {
                None => Body::of(body),
                Some((bytes, None)) => Body::LeftOut { bytes },
                Some((bytes, Some(digest))) => Body::Gathered { bytes, digest },
            },
            error,
            result,
        })
    }
}

fn parse_lane(pk: &str, chat: KeyPart) -> Result<Lane, ItemError> {
    let mut parts = pk.split('#').skip(1);
    let mut part = || parts.next().ok_or_else(|| wrong("pk", "is not an attempt's"));
    let of_key = |detail| wrong("pk", detail);
    let workspace = WorkspaceId::parse(part()?).map_err(of_key)?;
    let webhook = WebhookId::parse(part()?).map_err(of_key)?;
    Ok(Lane { workspace, webhook, chat })
}

/// The moment, and the attempt's number, which a receipt has none of. The id between them follows from the delivery.
fn parse_sk(sk: &str) -> Option<(Timestamp, Option<u32>)> {
    let (at, id) = sk.split_once('#')?;
    let number = id.split_once('-').map(|(_, number)| number.parse()).transpose().ok()?;
    Some((Timestamp::parse_key(at)?, number))
}

/// A sort key just behind those of a document's attempts at a moment, and behind its receipt there.
pub fn behind(moment: Timestamp, webhook_id: &str) -> String {
    format!("{}#{webhook_id}~", moment.key())
}

/// The moment before which everything began that stands before the sort key in the partition: a receipt stands a little
/// before it began.
pub fn began_before(sk: &str) -> Option<Timestamp> {
    let (at, _) = sk.split_once('#')?;
    Timestamp::parse_key(at).map(|at| at.plus(limits::RECEIPT_AGE))
}

fn pack(attempt: &Attempt, place: Place) -> Vec<u8> {
    // A header in the place that it always has needs no name.
    let names = HEADERS.into_iter().chain(std::iter::repeat(""));
    let headers = attempt.request_headers.iter().zip(names).map(|((name, value), usual)| {
        let name = if name == usual { "" } else { name };
        format!("{name}:{value}")
    });
    let absent = match &attempt.request_body {
        Body::Text(_) | Body::Base64(_) => None,
        Body::Gathered { bytes, digest } => Some((*bytes, Some(digest.clone()))),
        Body::LeftOut { bytes } => Some((*bytes, None)),
    };
    let head = Head(
        attempt.key.lane.chat.clone(),
        attempt.duration_ms,
        attempt.url.clone(),
        headers.collect(),
        absent,
        attempt.error,
        attempt.result.clone(),
        lane::subject_to_text(&attempt.key.subject),
        attempt.document.part,
        attempt.document.parts,
        match place {
            Place::Attempt => None,
            Place::Receipt => Some(attempt.started),
        },
        attempt.messages,
        attempt.missing_files.clone(),
    );
    // JSON escapes line breaks: the first one ends the head.
    let mut bytes = serde_json::to_vec(&head).unwrap_or_default();
    bytes.push(b'\n');
    bytes.extend(attempt.request_body.bytes());
    packed::pack(&bytes)
}
