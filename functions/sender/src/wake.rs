//! What wakes the sender: a batch of a queue, what the mail service says of an e-mail on the event bus, or who wants a
//! test. Whoever puts a record on a queue can write nothing that would be taken for another.

use aws::{
    batch::{self, Record},
    bounce,
};
use bundler::{
    bounce::Bounce,
    id::{WebhookId, WorkspaceId},
};
use serde::Deserialize;
use serde_json::Value;

/// What Lambda hands over.
#[derive(Deserialize)]
pub(crate) struct Wake {
    #[serde(rename = "Records")]
    records: Option<Vec<Record>>,
    /// Of an event of the bus. Read piece by piece, because an error of serde's may repeat what it read.
    detail: Option<Value>,
    test: Option<Test>,
}

/// Whose test is wanted.
#[derive(Deserialize)]
pub(crate) struct Test {
    pub(crate) workspace: WorkspaceId,
    pub(crate) webhook: WebhookId,
}

pub(crate) enum Woken {
    Records(Vec<Record>),
    Bounce(Bounce),
    Test(Test),
}

impl Wake {
    pub(crate) fn read(self) -> Result<Woken, &'static str> {
        match self {
            Self { records: Some(records), .. } => batch::checked(records).map(Woken::Records),
            Self { records: None, detail: Some(detail), .. } => {
                bounce::read(&detail).map(Woken::Bounce).ok_or("an event that is about no e-mail of ours")
            }
            Self { records: None, detail: None, test: Some(test) } => Ok(Woken::Test(test)),
            Self { records: None, detail: None, test: None } => Err("neither a batch nor an event nor a test"),
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
    fn a_test_is_that_of_the_webhook_that_it_names_and_no_part_of_a_record_or_an_event_is_one() {
        let test = json!({ "workspace": "acme", "webhook": "w" });
        assert!(matches!(woken(json!({ "test": test })), Ok(Woken::Test(it)) if it.webhook.as_str() == "w"));
        let record = json!({ "messageId": "1", "body": "", "test": test });
        assert!(matches!(woken(json!({ "Records": [record], "test": test })), Ok(Woken::Records(_))));
        let mut event = event();
        event["test"] = test;
        assert!(matches!(woken(event), Ok(Woken::Bounce(_))));
        let unfit = json!({ "test": { "workspace": "a#b", "webhook": "w" } });
        assert!(serde_json::from_value::<Wake>(unfit).is_err());
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
