//! The delivery queue, in SQS FIFO.

use crate::failure::port_error;
use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use aws_types::SdkConfig;
use bundler::ports::{Answer, Enqueue, PortError, QueueEntry};
use std::sync::OnceLock;

pub struct Queue {
    config: SdkConfig,
    client: OnceLock<Client>,
    url: String,
}

const DOING: &str = "enqueueing";

impl Queue {
    pub fn new(config: &SdkConfig, url: String) -> Self {
        Self { config: config.clone(), client: OnceLock::new(), url }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Made when it is first needed: a client parses all of AWS's partitions, which costs as much as a bare function's
    /// whole start.
    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(&self.config))
    }
}

impl Enqueue for Queue {
    async fn enqueue(&self, entries: &[QueueEntry]) -> Answer<Vec<Result<(), PortError>>> {
        let mut request = self.client().send_message_batch().queue_url(&self.url);
        for (index, entry) in entries.iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_body(&entry.reference)
                .message_group_id(&entry.group)
                .message_deduplication_id(&entry.deduplication_id)
                .build()
                .map_err(|_| error("request could not be built"))?;
            request = request.entries(entry);
        }
        let answer = request.send().await.map_err(|error| port_error(DOING, &error))?;
        // What the answer does not name was not taken.
        let mut results = vec![Err(error("not in the answer")); entries.len()];
        for taken in answer.successful() {
            if let Some(result) = taken.id().parse().ok().and_then(|index: usize| results.get_mut(index)) {
                *result = Ok(());
            }
        }
        for refused in answer.failed() {
            if let Some(result) = refused.id().parse().ok().and_then(|index: usize| results.get_mut(index)) {
                *result = Err(error(refused.code()));
            }
        }
        Ok(results)
    }
}

fn error(code: &str) -> PortError {
    PortError { doing: DOING, code: code.to_owned() }
}
