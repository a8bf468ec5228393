//! What becomes of a call: what is stored and delivered, what is refused without harm to the rest, and when a call is
//! answered so that it comes again.

use super::{
    door::{Door, SENT},
    message, sample,
    types::{SILENT, TYPES},
};
use crate::world::{Loses, at};
use bundler::{limits, window::Granularity};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A call of one change with these messages.
fn call_of(messages: Vec<Value>) -> Value {
    let mut call = sample("text");
    call["entry"][0]["changes"][0]["value"]["messages"] = Value::Array(messages);
    call
}

fn text(id: usize) -> Value {
    let mut call = sample("text");
    let message = message(&mut call);
    message["id"] = json!(format!("wamid.{id}"));
    message["text"]["body"] = json!(format!("text {id}"));
    message.clone()
}

/// Messages in all documents.
fn messages(sent: &[Value]) -> Vec<&Value> {
    sent.iter().flat_map(|document| document["messages"].as_array().expect("messages")).collect()
}

#[test]
fn every_type_goes_from_metas_call_to_the_webhook() {
    let door = Door::new(Granularity::Hours1);
    for (name, _) in TYPES {
        assert_eq!(door.meta(&sample(name)).status, 200, "{name}");
    }
    let sent = door.sent();
    let ids: BTreeSet<&str> = messages(&sent).iter().map(|one| one["message_id"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), TYPES.len());
    let voice = messages(&sent).into_iter().find(|one| one["message_id"] == "wamid.SAMPLE-voice").expect("a recording");
    assert_eq!(voice["attachment"]["filename"], "voice-20260302-085000.ogg");
    assert!(voice["attachment"]["temporary_download_url"].is_string());
    assert_eq!(voice["timestamp"], "2026-03-02T08:50:00+0000");
}

#[test]
fn what_is_written_and_what_is_answered_stand_in_one_bundle_in_their_order() {
    let door = Door::new(Granularity::Hours1);
    let mut answer = sample("echo-text");
    message(&mut answer)["timestamp"] = json!("1772441401");
    assert_eq!((door.meta(&answer).status, door.meta(&sample("text")).status), (200, 200));
    let sent = door.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    let told: Vec<_> = messages(&sent).into_iter().map(|one| (&one["direction"], &one["text"])).collect();
    let expected =
        [(&json!("received"), &json!("Do you have it in blue?")), (&json!("sent"), &json!("It is on its way"))];
    assert_eq!(told, expected);
    assert_eq!(sent[0]["chat"]["full_name"], "Noa Levi");
    assert_eq!(sent[0]["chat"]["chat_url"], "https://wa.me/972540000002");
    assert_eq!(sent[0]["whatsapp_account"]["phone"], "+972500000001");
}

#[test]
fn a_workspaces_own_accounts_and_links_are_in_what_is_sent() {
    let door = Door::new(Granularity::None);
    door.set_upstream(&json!({
        "accounts": [{ "id": "510000000000001", "phone": "+972 50", "full_name": "Dana", "email": "dana@acme.example" }],
        "chat_url": "https://crm.example.org/{phone}",
    }));
    assert_eq!(door.meta(&sample("text")).status, 200);
    let sent = door.sent();
    assert_eq!(sent[0]["whatsapp_account"]["email"], "dana@acme.example");
    assert_eq!(sent[0]["chat"]["chat_url"], "https://crm.example.org/972540000002");
    assert_eq!(sent[0]["chat"]["responsible_name"], "Dana");
}

#[test]
fn one_broken_message_of_a_thousand_harms_no_other() {
    let broken: [(Value, &str); 5] = [
        (json!(null), "no_timestamp"),
        (json!({ "id": 1, "timestamp": "1772441400", "from": "1" }), "no_id"),
        (json!([[], {}]), "no_timestamp"),
        (json!("message"), "no_timestamp"),
        (json!({ "id": "wamid.x", "timestamp": "1772441400", "type": "text" }), "no_chat"),
    ];
    for (broken, why) in broken {
        let door = Door::new(Granularity::Hours24);
        let mut all: Vec<Value> = (0..999).map(text).collect();
        all.insert(500, broken.clone());
        if why == "no_chat" {
            all[500]["from"] = json!("");
        }
        let mut call = call_of(all);
        if why == "no_chat" {
            call["entry"][0]["changes"][0]["value"]["contacts"] = json!([]);
        }
        assert_eq!(door.meta(&call).status, 200, "{broken}");
        assert_eq!(door.world.stored(), 999, "{broken}");
        let lines = door.world.log.all();
        let told: Vec<_> = lines.iter().filter(|line| line.contains("updates refused")).collect();
        assert!(told.len() == 1 && told[0].contains(&format!("{{\"{why}\":1}}")), "{told:?}");
    }
}

