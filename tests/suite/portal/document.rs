//! The document that describes the API, held against the routes that there are and every answer that a test gets.

use super::{Desk, Edge, Told};
use bundler::{portal::Access, window::Granularity};
use jsonschema::Validator;
use portal::{DOCUMENT, Manner, routes};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::LazyLock};

static READ: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(DOCUMENT).expect("JSON"));

/// One thing that may be asked for, as the document has it.
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) path: String,
    /// None, where nobody has to show anything.
    pub(super) access: Option<Access>,
    described: &'static Value,
}

/// All of them.
pub(super) fn operations() -> Vec<Operation> {
    let paths = READ["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &'static Value)| -> Vec<Operation> {
        let methods = item.as_object().expect("an item").iter().filter(|(name, _)| *name != "parameters");
        let operation = |(method, described): (&String, &'static Value)| Operation {
            method: method.to_uppercase(),
            path: path.clone(),
            access: access(&described["security"]),
            described,
        };
        methods.map(operation).collect()
    };
    paths.iter().flat_map(of_path).collect()
}

/// Who may, as the document says it.
fn access(security: &Value) -> Option<Access> {
    let (admin, session) = (json!({ "adminKey": [] }), json!({ "session": [] }));
    let changing = json!({ "session": [], "csrfToken": [] });
    match security.as_array().expect("security").as_slice() {
        [] => None,
        [one] if *one == admin => Some(Access::Administer),
        [one, other] if *one == admin && *other == session => Some(Access::Read),
        [one, other] if *one == admin && *other == changing => Some(Access::Change),
        other => panic!("{other:?}"),
    }
}

impl Operation {
    /// Whether a path that was asked for is one of this operation's.
    fn is_at(&self, path: &str) -> bool {
        let path = path.split('?').next().unwrap_or_default();
        let (described, sent): (Vec<_>, Vec<_>) = (self.path.split('/').collect(), path.split('/').collect());
        described.len() == sent.len() && described.iter().zip(sent).all(|(one, it)| one.starts_with('{') || *one == it)
    }

    fn responses(&self) -> &'static serde_json::Map<String, Value> {
        self.described["responses"].as_object().expect("responses")
    }

    fn response(&self, status: u16) -> Option<&'static Value> {
        self.responses().get(&status.to_string()).map(resolved)
    }
}

/// What stands in a place, or what is pointed to from there.
fn resolved(value: &'static Value) -> &'static Value {
    let pointer = value["$ref"].as_str().and_then(|pointer| pointer.strip_prefix('#'));
    pointer.map_or(value, |pointer| READ.pointer(pointer).expect(pointer))
}

fn validator(schema: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = READ["components"].clone();
    jsonschema::options().should_validate_formats(true).build(&whole).expect("a schema")
}

/// Panics, unless the document describes such an answer to such a question.
pub(super) fn hold(method: &str, path: &str, told: &Told) {
    let Some(operation) = operations().into_iter().find(|it| it.method == method && it.is_at(path)) else { return };
    let (status, name) = (told.status, format!("{method} {}", operation.path));
    let response = operation.response(status).unwrap_or_else(|| panic!("{name}: {status} is not described"));
    let essence = told.header("content-type").split(';').next().unwrap_or_default();
    let Some(content) = response.get("content") else {
        return assert!(told.body.is_empty(), "{name}: {status} has no content");
    };
    let schema = content.get(essence).unwrap_or_else(|| panic!("{name}: {status} is no {essence:?}"));
    if essence.ends_with("json") {
        let (json, validator) = (told.json(), validator(&schema["schema"]));
        let faults: Vec<String> = validator.iter_errors(&json).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {status}: {faults:#?}");
    }
    for required in response.get("headers").and_then(Value::as_object).into_iter().flat_map(serde_json::Map::keys) {
        let may_be_missing = ["link", "content-disposition"].contains(&required.as_str());
        assert!(may_be_missing || told.headers.contains_key(required), "{name}: {status} has no {required}");
    }
}

#[test]
fn the_document_describes_every_route_and_no_other_and_who_may() {
    let said: BTreeSet<_> =
        operations().into_iter().map(|it| (it.method, it.path, format!("{:?}", it.access))).collect();
    let there: BTreeSet<_> = routes::<Edge>()
        .into_iter()
        .filter(|it| it.manner == Manner::Api)
        .map(|it| (it.method.to_owned(), it.path.to_owned(), format!("{:?}", it.access)))
        .collect();
    assert_eq!(said, there);
}

#[test]
fn the_document_is_served_and_every_reference_in_it_leads_somewhere() {
    fn references(value: &Value, to: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                to.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
                object.values().for_each(|value| references(value, to));
            }
            Value::Array(array) => array.iter().for_each(|value| references(value, to)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let desk = Desk::new(Granularity::Hours1);
    let told = desk.ask(&super::Asker::default(), "GET", "/v1/openapi.json", None);
    assert_eq!((told.status, told.json()), (200, READ.clone()));
    let mut all = Vec::new();
    references(&READ, &mut all);
    for reference in &all {
        let pointer = reference.strip_prefix('#').expect("a reference within the document");
        assert!(READ.pointer(pointer).is_some(), "{reference}");
    }
    for name in ["schemas", "responses"] {
        for part in READ["components"][name].as_object().expect(name).keys() {
            assert!(all.contains(&format!("#/components/{name}/{part}")), "{part} is used by nothing");
        }
    }
}

#[test]
fn every_schema_is_one_and_knows_what_it_does_not_describe() {
    for (name, schema) in READ["components"]["schemas"].as_object().expect("schemas") {
        assert!(jsonschema::meta::is_valid(schema), "{name}");
        let nonsense = json!({ "nonsense": 1 });
        assert!(!validator(schema).is_valid(&nonsense), "{name} takes anything");
    }
}

#[test]
fn what_has_an_id_of_its_own_says_how_it_fails() {
    let mut ids = BTreeSet::new();
    for operation in operations() {
        let id = operation.described["operationId"].as_str().expect("an id").to_owned();
        assert!(ids.insert(id), "{} stands twice", operation.path);
        if operation.access.is_some() {
            let missing = [401, 403, 404, 413, 429, 503].into_iter().find(|it| operation.response(*it).is_none());
            assert_eq!(missing, None, "{} {}", operation.method, operation.path);
        }
    }
}

#[test]
fn what_is_at_no_path_or_asked_for_by_another_method_is_told_so() {
    let desk = Desk::new(Granularity::Hours1);
    for path in ["/", "/v1", "/v1/workspaces/acme", "/v1/workspaces/acme/webhooks/", "/v1/workspaces/acme/webhooks/a/b"]
    {
        assert_eq!(desk.get(path).status, 404, "{path}");
    }
    let told = desk.ask(&desk.admin(), "DELETE", super::HOOK, None);
    assert_eq!((told.status, told.header("content-type")), (405, "application/problem+json"));
    let allowed: BTreeSet<&str> = told.header("allow").split(',').map(str::trim).collect();
    assert_eq!(allowed, ["GET", "HEAD", "PATCH"].into());
}
