//! The call that brings messages in: each way in which it can be wrong has its status and a problem document (RFC 9457)
//! that names the field, and leaves nothing half stored.

mod batches;
mod calls;
mod events;
mod keys;
mod random;
mod trouble;

use crate::world::{World, message};
use bundler::{api::Reply, window::Granularity};
use serde_json::Value;

const PATH: &str = "/v1/workspaces/acme/messages";

fn world() -> World {
    World::new(Granularity::Hours1)
}

/// A message that is right in every way.
fn good(id: &str) -> Value {
    message("2021-02-24T16:25:29+0000", id, "lorem ipsum")
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).expect("every reply is JSON")
}

/// The problem document that a refusal must be.
fn problem(reply: &Reply) -> Value {
    let document = json(reply);
    assert_eq!(header(reply, "content-type"), Some("application/problem+json"), "{document}");
    assert_eq!(document["status"], reply.status, "{document}");
    for field in ["title", "detail"] {
        assert!(document[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {document}");
    }
    document
}

/// The fields that a problem names.
fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().map(|error| error["pointer"].as_str().expect("a pointer")).collect()
}

/// What happened to each event.
fn statuses(reply: &Reply) -> Vec<String> {
    let document = json(reply);
    let results = document["results"].as_array().expect("results");
    results.iter().map(|result| result["status"].as_str().expect("a status").to_owned()).collect()
}
