//! Deliveries: their names, their ids, and the references to them that ride on the queue.

use crate::{
    id::{KeyPart, WebhookId, WorkspaceId, push_hex},
    limits,
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One webhook and one chat: the unit of order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lane {
    pub workspace: WorkspaceId,
    pub webhook: WebhookId,
    pub chat: KeyPart,
}

impl Lane {
    /// `<workspace>#<webhook>#<chat>`. None of the three can hold a `#`.
    pub fn key(&self) -> String {
        format!("{}#{}#{}", self.workspace, self.webhook, self.chat)
    }

    /// Whether what goes out here is a test, which is no conversation's: it is in the log, and counts for nothing.
    pub fn is_test(&self) -> bool {
        self.chat == KeyPart::of_tests()
    }

    /// Which of the fixed number of partitions of a window's end the lane's messages are in.
    pub fn shard(&self) -> u16 {
        u16::try_from(self.hash() % u64::from(limits::SHARDS)).unwrap_or_default()
    }

    /// The queue's message group: at most `concurrency` groups a webhook, a lane always in the same.
    pub fn group(&self, concurrency: u16) -> String {
        // Other bits than the shard's, so that the lanes of one shard spread over the groups.
        let number = (self.hash() >> 32) % u64::from(concurrency.clamp(1, limits::CONCURRENCY_MAX));
        format!("{}{number}", self.group_prefix())
    }

    /// The beginning of the names of a webhook's groups.
    pub fn group_prefix(&self) -> String {
        format!("{}#{}#", self.workspace, self.webhook)
    }

    fn hash(&self) -> u64 {
        let digest = Sha256::digest(self.key().as_bytes());
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// What is delivered: one bundle, or one message where nothing is aggregated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKey {
    pub lane: Lane,
    pub subject: Subject,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// What a lane gathered in the window that ends at `due`: up to a cut and behind the one before it, or, without one,
    /// behind the last.
    Bundle { due: Timestamp, cut: Option<Timestamp> },
    /// A message by itself.
    Message { timestamp: Timestamp, message: KeyPart },
}

impl DeliveryKey {
    /// The `webhook-id` of a document: the same for every attempt, resend and replay. Parts count from 0.
    pub fn webhook_id(&self, part: usize) -> String {
        let mut id = String::from("msg_");
        push_hex(&mut id, "", &self.digest(&format!("part {part}"))[..16]);
        id
    }

    /// What the queue knows an enqueued reference by, for five minutes: the delivery and why it was enqueued.
    pub fn deduplication_id(&self, cause: &Cause) -> String {
        let mut id = String::new();
        let cause = match cause {
            Cause::Due => "due".to_owned(),
            Cause::Probe { epoch, error_sequence } => format!("probe {epoch} {error_sequence}"),
            Cause::Release { epoch, error_sequence } => format!("release {epoch} {error_sequence}"),
            Cause::Resend { nonce } => format!("resend {nonce}"),
            Cause::Replay { attempts } => format!("replay {attempts}"),
            Cause::File { object } => format!("file {object}"),
        };
        push_hex(&mut id, "", &self.digest(&cause));
        id
    }

    /// When the delivery was first meant to go out.
    pub fn due(&self) -> Timestamp {
        match &self.subject {
            Subject::Bundle { due, cut } => cut.unwrap_or(*due),
            Subject::Message { timestamp, .. } => *timestamp,
        }
    }

    fn digest(&self, aspect: &str) -> [u8; 32] {
        let subject = match &self.subject {
            Subject::Bundle { due, cut } => format!("b#{}#{}", due.key(), cut.map(Timestamp::key).unwrap_or_default()),
            Subject::Message { timestamp, message } => format!("m#{}#{message}", timestamp.key()),
        };
        // No part can hold a slash, so that no two deliveries are hashed from the same text.
        Sha256::digest(format!("{}/{subject}/{aspect}", self.lane.key()).as_bytes()).into()
    }
}

/// Why a reference is put on the queue. The queue swallows a second one with the same cause for five minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Its window ended, or its message came: once.
    Due,
    /// It is the probe of a failing webhook: once for each of its errors.
    Probe { epoch: u64, error_sequence: u64 },
    /// It was held, and goes out now: once for each of its webhook's errors.
    Release { epoch: u64, error_sequence: u64 },
    /// A person wants it sent again: as often as a person wants.
    Resend { nonce: String },
    /// It was given up after so many attempts, and a person wants all such sent again: once for each time that it was.
    Replay { attempts: u32 },
    /// The file is there that it waited for, or known to be gone: once for each file.
    File { object: String },
}

/// A delivery's name as the queue carries it: ASCII, so that SQS takes it whatever upstream's ids hold.
#[derive(Serialize, Deserialize)]
struct Reference {
    #[serde(flatten)]
    lane: Lane,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cut: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timestamp: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<KeyPart>,
}

/// A reference to the delivery, never its content.
pub fn to_reference(key: &DeliveryKey) -> String {
    let lane = key.lane.clone();
    let reference = match &key.subject {
        Subject::Bundle { due, cut } => Reference { lane, due: Some(*due), cut: *cut, timestamp: None, message: None },
        Subject::Message { timestamp, message } => {
            Reference { lane, due: None, cut: None, timestamp: Some(*timestamp), message: Some(message.clone()) }
        }
    };
    // Strings under names: there is nothing in it that JSON cannot write.
    serde_json::to_string(&reference).unwrap_or_default()
}

/// Reads a reference; the error says what is wrong with it.
pub fn from_reference(text: &str) -> Result<DeliveryKey, String> {
    // serde's own words may repeat content: only where it stopped is told.
    let reference: Reference = serde_json::from_str(text)
        .map_err(|error| format!("the record is not a delivery's reference, at column {}", error.column()))?;
    let subject = match (reference.due, reference.cut, reference.timestamp, reference.message) {
        (Some(due), cut, None, None) => Subject::Bundle { due, cut },
        (None, None, Some(timestamp), Some(message)) => Subject::Message { timestamp, message },
        _ => return Err("the record names neither a bundle nor a message".to_owned()),
    };
    Ok(DeliveryKey { lane: reference.lane, subject })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ChatId;
    use std::{collections::BTreeSet, time::Duration};

    fn lane(chat: &str) -> Lane {
        let chat = ChatId::parse(chat).expect("a chat");
        Lane {
            workspace: WorkspaceId::parse("acme").expect("a workspace"),
            webhook: WebhookId::first(),
            chat: KeyPart::of(chat.as_str()),
        }
    }

    fn keys() -> Vec<DeliveryKey> {
        let moment = |text| Timestamp::parse(text).expect(text);
        let (one, other) = (moment("2021-02-24T16:00:00Z"), moment("2021-02-24T17:00:00Z"));
        let mut keys = Vec::new();
        for lane in ["1", "1#2", "a b\u{ffff}", "א"].map(lane) {
            for due in [one, other] {
                for cut in [None, Some(due.minus(Duration::from_secs(600))), Some(due.minus(Duration::from_millis(1)))]
                {
                    keys.push(DeliveryKey { lane: lane.clone(), subject: Subject::Bundle { due, cut } });
                }
                for message in ["", "x", "x#y"].map(KeyPart::of).into_iter().filter(|part| !part.as_str().is_empty()) {
                    keys.push(DeliveryKey {
                        lane: lane.clone(),
                        subject: Subject::Message { timestamp: due, message },
                    });
                }
            }
        }
        keys
    }

    #[test]
    fn references_read_back_and_are_plain_ascii() {
        for key in keys() {
            let reference = to_reference(&key);
            assert!(reference.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{reference}");
            assert_eq!(from_reference(&reference), Ok(key));
        }
    }

    #[test]
    fn a_record_that_is_no_reference_is_refused() {
        let reference = to_reference(&keys()[0]);
        for bad in ["", "{}", "[]", "null", &reference.replace("acme", "a#b"), &reference.replace("\"due\"", "\"do\"")]
        {
            assert!(from_reference(bad).is_err(), "{bad}");
        }
        let error = from_reference("\"secret\"").expect_err("a text is no reference");
        assert!(!error.contains("secret"), "{error}");
    }

    #[test]
    fn ids_differ_by_delivery_and_by_part_and_never_change() {
        let keys = keys();
        let ids: BTreeSet<_> = keys.iter().flat_map(|key| (0..3).map(|part| key.webhook_id(part))).collect();
        assert_eq!(ids.len(), keys.len() * 3);
        // Receivers keep these: a change here makes every redelivery look new to them.
        assert_eq!(keys[0].webhook_id(0), "msg_3bce672bd59bb6677e8020addff50f75");
        assert!(!keys[0].webhook_id(0).contains('.'), "Standard Webhooks signs ids without a point");
        let deduplication: BTreeSet<_> = keys.iter().map(|key| key.deduplication_id(&Cause::Due)).collect();
        assert_eq!(deduplication.len(), keys.len());
    }

    #[test]
    fn a_lane_keeps_its_group_and_a_webhook_has_no_more_groups_than_its_concurrency() {
        let groups: BTreeSet<_> = (0..1_000).map(|chat| lane(&chat.to_string()).group(4)).collect();
        assert_eq!(groups.len(), 4);
        assert!(groups.iter().all(|group| group.len() <= 128), "SQS takes 128 characters");
        assert_eq!(lane("7").group(4), lane("7").group(4));
    }

    #[test]
    fn lanes_spread_over_all_shards_and_stay_where_they_are_stored() {
        let shards: BTreeSet<_> = (0..10_000).map(|chat| lane(&chat.to_string()).shard()).collect();
        assert_eq!(shards.len(), usize::from(limits::SHARDS));
        // Stored messages are found by this: a change here hides them.
        assert_eq!(lane("10010001").shard(), 91);
    }
}
