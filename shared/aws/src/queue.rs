//! The delivery queue, in SQS FIFO: `SendMessageBatch`.

use crate::{
    operation::{self, Tries},
    signed::Post,
};
use aws_types::SdkConfig;
use bundler::ports::{Answer, Enqueue, PortError, QueueEntry};
use serde::{Deserialize, Serialize};

pub struct Queue {
    config: SdkConfig,
    url: String,
}

const DOING: &str = "enqueueing";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Batch<'a> {
    queue_url: &'a str,
    entries: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    id: String,
    message_body: &'a str,
    message_group_id: &'a str,
    message_deduplication_id: &'a str,
}

impl<'a> Entry<'a> {
    fn of((index, entry): (usize, &'a QueueEntry)) -> Self {
        Self {
            id: index.to_string(),
            message_body: &entry.reference,
            message_group_id: &entry.group,
            message_deduplication_id: &entry.deduplication_id,
        }
    }
}

/// A list that is empty may be left out.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Outcome {
    #[serde(default)]
    successful: Vec<Taken>,
    #[serde(default)]
    failed: Vec<Refused>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Taken {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refused {
    id: String,
    code: String,
}

impl Queue {
    pub fn new(config: &SdkConfig, url: String) -> Self {
        Self { config: config.clone(), url }
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Enqueue for Queue {
    async fn enqueue(&self, entries: &[QueueEntry]) -> Answer<Vec<Result<(), PortError>>> {
        let batch = Batch { queue_url: &self.url, entries: entries.iter().enumerate().map(Entry::of).collect() };
        let post = Post {
            host: "sqs",
            service: "sqs",
            path: "/",
            content_type: "application/x-amz-json-1.0",
            header: Some(("x-amz-target", "AmazonSQS.SendMessageBatch")),
            body: serde_json::to_string(&batch).map_err(|_| error("request could not be built"))?,
        };
        let answer = operation::send(&self.config, DOING, Tries::Several, post).await?;
        let outcome: Outcome = serde_json::from_slice(&answer).map_err(|_| error("unreadable answer"))?;
        // What the answer does not name was not taken.
        let mut results = vec![Err(error("not in the answer")); entries.len()];
        let mut tell = |id: &str, told| {
            if let Some(result) = id.parse().ok().and_then(|index: usize| results.get_mut(index)) {
                *result = told;
            }
        };
        outcome.successful.iter().for_each(|taken| tell(&taken.id, Ok(())));
        outcome.failed.iter().for_each(|refused| tell(&refused.id, Err(error(&refused.code))));
        Ok(results)
    }
}

fn error(code: &str) -> PortError {
    PortError { doing: DOING, code: code.to_owned() }
}
