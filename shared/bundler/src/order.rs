//! What the delivery queue carries: references, never content. A delivery that is due, one that a person wants sent
//! again, or a webhook whose owner has to be told something.

use crate::{
    delivery::{self, Cause, DeliveryKey, Subject},
    health::{Health, Wish},
    id::{WebhookId, WorkspaceId, push_hex},
    log::Line,
    ports::QueueEntry,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What the sender is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    Deliver { key: DeliveryKey, wish: Wish },
    Tell { workspace: WorkspaceId, webhook: WebhookId },
}

/// A webhook whose owner is owed a notice.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tell {
    tell: TellWhom,
}

#[derive(Serialize, Deserialize)]
struct TellWhom {
    workspace: WorkspaceId,
    webhook: WebhookId,
}

#[derive(Default, Deserialize)]
struct Wished {
    #[serde(default)]
    resend: bool,
    #[serde(default)]
    replay: bool,
}

/// The group of a webhook's notices. No lane is in it: those groups end in a number.
const NOTICES: &str = "notices";

/// The entry of a delivery that goes out for this cause.
pub fn deliver(key: &DeliveryKey, concurrency: u16, cause: &Cause) -> QueueEntry {
    let reference = match cause {
        Cause::Due | Cause::Probe { .. } | Cause::Release { .. } | Cause::File { .. } => delivery::to_reference(key),
        Cause::Resend { .. } => delivery::to_reference(key).replacen('{', r#"{"resend":true,"#, 1),
        Cause::Replay { .. } => delivery::to_reference(key).replacen('{', r#"{"replay":true,"#, 1),
    };
    QueueEntry { reference, group: key.lane.group(concurrency), deduplication_id: key.deduplication_id(cause) }
}

/// The entry of what a webhook's owner has to be told. What is owed is named by its health: it is looked up when it is
/// sent.
pub fn tell(workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> QueueEntry {
    let whom = TellWhom { workspace: workspace.clone(), webhook: webhook.clone() };
    let mut deduplication_id = String::new();
    let about = format!("{workspace}#{webhook}/{}/{}", health.revision, health.owed.len());
    push_hex(&mut deduplication_id, "", &Sha256::digest(about.as_bytes()));
    QueueEntry {
        // Strings under names: there is nothing in it that JSON cannot write.
        reference: serde_json::to_string(&Tell { tell: whom }).unwrap_or_default(),
        group: format!("{workspace}#{webhook}#{NOTICES}"),
        deduplication_id,
    }
}

/// Reads what the queue carries; the error says what is wrong with it.
pub fn parse(text: &str) -> Result<Order, String> {
    if let Ok(Tell { tell: TellWhom { workspace, webhook } }) = serde_json::from_str(text) {
        return Ok(Order::Tell { workspace, webhook });
    }
    let key = delivery::from_reference(text)?;
    let Wished { resend, replay } = serde_json::from_str(text).unwrap_or_default();
    let wish = match (resend, replay) {
        (true, _) => Wish::Resend,
        (false, true) => Wish::Replay,
        (false, false) => Wish::Due,
    };
    Ok(Order::Deliver { key, wish })
}

impl Order {
    /// A log line with the names of what it is about.
    pub(crate) fn name(&self, line: Line) -> Line {
        match self {
            Self::Deliver { key, .. } => name_delivery(line, key),
            Self::Tell { workspace, webhook } => {
                line.text("workspace.id", workspace.as_str()).text("webhook.id", webhook.as_str())
            }
        }
    }

    /// The beginning of the names of the groups that it may be in.
    pub fn group_prefix(&self) -> String {
        match self {
            Self::Deliver { key, .. } => key.lane.group_prefix(),
            Self::Tell { workspace, webhook } => format!("{workspace}#{webhook}#"),
        }
    }
}

/// The names of a delivery.
fn name_delivery(line: Line, key: &DeliveryKey) -> Line {
    let line = line
        .text("workspace.id", key.lane.workspace.as_str())
        .text("webhook.id", key.lane.webhook.as_str())
        .text("chat.id", key.lane.chat.as_str())
        .text("delivery.id", key.webhook_id(0));
    match &key.subject {
        Subject::Bundle { due, cut: None } => line.text("window.end", due.rfc3339()),
        Subject::Bundle { due, cut: Some(cut) } => {
            line.text("window.end", due.rfc3339()).text("window.cut", cut.rfc3339())
        }
        Subject::Message { message, .. } => line.text("message_id", message.in_line()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{delivery::Lane, id::KeyPart, timestamp::Timestamp};

    fn key() -> DeliveryKey {
        let workspace = WorkspaceId::parse("acme").expect("an id");
        let lane = Lane { workspace, webhook: WebhookId::first(), chat: KeyPart::of("{1}") };
        DeliveryKey { lane, subject: Subject::Bundle { due: Timestamp::EPOCH, cut: None } }
    }

    #[test]
    fn what_is_enqueued_is_what_the_sender_reads() {
        for (cause, wish) in [
            (Cause::Due, Wish::Due),
            (Cause::Probe { epoch: 1, error_sequence: 2 }, Wish::Due),
            (Cause::Release { epoch: 1, error_sequence: 2 }, Wish::Due),
            (Cause::Resend { nonce: "n".to_owned() }, Wish::Resend),
            (Cause::Replay { attempts: 11 }, Wish::Replay),
            (Cause::File { object: "files/acme/1/2".to_owned() }, Wish::Due),
        ] {
            let entry = deliver(&key(), 4, &cause);
            assert_eq!(parse(&entry.reference), Ok(Order::Deliver { key: key(), wish }), "{cause:?}");
        }
        let lane = key().lane;
        let entry = tell(&lane.workspace, &lane.webhook, &Health::default());
        let order = Order::Tell { workspace: lane.workspace, webhook: lane.webhook };
        assert!(entry.group.starts_with(&order.group_prefix()));
        assert_eq!(parse(&entry.reference), Ok(order));
        for bad in ["", "{}", r#"{"tell":{}}"#, r#"{"tell":{"workspace":"a#b","webhook":"default"}}"#] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_queue_swallows_the_same_delivery_only_for_the_same_cause() {
        let causes = [
            Cause::Due,
            Cause::Probe { epoch: 1, error_sequence: 2 },
            Cause::Probe { epoch: 1, error_sequence: 3 },
            Cause::Probe { epoch: 2, error_sequence: 2 },
            Cause::Release { epoch: 1, error_sequence: 2 },
            Cause::Release { epoch: 12, error_sequence: 0 },
            Cause::Release { epoch: 1, error_sequence: 20 },
            Cause::Resend { nonce: "1".to_owned() },
            Cause::Resend { nonce: "2".to_owned() },
            Cause::Replay { attempts: 11 },
            Cause::Replay { attempts: 12 },
            Cause::File { object: "files/acme/1/2".to_owned() },
            Cause::File { object: "files/acme/1/3".to_owned() },
        ];
        let ids: std::collections::BTreeSet<String> =
            causes.iter().map(|cause| deliver(&key(), 4, cause).deduplication_id).collect();
        assert_eq!(ids.len(), causes.len());
        assert_eq!(deliver(&key(), 4, &Cause::Due), deliver(&key(), 4, &Cause::Due));
    }
}
