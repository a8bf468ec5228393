//! The signing secret's corner of the page, and how a receiver checks a signature in three languages.

use bundler::timestamp::Timestamp;

/// The signing secret, as far as it is shown.
#[derive(Debug, Clone, Default)]
pub struct Secret {
    /// The whole secret, on the one page that answers its making.
    pub shown: Option<String>,
    /// Until then what signed before does so beside it.
    pub former_signs_until: Option<Timestamp>,
}

pub(crate) struct Snippet {
    /// Also what the elements' ids begin with.
    pub(crate) id: &'static str,
    pub(crate) language: &'static str,
    pub(crate) install: &'static str,
    pub(crate) code: &'static str,
}

/// By the libraries of Standard Webhooks. Each has to be handed the body's bytes as they came.
pub(crate) const SNIPPETS: [Snippet; 3] = [
    Snippet {
        id: "python",
        language: "Python",
        install: "pip install standardwebhooks",
        code: r#"import os
from standardwebhooks.webhooks import Webhook

webhook = Webhook(os.environ["WEBHOOK_SECRET"])

def receive(body: bytes, headers: dict[str, str]):
    # Raises if the signature is wrong or too old.
    return webhook.verify(body, headers)"#,
    },
    Snippet {
        id: "node",
        language: "Node.js",
        install: "npm install standardwebhooks",
        code: r#"import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET);

export function receive(body, headers) {
  // Throws if the signature is wrong or too old.
  return webhook.verify(body, headers);
}"#,
    },
    Snippet {
        id: "rust",
        language: "Rust",
        install: "cargo add standardwebhooks http",
        code: r"use standardwebhooks::{Webhook, WebhookError};

fn receive(
    secret: &str,
    body: &[u8],
    headers: &http::HeaderMap,
) -> Result<(), WebhookError> {
    // An error if the signature is wrong or too old.
    Webhook::new(secret)?.verify(body, headers)
}",
    },
];
