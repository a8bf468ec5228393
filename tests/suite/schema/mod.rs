//! The repository's schemas against the code, in both directions: what the parser takes the schema of events takes, and
//! the other way round; every document that goes out is what its schema says.

mod events;
mod mutation;
mod outgoing;
mod timestamps;

use jsonschema::Validator;
use serde_json::Value;
use std::path::Path;

/// The validator of a schema of the repository.
pub(crate) fn schema(name: &str) -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bundler/schemas").join(name);
    let text = std::fs::read_to_string(path).expect("a schema");
    jsonschema::validator_for(&serde_json::from_str::<Value>(&text).expect("JSON")).expect("a valid schema")
}
