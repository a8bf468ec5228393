//! Notes in CRMs: the calls that their documentation asks for, to servers that stand for theirs.

use super::letter::{Letter, NAME, PHONE, TEXT, bundle, message, secret};
use super::running::{Recipe, Running};
use super::server::{Server, answer};
use crate::end_to_end::http::Message;
use serde_json::{Value, json};
use std::sync::Mutex;

const TOKEN: &str = "private-token";

/// A receiver that makes notes at this server.
fn to_hubspot(name: &str, server: &Server) -> Running {
    let environment = [("HUBSPOT_TOKEN", TOKEN), ("HUBSPOT_URL", &server.url(""))];
    Recipe::Python.run_with(name, secret(1).reveal(), &["--to", "hubspot"], &environment)
}

fn to_pipedrive(name: &str, server: &Server) -> Running {
    let environment = [("PIPEDRIVE_TOKEN", TOKEN), ("PIPEDRIVE_URL", &server.url(""))];
    Recipe::Python.run_with(name, secret(1).reveal(), &["--to", "pipedrive"], &environment)
}

/// A `HubSpot` in which these numbers are contacts, the ids of which start at 101.
fn hubspot(numbers: &'static [&str]) -> Server {
    Server::start(move |request| match request.target() {
        "/crm/v3/objects/contacts/search" => {
            let groups = body(request)["filterGroups"].clone();
            let asked = groups.as_array().into_iter().flatten().map(|group| group["filters"][0]["value"].clone());
            let asked: Vec<Value> = asked.collect();
            let found = (101..).zip(numbers).filter(|(_, number)| asked.contains(&json!(number)));
            let results: Vec<_> = found.map(|(id, _)| json!({ "id": id.to_string(), "properties": {} })).collect();
            reply(200, &json!({ "total": results.len(), "results": results }))
        }
        _ => reply(201, &json!({ "id": "1", "properties": {} })),
    })
}

fn reply(status: u16, body: &Value) -> Vec<u8> {
    answer(status, body.to_string().as_bytes())
}

fn body(request: &Message) -> Value {
    serde_json::from_slice(&request.body).expect("JSON")
}

/// The first line, without the protocol's version, and the body of each request.
fn calls(server: &Server) -> Vec<(String, Value)> {
    let call = |request: &Message| {
        let body = if request.body.is_empty() { Value::Null } else { body(request) };
        (format!("{} {}", request.method(), request.target()), body)
    };
    server.asked().iter().map(call).collect()
}

fn assert_silent(receiver: &Running) {
    let printed = receiver.lines().join("\n");
    for private in [TEXT, NAME, PHONE, TOKEN] {
        assert!(!printed.contains(private), "{printed}");
    }
}

#[test]
fn a_bundle_is_a_note_on_the_hubspot_contact_of_its_number() {
    let server = hubspot(&["+1", PHONE]);
    let receiver = to_hubspot("hubspot", &server);
    let letter = Letter::signed("msg_1", &[secret(1)], &bundle(&[]));
    assert_eq!((receiver.send(&letter), receiver.send(&letter)), (200, 200));
    let filter = |name| json!({ "filters": [{ "propertyName": name, "operator": "EQ", "value": PHONE }] });
    let search = json!({
        "filterGroups": [filter("phone"), filter("mobilephone")], "properties": ["hs_object_id"], "limit": 10,
    });
    let to_contact = json!({ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202 });
    let note = json!({
        "properties": { "hs_timestamp": "2021-02-24T16:25:29Z", "hs_note_body": bundle(&[])["aggregation"] },
        "associations": [{ "to": { "id": "102" }, "types": [to_contact] }],
    });
    let expected = [("POST /crm/v3/objects/contacts/search", search), ("POST /crm/v3/objects/notes", note)];
    assert_eq!(calls(&server), expected.map(|(line, body)| (line.to_owned(), body)));
    for request in server.asked() {
        assert_eq!(request.header("authorization"), Some("Bearer private-token"));
        assert_eq!(request.header("content-type"), Some("application/json"));
    }
    assert_eq!(receiver.lines()[0], "msg_1 taken: 1 messages, 1 notes on 1 contacts");
    assert_silent(&receiver);
}

