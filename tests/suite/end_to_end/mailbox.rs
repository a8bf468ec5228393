//! Everybody's letter box: what the functions sent by the emulator's SES. And what is heard of a mail later.

use super::deploy::Stack;
use super::hook::Hook;
use super::workspace::Workspace;
use super::{http, place};
use bundler::window::Granularity;
use serde_json::{Value, json};

const OWNER: &str = "owner@bounced.example";

/// A mail as it was handed over.
pub(crate) struct Mail {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// What was sent to an address, oldest first.
pub(crate) fn sent_to(stack: &Stack, address: &str) -> Vec<Mail> {
    let answer =
        http::request(stack.address(), "GET /_ministack/ses/messages", &[], b"").expect("the emulator answers");
    let body: Value = serde_json::from_slice(&answer.body).expect("its letter box is JSON");
    let accounts = body["messages"].as_object().expect("it is kept by account");
    let mails = accounts.values().filter_map(Value::as_array).flatten();
    let text = |mail: &Value, part: &str| mail[part].as_str().expect("a mail has this part").to_owned();
    let read = |mail: &Value| Mail {
        subject: text(mail, "Subject"),
        text: text(mail, "BodyText"),
        html: text(mail, "BodyHtml"),
    };
    mails.filter(|mail| mail["To"] == json!([address])).map(read).collect()
}

#[test]
fn what_ses_says_of_a_mail_later_wakes_the_sender_which_shows_it_and_names_no_address() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    let _workspace = Workspace::set_up_with(stack, "bounced", Granularity::Hours1, |settings| {
        settings.owner_email = Some(OWNER.to_owned());
    });
    let hook = Hook::of(stack, "bounced");
    let set = stack.physical_name("OwnersMails");
    let events =
        stack.aws().call("sesv2", "get_configuration_set_event_destinations", &json!({ "ConfigurationSetName": set }));
    let told = &events["EventDestinations"][0];
    assert_eq!(
        (&told["Enabled"], &told["MatchingEventTypes"]),
        (&json!(true), &json!(["BOUNCE", "COMPLAINT", "REJECT"]))
    );

    let bounce = event(&set, "Permanent");
    assert_wakes_the_sender(stack, &bounce, "another-set");
    // The emulator's SES knows of no bounces, and nobody but SES may put its events on the bus.
    stack.invoke("sender", &event(&set, "Transient"));
    assert_eq!(hook.health().mail_refused, None, "a full mailbox is no refusal");
    let answer = stack.invoke("sender", &bounce);
    assert!(answer.get("errorType").is_none(), "{answer}");

    assert_eq!(hook.health().mail_refused.map(|refused| refused.code).as_deref(), Some("Bounce"));
    let lines = stack.log_lines("sender");
    let counted = |line: &&Value| line["outcome"] == bundler::tell::REFUSED && line["workspace"]["id"] == "bounced";
    assert_eq!(lines.iter().filter(counted).count(), 1);
    assert!(!lines.iter().any(|line| line.to_string().contains(OWNER)), "the sender logged an address");
}

/// As SES puts it on the bus.
fn event(set: &str, bounce_type: &str) -> Value {
    json!({
        "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "Email Bounced",
        "source": "aws.ses", "account": "000000000000", "time": "2026-11-22T19:00:00Z", "region": "us-east-1",
        "resources": [format!("arn:aws:ses:us-east-1:000000000000:configuration-set/{set}")],
        "detail": {
            "eventType": "Bounce",
            "bounce": { "bounceType": bounce_type, "bouncedRecipients": [{ "emailAddress": OWNER }] },
            "mail": {
                "source": "webhooks@bundlehook.example", "destination": [OWNER],
                "tags": { "ses:configuration-set": [set], "workspace": ["bounced"], "webhook": ["default"] },
            },
        },
    })
}

/// The rule takes this event and none of another configuration set, and hands it to the sender.
fn assert_wakes_the_sender(stack: &Stack, bounce: &Value, another_set: &str) {
    let rule = stack.physical_name("OwnersMailsRule");
    let described = stack.aws().call("events", "describe_rule", &json!({ "Name": rule }));
    let takes = |event: &Value| {
        let parameters = json!({ "EventPattern": described["EventPattern"], "Event": event.to_string() });
        stack.aws().call("events", "test_event_pattern", &parameters)["Result"] == true
    };
    let mut other = bounce.clone();
    other["detail"]["mail"]["tags"]["ses:configuration-set"] = json!([another_set]);
    assert_eq!((takes(bounce), takes(&other)), (true, false));
    let targets = stack.aws().call("events", "list_targets_by_rule", &json!({ "Rule": rule }));
    let arn = targets["Targets"][0]["Arn"].as_str().expect("the rule has a target");
    assert!(arn.ends_with(&format!(":function:{}", stack.physical_name("SenderFunction"))), "{arn}");
}
