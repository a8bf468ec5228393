//! The Code steps of a Zap, run in Node with what Zapier gives to them.

use super::letter::{Letter, NAME, PHONE, TEXT, attachment, bundle, message, secret};
use super::running::recipe;
use crate::end_to_end::place;
use crate::end_to_end::process::Process;
use crate::end_to_end::python::Tools;
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(1);

/// What the steps return, or `{"failed": …}`; they share a store.
fn run(name: &str, steps: &[(&str, Value)]) -> Vec<Value> {
    let steps =
        steps.iter().map(|(step, input)| json!({ "step": recipe(&format!("zapier/{step}.js")), "input": input }));
    let file = place::run_folder().join(format!("zapier-{name}.json"));
    fs::write(&file, Value::from(steps.collect::<Vec<_>>()).to_string()).expect("the steps are written");
    let node = Process::start(&format!("zapier-{name}"), Tools::installed().program("node"), |command| {
        command.arg(place::script("recipes/zapier.cjs")).arg(&file);
    });
    node.finish(LIMIT).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn input(letter: &Letter, secrets: &str) -> Value {
    let body = String::from_utf8(letter.body.clone()).expect("JSON is text");
    let [id, timestamp, signature] =
        ["id", "timestamp", "signature"].map(|name| letter.header(&format!("webhook-{name}")));
    json!({ "body": body, "id": id, "timestamp": timestamp, "signature": signature, "secret": secrets, "store": "a" })
}

#[test]
fn a_zap_gets_a_bundles_note_and_files_once() {
    let files = [attachment("a.pdf", Some("https://example.com/a"), Some(1)), attachment("gone.pdf", None, None)];
    let both = [secret(2), secret(1)];
    let [letter, other] = ["msg_1", "msg_2"].map(|id| Letter::signed(id, &both, &bundle(&files)));
    let check = ("check", input(&letter, secret(1).reveal()));
    let first = run("first", std::slice::from_ref(&check)).remove(0);
    let expected = json!({
        "is_new": true, "slot": first["slot"], "id": "msg_1", "note": bundle(&[])["aggregation"], "phone": PHONE,
        "name": NAME, "is_group": false, "chat_url": "https://app.timelines.ai/chat/10010001/messages/",
        "ended_at": "2021-02-24T16:25:29+0000", "file_names": ["a.pdf"], "file_links": ["https://example.com/a"],
    });
    assert_eq!(first, expected);
    // A run that failed before its last step is no reason to drop the document.
    let mark = ("mark", json!({ "id": "msg_1", "slot": first["slot"], "store": "a" }));
    let other = ("check", input(&other, secret(1).reveal()));
    let seen = run("again", &[check.clone(), check.clone(), mark, check, other]);
    let is_new: Vec<_> = seen.iter().map(|result| &result["is_new"]).collect();
    assert_eq!(is_new, [&json!(true), &json!(true), &Value::Null, &json!(false), &json!(true)]);
}

#[test]
fn a_zap_ends_with_an_error_where_a_document_is_not_signed_as_it_should_be() {
    let mut message = message();
    message["text"] = "<b>\nc".into();
    let letter = Letter::signed("msg_1", &[secret(1)], &json!({ "chat": bundle(&[])["chat"], "message": message }));
    let signature = letter.header("webhook-signature").to_owned();
    let text = String::from_utf8(letter.body.clone()).expect("text");
    let wrong = [
        letter.with_body(text.replace("private-key", "x").replace("Jane", "June").as_bytes()),
        letter.with_header("webhook-signature", &signature[..signature.len() - 1]),
        letter.with_header("webhook-signature", ""),
        letter.with_header("webhook-id", "msg_2"),
    ];
    let mut steps: Vec<_> = wrong.iter().map(|letter| ("check", input(letter, secret(1).reveal()))).collect();
    steps.push(("check", input(&letter, secret(2).reveal())));
    for result in run("wrong", &steps) {
        assert_eq!(result, json!({ "failed": "this is not signed as it should be" }));
    }
    // While one secret replaces the other, both are given.
    let secrets = format!("{} {}", secret(2).reveal(), secret(1).reveal());
    let right = run("right", &[("check", input(&letter, &secrets))]).remove(0);
    assert_eq!(right["note"], format!("from {NAME}: &#60;b&#62;<br/>c"));
    assert!(!right.to_string().contains(TEXT));
}