#[test]
fn a_groups_bundle_is_a_note_on_the_contacts_of_those_who_wrote() {
    let server = hubspot(&["+1", "+2", "+3"]);
    let receiver = to_hubspot("hubspot-group", &server);
    let mut document = bundle(&[]);
    document["chat"]["phone"] = "".into();
    document["messages"] = ["+1", "+3", "+1", "", "+2"].map(written_by).to_vec().into();
    document["messages"][4]["direction"] = "sent".into();
    assert_eq!(receiver.send(&Letter::signed("msg_1", &[secret(1)], &document)), 200);
    let calls = calls(&server);
    assert_eq!(calls.len(), 3, "{calls:?}");
    let to: Vec<_> =
        calls[2].1["associations"].as_array().expect("a list").iter().map(|one| &one["to"]["id"]).collect();
    assert_eq!(to, ["101", "103"]);
}

fn written_by(phone: &str) -> Value {
    let mut message = message();
    message["sender"]["phone"] = phone.into();
    message
}

#[test]
fn a_long_bundle_is_several_notes_that_hubspot_takes_and_nothing_of_it_is_lost() {
    let server = hubspot(&[PHONE]);
    let receiver = to_hubspot("hubspot-long", &server);
    let mut document = bundle(&[]);
    let lines: Vec<String> = (0..200).map(|number| format!("{number} {}", "x".repeat(1_000))).collect();
    document["aggregation"] = lines.join("<br/>").into();
    assert_eq!(receiver.send(&Letter::signed("msg_1", &[secret(1)], &document)), 200);
    let calls = calls(&server);
    let notes: Vec<_> = calls.iter().filter_map(|(_, body)| body["properties"]["hs_note_body"].as_str()).collect();
    assert!(notes.iter().all(|note| note.len() <= 65_536), "{:?}", notes.iter().map(|note| note.len()));
    assert_eq!((notes.len(), notes.join("<br/>")), (4, lines.join("<br/>")));
}

#[test]
fn a_bundle_of_a_number_that_hubspot_does_not_know_is_taken_without_a_note() {
    let server = hubspot(&["+1"]);
    let receiver = to_hubspot("hubspot-unknown", &server);
    assert_eq!(receiver.send(&Letter::signed("msg_1", &[secret(1)], &bundle(&[]))), 200);
    assert_eq!(calls(&server).len(), 1);
    assert_eq!(receiver.lines(), ["msg_1 taken: 1 messages, no contact has this number"]);
    assert!(receiver.kept().contains_key("msg_1/document.json"));
}

#[test]
fn a_crm_that_is_busy_has_the_delivery_tried_again() {
    let answers = Mutex::new(vec![200, 429]);
    let server = Server::start(move |_| {
        let status = answers.lock().expect("no test panics with it").pop().unwrap_or(201);
        reply(status, &json!({ "success": true, "data": { "items": [{ "item": { "id": 7, "type": "person" } }] } }))
    });
    let receiver = to_pipedrive("pipedrive-busy", &server);
    let letter = Letter::signed("msg_1", &[secret(1)], &bundle(&[]));
    assert_eq!((receiver.send(&letter), receiver.kept().len()), (502, 0));
    assert_eq!((receiver.send(&letter), receiver.kept().len()), (200, 1));
    assert_eq!(receiver.lines()[0], "msg_1 not taken: the CRM answered 429");
    assert_eq!(calls(&server).iter().filter(|(line, _)| line == "POST /api/v1/notes").count(), 1);
}

#[test]
fn a_message_is_a_note_on_the_pipedrive_person_of_its_number_with_everything_escaped() {
    let server = Server::start(|request| {
        let items = json!([{ "result_score": 1.0, "item": { "id": 7, "type": "person", "phones": [PHONE] } }]);
        let is_search = request.method() == "GET";
        reply(if is_search { 200 } else { 201 }, &json!({ "success": true, "data": { "items": items } }))
    });
    let receiver = to_pipedrive("pipedrive", &server);
    let mut message = message();
    message["text"] = "<script>\n&".into();
    let document = json!({ "chat": bundle(&[])["chat"], "message": message });
    assert_eq!(receiver.send(&Letter::signed("msg_1", &[secret(1)], &document)), 200);
    let note = json!({ "content": format!("from {NAME}: &lt;script&gt;<br/>&amp;"), "person_id": 7 });
    let search = "GET /api/v2/persons/search?term=%2B972540000000&fields=phone&exact_match=true";
    assert_eq!(calls(&server), [(search.to_owned(), Value::Null), ("POST /api/v1/notes".to_owned(), note)]);
    assert!(server.asked().iter().all(|request| request.header("x-api-token") == Some(TOKEN)));
    assert_silent(&receiver);
}
