//! Every document that goes out is what `bundle.schema.json` and `message.schema.json` say, and they say enough to tell
//! another document from it.

use super::schema;
use crate::world::{World, sample};
use bundler::{ingest::Outcome, window::Granularity};
use serde_json::{Value, json};

/// The documents that the sample conversation comes to.
fn documents(granularity: Granularity) -> Vec<Value> {
    let world = World::starting("2026-03-02T08:50:00Z", granularity);
    for outcome in world.ingest_on_time(&sample()) {
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }
    world.set_time("2026-03-03T00:02:45Z");
    assert!(world.tick().expect("a tick").complete);
    world.drain();
    world.receiver.documents()
}

fn check(granularity: Granularity, schema_name: &str, count: usize) {
    let schema = schema(schema_name);
    let documents = documents(granularity);
    assert_eq!(documents.len(), count, "{granularity:?}");
    for document in &documents {
        let error = schema.iter_errors(document).next().map(|error| error.instance_path().to_string());
        assert_eq!(error, None, "{granularity:?} {document:#}");
    }
    let messages = |document: &Value| document["messages"].as_array().map_or(1, Vec::len);
    assert_eq!(documents.iter().map(messages).sum::<usize>(), 62, "{granularity:?}");
}

#[test]
fn the_bundles_of_the_sample_are_what_their_schema_says() {
    check(Granularity::Hours24, "bundle.schema.json", 3);
    check(Granularity::Hours12, "bundle.schema.json", 6);
    check(Granularity::Hours1, "bundle.schema.json", hours_with_messages());
}

#[test]
fn the_messages_of_the_sample_are_what_their_schema_says() {
    check(Granularity::None, "message.schema.json", 62);
}

/// How many pairs of a chat and an hour the sample has.
fn hours_with_messages() -> usize {
    let hour = |event: &Value| {
        let timestamp = event["message"]["timestamp"].as_str().expect("a timestamp");
        (event["chat"]["chat_id"].to_string(), timestamp[..13].to_owned())
    };
    sample().iter().map(hour).collect::<std::collections::BTreeSet<_>>().len()
}

#[test]
fn a_document_with_a_field_more_or_less_is_not_what_its_schema_says() {
    for (granularity, name) in
        [(Granularity::Hours24, "bundle.schema.json"), (Granularity::None, "message.schema.json")]
    {
        let schema = schema(name);
        let with_file = |document: &Value| document.to_string().contains("\"attachment\"");
        let document = documents(granularity).into_iter().find(with_file).expect("a document with a file");
        let mut checked = 0;
        for object in objects("", &document) {
            let mut more = document.clone();
            more.pointer_mut(&object).expect("an object")["more"] = json!(1);
            assert!(!schema.is_valid(&more), "{name}: more in {object:?}");
            let names: Vec<_> =
                document.pointer(&object).and_then(Value::as_object).expect("an object").keys().collect();
            // What a message without a file lacks, and one whose file could not be had.
            let may_be_missing = ["attachment", "temporary_download_url", "size"];
            for field in names.into_iter().filter(|field| !may_be_missing.contains(&field.as_str())) {
                let mut less = document.clone();
                less.pointer_mut(&object).and_then(Value::as_object_mut).expect("an object").remove(field);
                assert!(!schema.is_valid(&less), "{name}: no {field} in {object:?}");
                checked += 1;
            }
        }
        assert!(checked > 20, "{checked}");
    }
}

#[test]
fn a_document_whose_file_could_not_be_had_is_what_its_schema_says() {
    for (granularity, name) in
        [(Granularity::Hours24, "bundle.schema.json"), (Granularity::None, "message.schema.json")]
    {
        let mut text = documents(granularity).into_iter().map(|document| document.to_string());
        let with_file = text.find(|text| text.contains("\"attachment\"")).expect("a document with a file");
        let mut document: Value = serde_json::from_str(&with_file).expect("JSON");
        for object in objects("", &document).into_iter().filter(|object| object.ends_with("/attachment")) {
            let file = document.pointer_mut(&object).and_then(Value::as_object_mut).expect("an object");
            assert!(file.remove("temporary_download_url").is_some() && file.remove("size").is_some());
        }
        assert!(schema(name).is_valid(&document), "{name}");
    }
}

/// The JSON pointers of every object in a value.
fn objects(at: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let within = fields.iter().flat_map(|(name, field)| objects(&format!("{at}/{name}"), field));
            std::iter::once(at.to_owned()).chain(within).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, item)| objects(&format!("{at}/{index}"), item)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}