#[test]
fn a_message_nested_too_deep_or_longer_than_one_can_be_harms_no_other() {
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let long = format!("{{\"id\":\"wamid.long\",\"text\":\"{}\"}}", "a".repeat(limits::EVENT_BYTES));
    for odd in [deep, long] {
        let door = Door::new(Granularity::Hours1);
        let body = call_of(vec![text(1), json!("ODD"), text(2)]).to_string().replace("\"ODD\"", &odd);
        assert_eq!(door.meta_bytes(body.as_bytes()).status, 200);
        assert_eq!(door.world.stored(), 2);
        assert!(door.world.log.all().iter().any(|line| line.contains("{\"unreadable\":1}")));
    }
}

#[test]
fn more_than_a_thousand_messages_are_refused_whole() {
    let door = Door::new(Granularity::Hours1);
    let call = call_of((0..=limits::WHATSAPP_UPDATES).map(text).collect());
    assert_eq!((door.meta(&call).status, door.world.stored()), (413, 0));
}

#[test]
fn what_comes_again_is_stored_once_for_as_long_as_meta_sends_it() {
    let door = Door::new(Granularity::Hours1);
    let call = call_of((0..20).map(text).collect());
    for days in [0, 0, 1, 6] {
        door.world.clock.pass(std::time::Duration::from_secs(days * limits::DAY_SECONDS));
        assert_eq!(door.meta(&call).status, 200);
        assert_eq!(door.world.stored(), 20, "{days}");
    }
}

#[test]
fn a_call_of_which_something_could_not_be_stored_comes_again_and_ends_whole() {
    for (request, loses) in [
        ("put_in_bucket", Loses::Request),
        ("put_in_bucket", Loses::Answer),
        ("read_upstream", Loses::Request),
        ("read_credentials", Loses::Request),
        ("read_settings", Loses::Request),
        ("read_root_secret", Loses::Request),
    ] {
        let door = Door::new(Granularity::Hours1);
        door.world.tape.fail(request, 0, loses);
        let call = call_of((0..3).map(text).collect());
        let reply = door.meta(&call);
        assert_eq!(reply.status, 503, "{request}");
        assert!(reply.headers.contains(&("retry-after", "1".to_owned())));
        door.world.tape.repair();
        assert_eq!(door.meta(&call).status, 200, "{request}");
        assert_eq!(messages(&door.sent()).len(), 3, "{request}");
    }
}

#[test]
fn a_file_that_could_not_be_noted_keeps_its_message_from_being_taken_until_it_is() {
    let door = Door::new(Granularity::Hours1);
    door.world.tape.fail("put_file", 0, Loses::Request);
    assert_eq!((door.meta(&sample("image")).status, door.world.stored()), (503, 0));
    door.world.tape.repair();
    assert_eq!((door.meta(&sample("image")).status, door.world.stored()), (200, 1));
}

#[test]
fn a_moment_too_far_ahead_or_too_long_ago_is_refused_by_name_and_the_call_is_done() {
    let door = Door::new(Granularity::Hours1);
    let now = at(SENT).seconds();
    let moments = [now + 290, now + 3_600, now - 31 * limits::DAY_SECONDS, now];
    let all = moments.iter().enumerate().map(|(id, seconds)| {
        let mut message = text(id);
        message["timestamp"] = json!(seconds.to_string());
        message
    });
    assert_eq!(door.meta(&call_of(all.collect())).status, 200);
    assert_eq!(door.world.stored(), 2);
    let lines = door.world.log.all();
    assert!(lines.iter().any(|line| line.contains("{\"message/timestamp\":2}")), "{lines:?}");
}

#[test]
fn what_is_no_message_is_answered_and_leaves_nothing() {
    let door = Door::new(Granularity::Hours1);
    for name in SILENT {
        assert_eq!(door.meta(&sample(name)).status, 200, "{name}");
    }
    for odd in [json!({}), json!([]), json!(null), json!({ "object": "page", "entry": [{ "messaging": [{}] }] })] {
        assert_eq!(door.meta(&odd).status, 200, "{odd}");
    }
    assert_eq!(door.world.stored(), 0);
}
