//! Nothing personal of an upstream's call is in any log line, whatever becomes of it, and no number, name or text in any
//! key. What is searched for is every string of the samples that a person could be known by.

use super::{
    door::{APP_SECRET, Door, TWILIO_TOKEN, VERIFY_TOKEN, form},
    message, sample,
    types::TYPES,
};
use crate::world::Loses;
use base64::{Engine, engine::general_purpose::STANDARD};
use bundler::window::Granularity;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Names of fields whose values are upstream's own words.
const PUBLIC: [&str; 12] = [
    "id",
    "type",
    "object",
    "field",
    "timestamp",
    "messaging_product",
    "mime_type",
    "status",
    "emoji",
    "origin",
    "message_id",
    "original_message_id",
];

fn collect(name: &str, value: &Value, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| collect(name, field, all)),
        Value::Array(items) => items.iter().for_each(|item| collect(name, item, all)),
        Value::String(text) if !PUBLIC.contains(&name) && text.len() >= 6 => {
            all.insert(text.clone());
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn check(granularity: Granularity) {
    let door = Door::new(granularity);
    let number = "972540000002";
    // As Meta makes its ids: the number is in them.
    let id = format!("wamid.{}", STANDARD.encode(format!("\u{1d}\u{b}{number}\u{15}\u{2}")));
    let mut personal = BTreeSet::from(
        [APP_SECRET, VERIFY_TOKEN, TWILIO_TOKEN, "+15550001111", "Sam Rivers", &id["wamid.".len()..]]
            .map(str::to_owned),
    );
    for (name, _) in TYPES {
        let call = sample(name);
        collect("", &call, &mut personal);
        let mut own = call.clone();
        message(&mut own)["id"] = json!(format!("{id}{name}"));
        for request in ["put_in_bucket", "put_in_lane", "put_file"] {
            door.world.tape.fail(request, 0, Loses::Request);
            door.meta(&own);
            door.world.tape.repair();
        }
        door.meta(&own);
        door.meta(&own);
        for (field, odd) in [
            ("timestamp", json!("Noa Levi")),
            ("timestamp", json!("1")),
            ("id", json!(["Noa Levi"])),
            ("type", json!("Noa Levi")),
        ] {
            let mut spoilt = own.clone();
            message(&mut spoilt)[field] = odd;
            door.meta(&spoilt);
        }
        let text = call.to_string();
        door.meta_bytes(&text.as_bytes()[..text.len() / 2]);
        door.call("POST", &format!("/v1/whatsapp/{number}"), &[("x-hub-signature-256", &text)], text.as_bytes());
    }
    door.call("GET", &format!("/v1/whatsapp/acme?hub.verify_token={VERIFY_TOKEN}"), &[], b"");
    let fields = [
        ("MessageSid", "SM1"),
        ("From", "whatsapp:+15550001111"),
        ("To", "whatsapp:+15550002222"),
        ("ProfileName", "Sam Rivers"),
        ("Body", "Noa Levi"),
    ];
    for request in ["first_seen", "put_in_bucket"] {
        door.world.tape.fail(request, 0, Loses::Request);
        door.twilio(&fields);
        door.world.tape.repair();
    }
    door.twilio(&fields);
    door.call("POST", "/v1/twilio/acme", &[], form(&fields).as_bytes());
    door.sent();

    assert!(personal.len() > 60 && personal.contains("Do you have it in blue?") && personal.contains(number));
    let lines = door.world.log.all();
    for told in ["updates refused", "call refused", "message was here before", "message not stored", "delivered"] {
        assert!(lines.iter().any(|line| line.contains(told)), "{told} was not written");
    }
    for line in &lines {
        let found = personal.iter().find(|secret| line.contains(secret.as_str()));
        assert_eq!(found, None, "in {line}");
    }
    personal.retain(|secret| !id.contains(secret.as_str()));
    for item in door.world.table.inner.store().items() {
        let key = format!("{} {}", item.key.pk, item.key.sk);
        let found = personal.iter().find(|secret| key.contains(secret.as_str()));
        assert_eq!(found, None, "in {key}");
    }
}

#[test]
fn nothing_of_a_gathered_message_is_in_any_line_or_key() {
    check(Granularity::Hours1);
}

#[test]
fn nothing_of_a_single_message_is_in_any_line_or_key() {
    check(Granularity::None);
}
