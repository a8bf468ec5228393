//! What SES says of a mail after it took it, as the event bus brings it: `detail` of its events "Email Bounced", "Email
//! Complaint Received" and "Email Rejected". It reads what it needs and repeats nothing in an error: there are addresses
//! and whole headers in it.

use crate::mail::{WEBHOOK_TAG, WORKSPACE_TAG};
use bundler::{
    bounce::{Bounce, Cause},
    id::{WebhookId, WorkspaceId},
};
use serde_json::Value;

/// The event, if it is one of those about a mail of ours. Its form is that of SES's developer guide, "Contents of event
/// data": each tag is a list of values; and each of our mails has one destination.
pub fn read(detail: &Value) -> Option<Bounce> {
    let mail = &detail["mail"];
    let tag = |name: &str| mail["tags"][name][0].as_str();
    let cause = match detail["eventType"].as_str()? {
        "Bounce" if detail["bounce"]["bounceType"] == "Permanent" => Cause::Refused("Bounce"),
        // "Transient" and "Undetermined".
        "Bounce" => Cause::Passing,
        "Complaint" => Cause::Refused("Complaint"),
        "Reject" => Cause::Refused("Reject"),
        _ => return None,
    };
    Some(Bounce {
        workspace: WorkspaceId::parse(tag(WORKSPACE_TAG)?).ok()?,
        webhook: WebhookId::parse(tag(WEBHOOK_TAG)?).ok()?,
        address: mail["destination"][0].as_str()?.to_owned(),
        cause,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// As the developer guide's example, with what else is in it.
    fn detail(event_type: &str, bounce_type: &str) -> Value {
        json!({
            "eventType": event_type,
            "bounce": {
                "bounceType": bounce_type, "bounceSubType": "General", "timestamp": "2017-08-05T00:41:02.669Z",
                "bouncedRecipients": [{ "emailAddress": "behind@acme.example", "action": "failed", "status": "5.1.1" }],
            },
            "mail": {
                "timestamp": "2017-08-05T00:40:02.012Z", "messageId": "EXAMPLE7c191be45", "headersTruncated": false,
                "source": "\"TimelinesAI\" <webhooks@example.org>", "destination": ["owner@acme.example"],
                "headers": [{ "name": "To", "value": "owner@acme.example" }],
                "tags": { "ses:configuration-set": ["Set"], "workspace": ["acme"], "webhook": ["default"] },
            },
        })
    }

    fn cause(event_type: &str, bounce_type: &str) -> Option<Cause> {
        read(&detail(event_type, bounce_type)).map(|bounce| bounce.cause)
    }

    #[test]
    fn a_bounce_for_good_a_complaint_and_a_reject_are_refusals_and_other_bounces_pass() {
        assert_eq!(cause("Bounce", "Permanent"), Some(Cause::Refused("Bounce")));
        assert_eq!(cause("Bounce", "Transient"), Some(Cause::Passing));
        assert_eq!(cause("Bounce", "Undetermined"), Some(Cause::Passing));
        assert_eq!(cause("Complaint", ""), Some(Cause::Refused("Complaint")));
        assert_eq!(cause("Reject", ""), Some(Cause::Refused("Reject")));
        for other in ["Delivery", "DeliveryDelay", "Send", ""] {
            assert_eq!(cause(other, "Permanent"), None, "{other}");
        }
    }

    #[test]
    fn it_names_the_webhook_by_its_tags_and_the_address_by_where_the_mail_was_sent() {
        let bounce = read(&detail("Bounce", "Permanent")).expect("a bounce");
        assert_eq!((bounce.workspace.as_str(), bounce.webhook.as_str()), ("acme", "default"));
        assert_eq!(bounce.address, "owner@acme.example", "and not whom it was forwarded to");
    }

    #[test]
    fn what_is_about_no_mail_of_ours_is_none() {
        for (place, other) in [
            ("/eventType", json!(null)),
            ("/mail", json!("owner@acme.example")),
            ("/mail/tags", json!({})),
            ("/mail/tags/workspace", json!(["a b"])),
            ("/mail/tags/webhook", json!([])),
            ("/mail/destination", json!([])),
        ] {
            let mut detail = detail("Bounce", "Permanent");
            *detail.pointer_mut(place).expect("a field") = other;
            assert!(read(&detail).is_none(), "{place}");
        }
        assert!(read(&json!([1])).is_none());
    }
}
