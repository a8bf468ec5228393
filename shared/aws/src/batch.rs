//! What Lambda makes of a batch of an SQS queue, and the partial answer to it.

use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub message_id: String,
    /// Text, whatever it holds: one that does not parse must not spoil the batch.
    pub body: String,
    #[serde(default)]
    pub attributes: Attributes,
    /// Which queue it is of.
    #[serde(rename = "eventSourceARN", default)]
    pub queue: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Attributes {
    /// Empty on a queue that is not FIFO.
    #[serde(rename = "MessageGroupId", default)]
    pub group: String,
}

impl Batch {
    /// The error is a batch that Lambda did not make.
    pub fn into_records(self) -> Result<Vec<Record>, &'static str> {
        checked(self.records)
    }
}

/// The error is a batch that Lambda did not make: naming an empty id would keep or lose all of it.
pub fn checked(records: Vec<Record>) -> Result<Vec<Record>, &'static str> {
    if records.iter().any(|record| record.message_id.is_empty()) {
        return Err("a record has no id");
    }
    Ok(records)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartialAnswer {
    batch_item_failures: Vec<Failure>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

impl PartialAnswer {
    /// The queue keeps these records and forgets the others.
    pub fn keeping(ids: Vec<String>) -> Self {
        Self { batch_item_failures: ids.into_iter().map(|item_identifier| Failure { item_identifier }).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: &str = r#"{"Records":[{"messageId":"1","receiptHandle":"r","body":"not JSON","eventSource":"aws:sqs",
        "attributes":{"MessageGroupId":"acme#default#0","ApproximateReceiveCount":"1"}}]}"#;

    fn records(batch: &str) -> Result<Vec<Record>, &'static str> {
        serde_json::from_str::<Batch>(batch).expect("a batch").into_records()
    }

    #[test]
    fn a_record_whose_body_does_not_parse_is_still_a_record() {
        let attributes = Attributes { group: "acme#default#0".to_owned() };
        let queue = String::new();
        let expected = Record { message_id: "1".to_owned(), body: "not JSON".to_owned(), attributes, queue };
        assert_eq!(records(BATCH), Ok(vec![expected]));
    }

    #[test]
    fn a_record_of_a_standard_queue_has_no_group() {
        let records = records(&BATCH.replace(r#""MessageGroupId":"acme#default#0","#, "")).expect("records");
        assert_eq!(records[0].attributes.group, "");
    }

    #[test]
    fn a_record_without_an_id_fails_the_batch() {
        assert!(records(&BATCH.replace("\"1\",\"receipt", "\"\",\"receipt")).is_err());
    }

    #[test]
    fn the_answer_names_what_is_to_be_kept() {
        let json = |ids: &[&str]| {
            serde_json::to_string(&PartialAnswer::keeping(ids.iter().map(ToString::to_string).collect()))
        };
        assert_eq!(json(&["1"]).expect("JSON"), r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#);
        assert_eq!(json(&[]).expect("JSON"), r#"{"batchItemFailures":[]}"#);
    }
}
