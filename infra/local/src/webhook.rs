//! A webhook as its receiver gets it: what the headers say, whether it is signed, and the document. It trusts nothing
//! of the sender's but the signature.

use crate::{
    document::{self, Document, Message},
    download::Had,
};
use axum::http::HeaderMap;
use bundler::{
    signature::{self, SigningSecret},
    timestamp::Timestamp,
};

/// How far a webhook's time may be from the receiver's clock. What Standard Webhooks advises.
const TOLERANCE_SECONDS: u64 = 5 * 60;

pub(crate) struct Webhook {
    /// The `webhook-id`.
    pub(crate) id: String,
    pub(crate) arrived: Timestamp,
    pub(crate) attempt: String,
    /// As in `1/1`.
    pub(crate) part: String,
    pub(crate) signature: Result<(), &'static str>,
    pub(crate) document: Result<Document, String>,
    /// What its links led to: a place for each message, in order; none, before they were followed.
    pub(crate) files: Vec<Option<Had>>,
}

impl Webhook {
    /// What arrived, judged by the secrets that its sender and its receiver share.
    pub(crate) fn read(secrets: &[SigningSecret], arrived: Timestamp, headers: &HeaderMap, body: &[u8]) -> Self {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let id = header("webhook-id");
        let signature = verify(secrets, arrived, &id, &header("webhook-timestamp"), &header("webhook-signature"), body);
        let (attempt, part) = (header("bundlehook-attempt"), header("bundlehook-part"));
        Self { id, arrived, attempt, part, signature, document: document::read(body), files: Vec::new() }
    }

    /// The messages it carries, in their order; none if its document does not read.
    pub(crate) fn messages(&self) -> &[Message] {
        match &self.document {
            Ok(Document::Bundle(bundle)) => &bundle.messages,
            Ok(Document::Single(single)) => std::slice::from_ref(&single.message),
            Err(_) => &[],
        }
    }

    /// The messages, each with what became of its file, if it has one.
    pub(crate) fn messages_with_files(&self) -> impl Iterator<Item = (&Message, Option<&Had>)> {
        let files = self.files.iter().map(Option::as_ref).chain(std::iter::repeat(None));
        self.messages().iter().zip(files)
    }

    /// A bundle's note.
    pub(crate) fn note(&self) -> Option<&str> {
        match &self.document {
            Ok(Document::Bundle(bundle)) => Some(&bundle.aggregation),
            Ok(Document::Single(_)) | Err(_) => None,
        }
    }
}

/// As a receiver does it: of the signatures that came with it, one must be right, and fresh.
fn verify(
    secrets: &[SigningSecret],
    arrived: Timestamp,
    id: &str,
    sent: &str,
    signatures: &str,
    body: &[u8],
) -> Result<(), &'static str> {
    let sent = sent.parse().ok().and_then(Timestamp::from_seconds).ok_or("there is no time to verify it with")?;
    if arrived.seconds().abs_diff(sent.seconds()) > TOLERANCE_SECONDS {
        return Err("it is not of this time");
    }
    let right = signature::header(secrets, id, sent, body);
    let is_right = |signature: &str| right.split(' ').any(|right| right == signature);
    if signatures.split(' ').any(is_right) { Ok(()) } else { Err("the signature is wrong") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixtures, secrets};
    use axum::http::{HeaderName, HeaderValue};
    use bundler::{
        attempt::{self, Request},
        delivery::{DeliveryKey, Lane, Subject},
        id::{KeyPart, WebhookId, WorkspaceId},
        settings::Settings,
        window::Granularity,
    };
    use std::time::Duration;

    fn sent() -> Timestamp {
        Timestamp::parse("2026-03-02T09:01:00Z").expect("a moment")
    }

    fn request() -> Request {
        let settings = Settings::new("http://127.0.0.1/".to_owned(), Granularity::Hours1, secrets::signing());
        let workspace = WorkspaceId::parse("acme").expect("a workspace");
        let lane = Lane { workspace, webhook: WebhookId::first(), chat: KeyPart::of("1") };
        let key = DeliveryKey { lane, subject: Subject::Bundle { due: sent(), cut: None } };
        let (_, bodies) = fixtures::played(Granularity::Hours1);
        let document = attempt::Document { part: 0, parts: 2, attempt: 3 };
        attempt::request(&settings, &key, document, sent(), bodies[0].1.to_string().into_bytes())
    }

    fn received(request: &Request, arrived: Timestamp) -> Webhook {
        let header = |(name, value): &(String, String)| {
            let name: HeaderName = name.parse().expect("a name");
            (name, HeaderValue::from_str(value).expect("a value"))
        };
        Webhook::read(&[secrets::signing()], arrived, &request.headers.iter().map(header).collect(), &request.body)
    }

    #[test]
    fn a_webhook_is_read_from_its_headers_and_its_body() {
        let webhook = received(&request(), sent());
        assert_eq!((webhook.attempt.as_str(), webhook.part.as_str(), webhook.messages().len()), ("3", "1/2", 6));
        assert!(webhook.id.starts_with("msg_"));
        assert_eq!(webhook.signature, Ok(()));
    }

    #[test]
    fn what_was_changed_on_the_way_or_kept_too_long_is_not_verified() {
        let mut changed = request();
        changed.body.push(b' ');
        assert_eq!(received(&changed, sent()).signature, Err("the signature is wrong"));
        let mut renamed = request();
        renamed.headers.iter_mut().filter(|(name, _)| name == "webhook-id").for_each(|(_, id)| id.push('0'));
        assert_eq!(received(&renamed, sent()).signature, Err("the signature is wrong"));
        let mut bare = request();
        bare.headers.clear();
        assert!(received(&bare, sent()).signature.is_err());
        let later = sent().plus(Duration::from_secs(301));
        assert_eq!(received(&request(), later).signature, Err("it is not of this time"));
    }
}
