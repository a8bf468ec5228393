//! What Lambda makes of a batch of the upstream queue, a standard one, and the partial answer to it.

use bundler::api::records::Record;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub(crate) struct Event {
    #[serde(rename = "Records")]
    records: Vec<QueueRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueueRecord {
    message_id: String,
    /// Text, whatever it holds: one that does not parse must not spoil the batch.
    body: String,
}

impl Event {
    /// The error is a batch that Lambda did not make: naming an empty id would keep or lose all of it.
    pub(crate) fn into_records(self) -> Result<Vec<Record>, &'static str> {
        if self.records.iter().any(|record| record.message_id.is_empty()) {
            return Err("a record has no id");
        }
        Ok(self.records.into_iter().map(|it| Record { id: it.message_id, body: it.body }).collect())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    batch_item_failures: Vec<Failure>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

impl Answer {
    /// The queue keeps these records and forgets the others.
    pub(crate) fn keeping(ids: Vec<String>) -> Self {
        Self { batch_item_failures: ids.into_iter().map(|item_identifier| Failure { item_identifier }).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: &str = r#"{"Records":[{"messageId":"1","receiptHandle":"r","body":"not JSON","eventSource":"aws:sqs",
        "attributes":{"ApproximateReceiveCount":"1"},"messageAttributes":{},"md5OfBody":"x"}]}"#;

    #[test]
    fn a_record_whose_body_does_not_parse_is_still_a_record() {
        let event: Event = serde_json::from_str(BATCH).expect("a batch");
        let expected = Record { id: "1".to_owned(), body: "not JSON".to_owned() };
        assert_eq!(event.into_records(), Ok(vec![expected]));
    }

    #[test]
    fn a_record_without_an_id_fails_the_batch() {
        let event: Event = serde_json::from_str(&BATCH.replace("\"1\",\"receipt", "\"\",\"receipt")).expect("a batch");
        assert!(event.into_records().is_err());
    }

    #[test]
    fn the_answer_names_what_is_to_be_kept() {
        let json =
            |ids: &[&str]| serde_json::to_string(&Answer::keeping(ids.iter().map(ToString::to_string).collect()));
        assert_eq!(json(&["1"]).expect("JSON"), r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#);
        assert_eq!(json(&[]).expect("JSON"), r#"{"batchItemFailures":[]}"#);
    }
}
