//! A customer's workspace on the stack: its webhook's settings stand in the table, its receiver listens, and the
//! platform's key is at hand.

use super::deploy::Stack;
use super::http::Message;
use super::receiver::{Received, Receiver};
use bundler::id::{WebhookId, WorkspaceId};
use bundler::limits;
use bundler::settings::Settings;
use bundler::signature::{self, RootSecret, SigningSecret};
use bundler::table::settings::settings_to_item;
use bundler::timestamp::Timestamp;
use bundler::window::Granularity;
use serde_json::{Value, json};
use std::time::{Duration, UNIX_EPOCH};

/// The path and query of a webhook. Receivers put keys of their own there.
pub(crate) const TARGET: &str = "/hook?key=of%20the%20receiver";

pub(crate) struct Workspace {
    pub(crate) receiver: Receiver,
    stack: &'static Stack,
    id: String,
    ingest_key: String,
    settings: Settings,
}

impl Workspace {
    /// Sets up the workspace with one webhook, which leads to a receiver of its own.
    pub(crate) fn set_up(stack: &'static Stack, id: &str, granularity: Granularity) -> Self {
        Self::set_up_with(stack, id, granularity, |_| {})
    }

    /// The same, with something about the webhook changed.
    pub(crate) fn set_up_with(
        stack: &'static Stack,
        id: &str,
        granularity: Granularity,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let receiver = Receiver::start();
        let url = format!("http://localhost:{}{TARGET}", receiver.port());
        let mut settings = Settings::new(url, granularity, secret());
        change(&mut settings);
        let workspace = WorkspaceId::parse(id).expect("the tests' workspaces have good ids");
        stack.put(&settings_to_item(&workspace, &WebhookId::first(), &settings));
        Self { receiver, stack, id: id.to_owned(), ingest_key: ingest_key(stack), settings }
    }

    /// Posts events as one array; panics if they are not all answered for with 202.
    pub(crate) fn send(&self, events: &[Value]) -> Vec<String> {
        let answer = self.post(&format!("Bearer {}", self.ingest_key), json!(events).to_string().as_bytes());
        assert_eq!(answer.status(), 202, "{}", String::from_utf8_lossy(&answer.body));
        let body: Value = serde_json::from_slice(&answer.body).expect("an answer is JSON");
        let results = body["results"].as_array().expect("an answer has results");
        results.iter().map(|result| result["status"].as_str().expect("a result has a status").to_owned()).collect()
    }

    pub(crate) fn post(&self, authorization: &str, body: &[u8]) -> Message {
        let headers = [("authorization", authorization), ("content-type", "application/json")];
        self.stack.post(&format!("/v1/workspaces/{}/messages", self.id), &headers, body)
    }

    /// Panics unless a request is signed by Standard Webhooks' rules, no longer before it came than a request may take.
    pub(crate) fn assert_signed(&self, received: &Received) {
        let request = &received.request;
        let header = |name| request.header(name).unwrap_or_else(|| panic!("a request has the header {name}"));
        let seconds = header("webhook-timestamp").parse().expect("the timestamp is in seconds");
        let sent = Timestamp::from_seconds(seconds).expect("the timestamp is a moment");
        let age = received.at.duration_since(UNIX_EPOCH + Duration::from_secs(sent.seconds()));
        assert!(age.is_ok_and(|age| age < limits::REQUEST), "a request is signed for another moment");
        let secrets = self.settings.signing(sent);
        let signature = signature::header(secrets, header("webhook-id"), sent, &request.body);
        assert_eq!(header("webhook-signature"), signature);
    }

    /// The key and whatever else of the workspace nobody may find in a log line.
    pub(crate) fn secrets(&self) -> [&str; 3] {
        [&self.ingest_key, self.settings.secrets[0].reveal(), TARGET]
    }
}

/// What a workspace's webhook signs with from its beginning on.
pub(crate) fn secret() -> SigningSecret {
    SigningSecret::from_bytes([7; 32])
}

fn ingest_key(stack: &Stack) -> String {
    root_secret(stack).ingest_key()
}

/// The stack's one generated secret.
pub(crate) fn root_secret(stack: &Stack) -> RootSecret {
    let answer =
        stack.aws().call("secretsmanager", "get_secret_value", &json!({ "SecretId": stack.output("RootSecretArn") }));
    let text = answer["SecretString"].as_str().expect("the secret is text");
    RootSecret::parse(text).expect("the template's secret is long enough")
}
