//! What is wrong with one event: it is refused by the field, sent alone or among others, and leaves nothing.

use super::{good, json, pointers, problem, statuses, world};
use serde_json::{Value, json};

/// An event with this value in this place is wrong in these fields.
fn check(pointer_to_change: &str, value: impl Into<Value>, wrong: &[&str]) {
    let mut event = good("1");
    *event.pointer_mut(pointer_to_change).expect("a field") = value.into();
    check_event(&event, wrong);
}

fn check_event(bad: &Value, wrong: &[&str]) {
    let shown: String = bad.to_string().chars().take(600).collect();
    let world = world();
    let alone = world.post(bad);
    assert_eq!(alone.status, 422, "{shown}");
    assert_eq!(pointers(&problem(&alone)), wrong, "{shown}");
    assert_eq!(world.stored(), 0, "{shown}");
    check_among(bad, wrong);
}

fn check_among(bad: &Value, wrong: &[&str]) {
    let (world, shown) = (world(), bad.to_string().chars().take(600).collect::<String>());
    let among = world.post(&json!([good("first"), bad, good("last")]));
    assert_eq!(
        (among.status, statuses(&among)),
        (202, ["accepted", "rejected", "accepted"].map(str::to_owned).to_vec())
    );
    let expected: Vec<_> = wrong.iter().map(|pointer| format!("/1{pointer}")).collect();
    assert_eq!(pointers(&json(&among)["results"][1]["problem"]), expected, "{shown}");
    assert_eq!(world.stored(), 2, "{shown}");
}

fn check_taken(pointer: &str, value: &Value) {
    let (world, mut event) = (world(), good("1"));
    *event.pointer_mut(pointer).expect("a field") = value.clone();
    let reply = world.post(&event);
    assert_eq!((reply.status, statuses(&reply)), (202, vec!["accepted".to_owned()]), "{pointer} {value}");
}

#[test]
fn a_wrong_type_is_refused_by_the_field() {
    check("/chat", json!("text"), &["/chat"]);
    check("/chat/chat_id", json!(10_010_001), &["/chat/chat_id"]);
    check("/chat/is_group", json!("false"), &["/chat/is_group"]);
    check("/message/text", json!(["lorem"]), &["/message/text"]);
    check("/message/timestamp", json!(1_614_183_929), &["/message/timestamp"]);
    check("/message/sender", json!(null), &["/message/sender"]);
    check("/whatsapp_account/phone", json!(972), &["/whatsapp_account/phone"]);
    for event in [json!(7), json!([]), json!(null), json!("text")] {
        check_among(&event, &[""]);
    }
}

#[test]
fn every_missing_field_is_named() {
    check(
        "/chat",
        json!({}),
        &[
            "/chat/full_name",
            "/chat/responsible_name",
            "/chat/responsible_email",
            "/chat/chat_url",
            "/chat/chat_id",
            "/chat/is_new_chat",
            "/chat/is_group",
            "/chat/phone",
        ],
    );
    check_event(&json!({}), &["/workspace_id", "/whatsapp_account", "/chat", "/message"]);
}

#[test]
fn the_events_workspace_must_be_the_paths() {
    check("/workspace_id", json!("other"), &["/workspace_id"]);
    for id in ["", "a#b", "a/b", "a b", "a\0b", "acme ", &"w".repeat(10_000)] {
        check("/workspace_id", json!(id), &["/workspace_id"]);
    }
}

#[test]
fn a_text_of_64_kb_is_taken_and_a_longer_one_refused() {
    for letter in ["x", "א", "😀"] {
        check_taken("/message/text", &json!(letter.repeat(65_536)));
        check("/message/text", json!(letter.repeat(65_537)), &["/message/text"]);
    }
}

#[test]
fn an_event_too_large_to_be_stored_is_refused_by_its_text() {
    // Each such character takes six bytes as it is stored.
    check("/message/text", json!("\u{1}".repeat(65_536)), &["/message/text"]);
    check_taken("/message/text", &json!("\u{1}".repeat(60_000)));
}

#[test]
fn an_event_of_a_megabyte_is_refused_by_its_place() {
    let mut event = good("1");
    event["padding"] = json!("x".repeat(1_000_000));
    check_event(&event, &[""]);
}

#[test]
fn a_timestamp_in_1970_or_2100_or_that_is_none_is_refused() {
    for timestamp in ["1970-01-01T00:00:00+0000", "2100-01-01T00:00:00+0000", "1969-12-31T23:59:59Z", "yesterday", ""] {
        check("/message/timestamp", json!(timestamp), &["/message/timestamp"]);
    }
}

#[test]
fn a_message_ahead_of_time_is_taken_within_five_minutes_and_refused_beyond() {
    // It is 16:31:00.
    check_taken("/message/timestamp", &json!("2021-02-24T16:36:00Z"));
    check("/message/timestamp", json!("2021-02-24T16:36:00.001Z"), &["/message/timestamp"]);
}

#[test]
fn a_message_is_taken_for_thirty_days_and_refused_when_it_is_older() {
    check_taken("/message/timestamp", &json!("2021-01-25T16:31:00Z"));
    check("/message/timestamp", json!("2021-01-25T16:30:59.999Z"), &["/message/timestamp"]);
}

#[test]
fn ids_that_are_empty_too_long_or_hold_control_characters_are_refused() {
    for pointer in ["/chat/chat_id", "/message/message_id"] {
        for id in ["", "a\0b", "\0", "a\nb", "a\u{7f}b", "a\u{85}b", &"i".repeat(257), &"i".repeat(10_000)] {
            check(pointer, json!(id), &[pointer]);
        }
    }
}

#[test]
fn ids_may_hold_what_keys_and_paths_are_made_of() {
    for pointer in ["/chat/chat_id", "/message/message_id"] {
        for id in ["a#b", "#", "a/b", "..", "a b", " ", "%00", "a~b", "é", "👋", &"i".repeat(256), &"א".repeat(256)]
        {
            check_taken(pointer, &json!(id));
        }
    }
}

#[test]
fn a_link_that_could_leave_an_attribute_is_refused() {
    let links = ["javascript:alert(1)", "https://a' onclick='x", "https://a\"b", "https://a<b>", "//a", "https://a\nb"];
    for link in links {
        check("/chat/chat_url", json!(link), &["/chat/chat_url"]);
    }
}

#[test]
fn a_refusal_never_repeats_what_was_sent() {
    let world = world();
    for pointer in ["/workspace_id", "/chat/chat_url", "/chat/is_group", "/message/direction", "/message/timestamp"] {
        let mut event = good("1");
        *event.pointer_mut(pointer).expect("a field") = json!("Jane Smith <+972550000000>");
        let reply = world.post(&event);
        assert_eq!(reply.status, 422);
        assert!(!String::from_utf8_lossy(&reply.body).contains("Smith"), "{pointer}");
    }
    let reply = world.call("POST", super::PATH, Some(&world.bearer()), b"{\"a\": Jane Smith}");
    assert!(!String::from_utf8_lossy(&reply.body).contains("Smith"));
}
