//! One HTTP request for a delivery: what goes out, what comes back, and what is kept of both.

use crate::{
    delivery::{DeliveryKey, Subject},
    file::Trouble,
    limits, mask,
    settings::{Settings, SuccessRule},
    signature,
    table::lane::Progress,
    timestamp::Timestamp,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// A request, ready to go: a POST of `body` to `url`. Content never shows in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// What is kept of it and of what came of it: whole, but for credentials, which links to files are as well.
    pub(crate) fn record(self, of: Of<'_>, started: Timestamp, exchange: Exchange, rule: SuccessRule) -> Attempt {
        Attempt {
            key: of.key.clone(),
            document: of.document,
            messages: of.messages as u64,
            missing_files: of.missing_files,
            started,
            duration_ms: exchange.duration_ms,
            url: self.url,
            request_headers: mask::sent(self.headers),
            request_body: Body::of(of.body.as_deref().unwrap_or(&self.body)),
            error: exchange.error(rule),
            result: exchange.result.map(mask::received),
        }
    }
}

/// What a request is for.
pub(crate) struct Of<'a> {
    pub(crate) key: &'a DeliveryKey,
    pub(crate) document: Document,
    pub(crate) messages: usize,
    pub(crate) missing_files: Vec<Trouble>,
    /// As it is kept, its links to files ended; nothing, if it has none.
    pub(crate) body: Option<Vec<u8>>,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    pub result: Result<Response, Failure>,
    pub duration_ms: u64,
}

/// A receiver's answer, its body cut at 32 KiB. Content never shows in `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    pub body_is_cut: bool,
}

/// Why there is no whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub class: ErrorClass,
    /// In plain words, without the URL and what was sent.
    pub detail: String,
}

/// What kind of error an attempt ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    InvalidUrl,
    BlockedAddress,
    Dns,
    Connect,
    Tls,
    Timeout,
    Redirect,
    Status,
    Body,
}

impl ErrorClass {
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidUrl => "invalid_url",
            Self::BlockedAddress => "blocked_address",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Redirect => "redirect",
            Self::Status => "status",
            Self::Body => "body",
        }
    }
}

impl Exchange {
    /// What the article counts as an error: anything that is not an answer with the right status.
    pub fn error(&self, rule: SuccessRule) -> Option<ErrorClass> {
        match &self.result {
            Err(failure) => Some(failure.class),
            Ok(response) if rule.accepts(response.status) => None,
            Ok(response) if (300..400).contains(&response.status) => Some(ErrorClass::Redirect),
            Ok(_) => Some(ErrorClass::Status),
        }
    }

    pub fn status(&self) -> Option<u16> {
        self.result.as_ref().ok().map(|response| response.status)
    }
}

/// What is kept of an attempt, whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Attempt {
    pub key: DeliveryKey,
    pub document: Document,
    /// How many messages its document held; 0 where that was not written down.
    pub messages: u64,
    /// Why those of its files cannot be had that went out without a link.
    pub missing_files: Vec<Trouble>,
    pub started: Timestamp,
    pub duration_ms: u64,
    pub url: String,
    pub request_headers: Vec<(String, String)>,
    pub request_body: Body,
    pub error: Option<ErrorClass>,
    pub result: Result<Response, Failure>,
}

impl Attempt {
    /// The id of the document that was sent.
    pub fn webhook_id(&self) -> String {
        self.key.webhook_id(self.document.part)
    }

    /// Whether its body can be made again from the messages for as long as it is kept: those of a bundle, which stay, if
    /// it arrived, so that nobody has to ask what was wrong with it, and not so late that they are gone before it is.
    pub fn can_be_gathered(&self) -> bool {
        let is_bundle = match self.key.subject {
            Subject::Bundle { .. } => true,
            Subject::Message { .. } => false,
        };
        is_bundle && self.error.is_none() && self.started.since(self.key.due()) < limits::GATHERED_AGE
    }

    /// Whether it says all that there is to say of its delivery: a bundle of one document, taken at the first try, and soon,
    /// so that who looks for the last attempts finds it not far from when it fell due.
    pub fn is_receipt(&self, before: Progress) -> bool {
        let is_bundle = match self.key.subject {
            Subject::Bundle { .. } => true,
            Subject::Message { .. } => false,
        };
        let due = self.key.due();
        let is_soon = self.started >= due && self.started.since(due) < limits::RECEIPT_AGE;
        is_bundle && before == Progress::NONE && self.document.parts == 1 && self.error.is_none() && is_soon
    }

    /// The same with the request's body left in the messages that it is made of.
    #[must_use]
    pub fn gathered(self) -> Self {
        let body = self.request_body.bytes();
        Self { request_body: Body::Gathered { bytes: body.len(), digest: digest(&body) }, ..self }
    }
}

/// What a body is known by when it is made again: the first half of its SHA-256.
pub fn digest(body: &[u8]) -> String {
    STANDARD.encode(&Sha256::digest(body)[..16])
}

/// A body as it was: text where it is UTF-8, base64 elsewhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    Text(String),
    Base64(String),
    /// Not kept, because the messages are that it is made of; known by its [`digest`].
    Gathered {
        bytes: usize,
        digest: String,
    },
    /// Of one that was left to its messages: they are gone, or the same document is written otherwise by now.
    LeftOut {
        bytes: usize,
    },
}

impl Body {
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(STANDARD.encode(bytes)),
        }
    }

    /// The body itself; nothing of one that is not kept.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Base64(text) => STANDARD.decode(text).unwrap_or_default(),
            Self::Gathered { .. } | Self::LeftOut { .. } => Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Text(_) | Self::Base64(_) => self.bytes().len(),
            Self::Gathered { bytes, .. } | Self::LeftOut { bytes } => *bytes,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Which document of a delivery a request carries, and for which time it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document {
    /// From 0.
    pub part: usize,
    pub parts: usize,
    /// From 1.
    pub attempt: u32,
}

/// The headers of every request, in their order. The owner's own stand behind them.
pub const HEADERS: [&str; 7] = [
    "content-type",
    "user-agent",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "bundlehook-attempt",
    "bundlehook-part",
];

/// The request for a document: Standard Webhooks headers, what the article's body has no place for, and the owner's own.
pub fn request(settings: &Settings, key: &DeliveryKey, document: Document, now: Timestamp, body: Vec<u8>) -> Request {
    let id = key.webhook_id(document.part);
    let signature = signature::header(settings.signing(now), &id, now, &body);
    let values = [
        "application/json".to_owned(),
        concat!("Bundlehook/", env!("CARGO_PKG_VERSION")).to_owned(),
        id,
        now.seconds().to_string(),
        signature,
        document.attempt.to_string(),
        format!("{}/{}", document.part + 1, document.parts),
    ];
    let headers = HEADERS.into_iter().zip(values).map(|(name, value)| (name.to_owned(), value));
    let headers = headers.chain(settings.headers.iter().cloned()).collect();
    Request { url: settings.url.clone(), headers, body }
}

impl fmt::Debug for Request {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Request({} bytes)", self.body.len())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Response({}, {} bytes)", self.status, self.body.len())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Body({} bytes)", self.len())
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Attempt({} of {}, {:?})", self.document.attempt, self.webhook_id(), self.result)
    }
}
