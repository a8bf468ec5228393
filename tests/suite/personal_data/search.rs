//! What is personal, and the search for it in lines.

use crate::world::{WEBHOOK_URL, World, sample};
use bundler::{signature::SigningSecret, window::Granularity};
use serde_json::Value;
use std::collections::BTreeSet;

/// What upstream's ids and enumerations say is no secret.
const PUBLIC: [&str; 6] = ["workspace_id", "chat_id", "message_id", "timestamp", "direction", "mimetype"];

/// The value of a header of the owner's own.
pub(super) const OWN_HEADER: &str = "Bearer ey.own.header";

/// Where the owner is told.
pub(super) const OWNER: &str = "owner.of.acme@mail.example.net";

/// Every string of the sample that is personal, line by line, and the secrets of `world`.
pub(super) fn personal(world: &World) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for event in sample() {
        collect(&event, &mut all);
    }
    let signing = SigningSecret::from_bytes([7; 32]);
    let replaced = SigningSecret::from_bytes([8; 32]);
    let url = url_parts(WEBHOOK_URL);
    all.extend([replaced.reveal().to_owned(), OWN_HEADER.to_owned(), OWNER.to_owned()]);
    all.extend([world.bearer().replace("Bearer ", ""), signing.reveal().to_owned(), "root".repeat(16)]);
    all.extend(url);
    all
}

fn collect(value: &Value, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            fields
                .iter()
                .filter(|(name, _)| !PUBLIC.contains(&name.as_str()))
                .for_each(|(_, field)| collect(field, all));
        }
        Value::String(text) => {
            all.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn url_parts(url: &str) -> Vec<String> {
    let parts = url.split(['/', '?', '=']).skip(1).filter(|part| part.len() >= 4);
    parts.chain([url]).map(str::to_owned).collect()
}

/// What of `personal` stands in the lines, written plainly or as JSON writes it.
pub(super) fn leaks(lines: &[String], personal: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    for line in lines {
        let value: Value = serde_json::from_str(line).expect("a line is JSON");
        let mut shown = vec![line.clone()];
        strings(&value, &mut shown);
        let leaking = personal.iter().filter(|secret| shown.iter().any(|shown| shown.contains(secret.as_str())));
        found.extend(leaking.map(|secret| format!("{secret:?} in {line}")));
    }
    found
}

fn strings(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            all.push(name.clone());
            strings(field, all);
        }),
        Value::Array(items) => items.iter().for_each(|item| strings(item, all)),
        Value::String(text) => all.push(text.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn the_search_finds_each_text_name_number_address_link_and_secret_when_it_is_there() {
    let world = World::new(Granularity::Hours1);
    let personal = personal(&world);
    assert!(personal.len() > 150, "{} strings", personal.len());
    let known =
        ["Nora Quillan", "nora@acme.example.com", "+447700900461", "IMG_0231.jpg", "coll", "\"more\"", WEBHOOK_URL];
    for secret in known {
        assert!(personal.iter().any(|one| one.contains(secret)), "{secret} is not looked for");
    }
    for secret in &personal {
        let line = serde_json::json!({ "message": "delivered", "nested": { "detail": format!("a {secret} b") } });
        assert!(!leaks(&[line.to_string()], &[secret.clone()].into()).is_empty(), "{secret}");
    }
    assert_eq!(leaks(&["{\"message\":\"delivered\"}".to_owned()], &personal), Vec::<String>::new());
}
