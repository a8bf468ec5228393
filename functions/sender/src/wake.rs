//! What wakes the sender: a batch of a queue, or what the mail service says of an e-mail on the event bus. Whoever puts a
//! record on a queue can write nothing that would be taken for the other.

use aws::{
    batch::{self, Record},
    bounce,
};
use bundler::bounce::Bounce;
use serde::Deserialize;
use serde_json::Value;

/// What Lambda hands over.
#[derive(Deserialize)]
pub(crate) struct Wake {
    #[serde(rename = "Records")]
    records: Option<Vec<Record>>,
    /// Of an event of the bus. Read piece by piece, because an error of serde's may repeat what it read.
    detail: Option<Value>,
}

pub(crate) enum Woken {
    Records(Vec<Record>),
    Bounce(Bounce),
}

impl Wake {
    pub(crate) fn read(self) -> Result<Woken, &'static str> {
        match self {
            Self { records: Some(records), .. } => batch::checked(records).map(Woken::Records),
            Self { records: None, detail: Some(detail) } => {
                bounce::read(&detail).map(Woken::Bounce).ok_or("an event that is about no e-mail of ours")
            }
            Self { records: None, detail: None } => Err("neither a batch nor an event"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn woken(payload: Value) -> Result<Woken, &'static str> {
        serde_json::from_value::<Wake>(payload).expect("it reads").read()
    }

    fn event() -> Value {
        let mail =
            json!({ "destination": ["owner@acme.example"], "tags": { "workspace": ["acme"], "webhook": ["w"] } });
        json!({ "source": "aws.ses", "detail-type": "Email Rejected", "detail": { "eventType": "Reject", "mail": mail } })
    }

    #[test]
    fn a_batch_is_its_records_whatever_they_hold() {
        let record = json!({ "messageId": "1", "body": event().to_string(), "eventSourceARN": "queue" });
        assert!(matches!(woken(json!({ "Records": [record] })), Ok(Woken::Records(records)) if records.len() == 1));
        assert!(woken(json!({ "Records": [{ "messageId": "", "body": "" }] })).is_err());
    }

    #[test]
    fn an_event_about_a_mail_is_a_bounce_and_another_an_error_that_repeats_nothing() {
        assert!(matches!(woken(event()), Ok(Woken::Bounce(bounce)) if bounce.workspace.as_str() == "acme"));
        for other in [json!({}), json!({ "detail": "owner@acme.example" }), json!({ "detail": { "mail": [] } })] {
            let error = woken(other).err().expect("an error");
            assert!(!error.contains('@'));
        }
    }
}
