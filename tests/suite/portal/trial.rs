//! A test delivery: what it sends, what it says, and that it leaves one entry of the log and nothing else.

use super::{Desk, HOOK, changes::disabled};
use crate::{
    golden::headers::signature,
    schema::schema,
    world::{Loses, Reply, World, header, in_chat, message},
};
use bundler::{attempt::ErrorClass, table::Item, window::Granularity};
use serde_json::{Value, json};
use std::time::Duration;

/// The bytes of the key that every world signs with.
const KEY: [u8; 32] = [7; 32];

fn test(desk: &Desk) -> super::Told {
    desk.world.clock.pass(Duration::from_secs(1));
    desk.ask(&desk.admin(), "POST", &format!("{HOOK}/test"), None)
}

fn stored(desk: &Desk) -> Vec<Item> {
    desk.world.table.inner.store().items()
}

/// A webhook in each of its states, with something held where there is something to hold.
fn states() -> Vec<(&'static str, Desk)> {
    let failing = World::new(Granularity::Hours1);
    failing.ingest(&in_chat("1", message("2021-02-24T16:25:29+0000", "1", "first")));
    failing.receiver.answers(|_| Reply::Status(500));
    failing.set_time("2021-02-24T17:02:45Z");
    failing.minutes(1);
    let (off, draining) = (disabled(), disabled());
    off.patch(&json!({ "enabled": false }));
    draining.post(&format!("{HOOK}/enable"), &json!({ "held": "deliver" }));
    let healthy = Desk::new(Granularity::Hours1);
    let all = [healthy, Desk::over(failing), draining, disabled(), off];
    ["healthy", "failing", "draining", "disabled", "off"].into_iter().zip(all).collect()
}

#[test]
fn a_test_shows_the_receivers_answer_and_leaves_an_entry_of_the_log_and_nothing_else_in_every_state() {
    let replies = [
        (Reply::Says(200, "thank you".to_owned()), json!(200), Value::Null),
        (Reply::Says(500, "oh no".to_owned()), json!(500), json!("status")),
        (Reply::Says(410, "gone".to_owned()), json!(410), json!("status")),
        (Reply::Fails(ErrorClass::Timeout), Value::Null, json!("timeout")),
        (Reply::Fails(ErrorClass::Connect), Value::Null, json!("connect")),
    ];
    for (state, desk) in states() {
        assert_eq!(desk.get(HOOK).json()["health"]["state"], state);
        for (reply, status, error) in &replies {
            let said = reply.clone();
            desk.world.receiver.answers(move |_| said.clone());
            let (before, requests) = (stored(&desk), desk.world.receiver.requests().len());
            desk.world.tape.take();
            let told = test(&desk);
            assert_eq!(told.status, 200, "{state}: {}", told.text());
            let calls: Vec<_> = desk.world.tape.take().into_iter().filter(|call| *call != "count_failed_try").collect();
            assert_eq!(calls, ["read_webhook", "post", "put_attempt"], "{state}");
            let shown = told.json();
            assert_eq!((&shown["status"], &shown["error"]), (status, error), "{state}");
            if let Reply::Says(_, body) = reply {
                assert_eq!(&shown["response"]["body"], body);
            }
            let sent = &desk.world.receiver.requests()[requests..];
            assert_eq!(sent.len(), 1, "{state}");
            assert_eq!(shown["request"]["body"], String::from_utf8(sent[0].body.clone()).expect("text"));
            let (mut after, mut new) = (stored(&desk), Vec::new());
            after.retain(|item| {
                before.contains(item) || {
                    new.push(item.key.pk.clone());
                    false
                }
            });
            assert_eq!((after == before, new), (true, vec!["log#acme#default".to_owned()]), "{state}");
            let log = desk.get(&format!("{HOOK}/requests")).json();
            assert_eq!(log["requests"][0], shown, "{state}");
        }
    }
}

