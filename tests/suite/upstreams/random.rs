//! No bytes make an adapter panic, and none keep it from reading the message that stands beside them.

use super::{Around, sample, types::TYPES};
use crate::world::{Random, at};
use bundler::upstream::{Credentials, twilio, whatsapp};
use serde_json::{Value, json};

/// A value of each kind, some of which a text could be taken for.
fn values() -> Vec<Value> {
    let long = "א".repeat(2_000);
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1e300),
        json!(18_446_744_073_709_551_615_u64),
        json!(""),
        json!("\u{0}\u{202e}\n"),
        json!("9".repeat(400)),
        json!(long),
        json!([]),
        json!([null, [], {}]),
        json!({}),
        json!({ "body": { "body": [] }, "type": "type", "id": [] }),
        json!("text"),
        json!("edit"),
        json!("system"),
    ]
}

fn pointers(at: &str, value: &Value, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| pointers(&format!("{at}/{name}"), field, all)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at_index, item)| pointers(&format!("{at}/{at_index}"), item, all));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn a_field_of_any_kind_or_none_harms_no_message_beside_it() {
    let around = Around::default();
    let good = sample("text");
    let mut mutants = 0;
    for (name, _) in TYPES {
        let call = sample(name);
        let mut places = Vec::new();
        pointers("", &call, &mut places);
        for place in places {
            let mut check = |mutate: &dyn Fn(&mut Value)| {
                let mut mutant = call.clone();
                mutate(&mut mutant);
                around.read(&mutant);
                if mutant["entry"].is_array() {
                    let beside = json!({ "entry": [mutant["entry"], good["entry"][0], mutant["entry"][0]] });
                    let read = around.read(&beside);
                    let texts = read.iter().flatten().map(|incoming| incoming.event.message.text.as_str());
                    assert!(texts.into_iter().any(|text| text == "Do you have it in blue?"), "{name} {place}");
                }
                mutants += 1;
            };
            for value in values() {
                check(&|mutant| *mutant.pointer_mut(&place).expect("a place") = value.clone());
            }
            if let Some((parent, field)) = place.rsplit_once('/') {
                check(&|mutant| {
                    drop(mutant.pointer_mut(parent).and_then(Value::as_object_mut).and_then(|of| of.remove(field)));
                });
            }
        }
    }
    assert!(mutants > 10_000, "{mutants}");
}

#[test]
fn no_bytes_make_it_panic() {
    let (around, mut random) = (Around::default(), Random(7));
    let credentials =
        Credentials::parse(r#"{"whatsapp_app_secrets":"a","whatsapp_verify_token":"a","twilio_auth_tokens":"a"}"#);
    let credentials = credentials.expect("credentials");
    for round in 0..4_000 {
        let mut body = sample(TYPES[round % TYPES.len()].0).to_string().into_bytes();
        for _ in 0..=random.below(4) {
            let place = random.below(body.len());
            match random.below(4) {
                0 => body[place] = random.byte(),
                1 => body.truncate(place.max(1)),
                2 => drop(body.drain(place..(place + 9).min(body.len()))),
                _ => body.splice(place..place, random.bytes(9)).for_each(drop),
            }
            if body.is_empty() {
                body.push(b'{');
            }
        }
        if let Ok(updates) = whatsapp::updates(&body) {
            for update in updates {
                let _ = whatsapp::read(&around.reader(), &update);
            }
        }
        let text = String::from_utf8_lossy(&body);
        whatsapp::challenge(&credentials, &text);
        whatsapp::is_signed(&credentials, Some(&text), &body);
        twilio::is_signed(&credentials, Some(&text), &text, &text);
        twilio::read(&around.reader(), &twilio::Form::read(&text), at("2026-03-02T08:50:00Z"));
    }
}
