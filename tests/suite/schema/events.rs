//! The parser and `event.schema.json` take the same events, and a refusal names the field that is wrong.

use super::{mutation::mutants, schema};
use crate::world::{article, sample};
use bundler::native;
use serde_json::{Value, json};

/// The article's example with every optional field.
fn whole() -> Value {
    let mut event = article();
    event["message"]["permalink"] = json!("https://app.timelines.ai/permalink/77a28d55-5345-5435-8c72-3a7bcad8ded9/");
    let file = event["message"]["attachment"].as_object_mut().expect("a file");
    // The name by which a platform that builds its own events tells it.
    let url = file.remove("temporary_download_url").expect("a link");
    file.insert("source_url".to_owned(), url);
    event
}

#[test]
fn every_event_of_the_sample_and_of_the_article_is_taken_by_both() {
    let schema = schema("event.schema.json");
    let bundle: Vec<Value> = serde_json::from_str(include_str!("../golden/bundle.events.json")).expect("events");
    let events: Vec<Value> = sample().into_iter().chain(bundle).chain([article(), whole()]).collect();
    assert_eq!(events.len(), 62 + 2 + 2);
    for event in events {
        assert!(schema.is_valid(&event), "{event:#}");
        assert!(native::parse(&event, "").is_ok(), "{event:#}");
    }
}

#[test]
fn what_the_parser_takes_the_schema_takes_and_the_other_way_round() {
    let schema = schema("event.schema.json");
    let (mut taken, mut refused) = (0, 0);
    for mutant in mutants(&whole()) {
        // Timestamps have a test of their own, for there is more to them than a schema can say.
        if mutant.pointer == "/message/timestamp" && mutant.event.pointer(&mutant.pointer).is_some_and(Value::is_string)
        {
            continue;
        }
        let (parsed, valid) = (native::parse(&mutant.event, ""), schema.is_valid(&mutant.event));
        let (pointer, what) = (&mutant.pointer, &mutant.what);
        assert_eq!(parsed.is_ok(), valid, "{pointer} {what}: the parser says {parsed:?}, the schema {valid}");
        if valid { taken += 1 } else { refused += 1 }
    }
    // Else one side of the comparison would stand for both.
    assert!(taken > 1_000 && refused > 1_000, "{taken} taken, {refused} refused");
}

#[test]
fn a_refusal_names_the_field_that_is_wrong_and_no_other() {
    for mutant in mutants(&whole()) {
        let Err(errors) = native::parse(&mutant.event, "") else { continue };
        let (pointer, what) = (&mutant.pointer, &mutant.what);
        assert!(!errors.is_empty(), "{pointer} {what}: refused without a reason");
        for error in errors {
            let named = error.pointer == *pointer || error.pointer.starts_with(&format!("{pointer}/"));
            assert!(named, "{pointer} {what}: named {}", error.pointer);
            assert!(error.detail.chars().all(|character| character.is_ascii_graphic() || character == ' '));
        }
    }
}

/// The article's example with its file told of so.
fn with_file(fields: &Value) -> Value {
    let mut event = whole();
    let file = event["message"]["attachment"].as_object_mut().expect("a file");
    file.remove("source_url");
    file.extend(fields.as_object().expect("fields").clone());
    event
}

#[test]
fn a_files_place_is_told_in_one_of_four_ways_and_parser_and_schema_agree_on_each() {
    let schema = schema("event.schema.json");
    let url = "https://files.example.org/1";
    let whole_content = "A".repeat(349_528);
    for (fields, is_taken) in [
        (json!({ "source_url": url }), true),
        (json!({ "source_url": url, "source_headers": { "authorization": "Bearer x", "x-a": "b c" } }), true),
        (json!({ "source_url": url, "source_headers": null, "content": null, "source_object": null }), true),
        (json!({ "temporary_download_url": url, "size": null }), true),
        (json!({ "source_object": { "bucket": "platform-files", "key": "a/b c.png" } }), true),
        (json!({ "content": "", "size": 0 }), true),
        (json!({ "content": "QQ==", "size": 1 }), true),
        (json!({ "content": whole_content, "size": null }), true),
        (json!({}), false),
        (json!({ "source_url": null }), false),
        (json!({ "source_url": url, "content": "QQ==", "size": 1 }), false),
        (json!({ "source_url": url, "temporary_download_url": url }), false),
        (json!({ "source_url": "ftp://files.example.org/1" }), false),
        (json!({ "source_url": url, "source_headers": { "a b": "x" } }), false),
        (json!({ "source_url": url, "source_headers": { "x-a": "x\ny" } }), false),
        (json!({ "source_url": url, "source_headers": { "x-a": 1 } }), false),
        (json!({ "source_url": url, "source_headers": "x-a: 1" }), false),
        (json!({ "source_object": { "bucket": "Platform", "key": "a" } }), false),
        (json!({ "source_object": { "bucket": "platform-files" } }), false),
        (json!({ "source_object": { "bucket": "platform-files", "key": "a\u{0}" } }), false),
        (json!({ "content": "QR==", "size": null }), false),
        (json!({ "content": "not base64", "size": null }), false),
        (json!({ "content": format!("{whole_content}AAAA"), "size": null }), false),
    ] {
        let event = with_file(&fields);
        let shown = fields.to_string().chars().take(120).collect::<String>();
        assert_eq!(native::parse(&event, "").is_ok(), is_taken, "{shown}: {:?}", native::parse(&event, "").err());
        assert_eq!(schema.is_valid(&event), is_taken, "{shown}");
    }
}

#[test]
fn a_size_that_is_not_the_contents_own_is_refused_and_named() {
    let errors = native::parse(&with_file(&json!({ "content": "QQ==", "size": 2 })), "").expect_err("refused");
    assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), ["/message/attachment/size"]);
}

#[test]
fn unknown_fields_are_ignored_at_every_level() {
    let mutants = mutants(&whole());
    let unknown: Vec<_> = mutants.iter().filter(|mutant| mutant.what == "gets an unknown field").collect();
    let places: Vec<_> = unknown.iter().map(|mutant| mutant.pointer.as_str()).collect();
    let objects = ["", "/chat", "/message", "/message/attachment", "/message/recipient", "/message/sender"];
    assert_eq!(places, [&objects[..], &["/whatsapp_account"]].concat());
    for mutant in unknown {
        assert_eq!(native::parse(&mutant.event, ""), native::parse(&whole(), ""), "{}", mutant.pointer);
    }
}

#[test]
fn what_may_be_missing_is_the_permalink_and_the_file_alone() {
    let removed = mutants(&whole()).into_iter().filter(|mutant| mutant.what == "is removed");
    let may_be_missing: Vec<_> = removed.filter(|mutant| native::parse(&mutant.event, "").is_ok()).collect();
    let pointers: Vec<_> = may_be_missing.iter().map(|mutant| mutant.pointer.as_str()).collect();
    assert_eq!(pointers, ["/message/attachment", "/message/attachment/size", "/message/permalink"]);
}