#[test]
fn what_a_test_sends_is_what_the_webhook_sends_and_its_signature_holds() {
    for (granularity, name) in [
        (Granularity::None, "message.schema.json"),
        (Granularity::Hours1, "bundle.schema.json"),
        (Granularity::Hours24, "bundle.schema.json"),
    ] {
        let desk = Desk::new(granularity);
        desk.world.configure(|settings| {
            let headers = vec![("x-api-key".to_owned(), "top-secret".to_owned())];
            settings.headers = bundler::header::CustomHeaders::parse(headers).expect("headers");
        });
        let told = test(&desk);
        assert!(!told.text().contains("top-secret"));
        let (request, document) = (desk.world.receiver.requests().remove(0), desk.world.receiver.documents().remove(0));
        let faults: Vec<String> = schema(name).iter_errors(&document).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:#?}");
        assert_eq!(
            document["messages"].as_array().map_or(1, Vec::len),
            if granularity == Granularity::None { 1 } else { 2 }
        );
        assert!(document.to_string().contains("This is a test"), "{document:#}");
        assert_eq!(header(&request, "webhook-signature"), signature(&request, &KEY));
        assert_eq!(header(&request, "x-api-key"), "top-secret");
        assert_eq!(told.json()["webhook_id"], header(&request, "webhook-id"));
    }
}

#[test]
fn each_test_has_an_id_of_its_own_and_is_neither_sent_again_nor_replayed() {
    let desk = Desk::new(Granularity::Hours1);
    desk.world.receiver.answers(|_| Reply::Status(500));
    let shown: Vec<Value> = (0..2).map(|_| test(&desk).json()).collect();
    assert_ne!(shown[0]["webhook_id"], shown[1]["webhook_id"]);
    for one in &shown {
        let wish = json!({ "webhook_id": one["webhook_id"], "sent_at": one["started"] });
        let told = desk.post(&format!("{HOOK}/resend"), &wish);
        assert!(told.status == 409 && told.text().contains("test"), "{}", told.text());
    }
    desk.world.tape.take();
    let span = json!({ "from": "2021-02-24T00:00:00Z", "until": "2021-02-25T00:00:00Z" });
    let told = desk.post(&format!("{HOOK}/replay"), &span).json();
    assert_eq!(told, json!({ "references": 0, "gone": 0, "unreadable": 0, "after": null }));
    assert!(!desk.world.tape.take().contains(&"read_delivery"), "a test is no delivery");
}

#[test]
fn a_test_of_no_webhook_is_none_and_trouble_of_ours_is_no_answer_of_the_receivers() {
    let desk = Desk::new(Granularity::Hours1);
    for webhook in ["other", "a%20b"] {
        let path = format!("/v1/workspaces/acme/webhooks/{webhook}/test");
        assert_eq!(desk.ask(&desk.admin(), "POST", &path, None).status, 404, "{webhook}");
    }
    for request in ["read_webhook", "put_attempt"] {
        desk.world.tape.fail(request, 0, Loses::Request);
        assert_eq!(test(&desk).status, 503, "{request}");
        desk.world.tape.repair();
    }
}

#[test]
fn a_test_has_one_line_of_the_log_which_says_nothing_of_what_was_sent_and_said() {
    let desk = Desk::new(Granularity::Hours1);
    desk.world.receiver.answers(|_| Reply::Says(500, "words of the receiver".to_owned()));
    test(&desk);
    let lines: Vec<String> = desk.world.log.all().into_iter().filter(|line| !line.contains("answered")).collect();
    let [line] = lines.as_slice() else { panic!("{lines:#?}") };
    let line: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(
        (&line["outcome"], &line["workspace"]["id"], &line["webhook"]["id"]),
        (&json!("test"), &json!("acme"), &json!("default"))
    );
    assert_eq!((&line["http"]["status"], &line["error"]), (&json!(500), &json!("status")));
    let all = desk.world.log.all().concat();
    for text in ["words of", "hooks.example.org", "s3cr3t", "Sample", "This is a test", "example.org"] {
        assert!(!all.contains(text), "{text}");
    }
}
