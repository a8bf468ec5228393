//! What is held, and what is sent again.

use super::{Desk, HOOK, changes::disabled};
use crate::world::{Reply, World, header, in_chat, message};
use bundler::window::Granularity;
use serde_json::{Value, json};

fn held(desk: &Desk) -> Value {
    desk.get(&format!("{HOOK}/held")).json()
}

#[test]
fn what_is_held_is_counted_with_the_oldest_and_what_may_be_done() {
    let desk = disabled();
    for chat in ["2", "3"] {
        desk.world.ingest(&in_chat(chat, message("2021-02-24T17:04:00+0000", chat, "text")));
    }
    desk.world.set_time("2021-02-24T18:05:00Z");
    desk.world.minutes(3);
    let expected = json!({
        "count": 3, "more": false, "oldest": "2021-02-24T17:00:00.000Z", "actions": ["deliver", "discard"]
    });
    assert_eq!(held(&desk), expected);
    let nothing = json!({ "count": 0, "more": false, "oldest": null, "actions": [] });
    assert_eq!(held(&Desk::new(Granularity::Hours1)), nothing);
}

#[test]
fn what_is_held_for_a_disabled_webhook_is_delivered_or_discarded() {
    for (action, sent) in [("deliver", 2), ("discard", 1)] {
        let desk = disabled();
        let told = desk.post(&format!("{HOOK}/held"), &json!({ "action": action }));
        assert_eq!((told.status, &told.json()["health"]["state"]), (200, &json!("draining")));
        desk.world.minutes(20);
        assert_eq!(desk.world.receiver.requests().len(), sent, "{action}");
        assert_eq!(held(&desk)["count"], 0);
    }
}

#[test]
fn nothing_is_decided_about_what_is_held_where_there_is_nothing_to_be_decided() {
    let desk = Desk::new(Granularity::Hours1);
    for action in ["deliver", "discard"] {
        assert_eq!(desk.post(&format!("{HOOK}/held"), &json!({ "action": action })).status, 409);
    }
    let desk = disabled();
    desk.patch(&json!({ "enabled": false }));
    assert_eq!(held(&desk)["actions"], json!([]));
    let told = desk.post(&format!("{HOOK}/held"), &json!({ "action": "deliver" }));
    assert!(told.status == 409 && told.text().contains("switched off"), "{}", told.text());
    for body in [json!({}), json!({ "action": "drop" }), json!({ "action": 1 })] {
        assert_eq!(desk.post(&format!("{HOOK}/held"), &body).pointers(), ["/action"], "{body}");
    }
}

/// A world in which one document was taken.
fn sent() -> Desk {
    let world = World::new(Granularity::Hours1);
    world.ingest(&in_chat("1", message("2021-02-24T16:25:29+0000", "1", "first")));
    world.set_time("2021-02-24T17:02:45Z");
    world.minutes(1);
    Desk::over(world)
}

#[test]
fn a_document_is_sent_again_with_the_id_that_it_had_as_often_as_somebody_wants() {
    let desk = sent();
    let first = desk.world.receiver.requests().remove(0);
    let (id, at) = (header(&first, "webhook-id").clone(), header(&first, "webhook-timestamp").clone());
    let seconds: u64 = at.parse().expect("seconds");
    for _ in 0..2 {
        let told = desk.post(&format!("{HOOK}/resend"), &json!({ "webhook_id": id, "sent_at": seconds }));
        assert_eq!((told.status, told.json()), (202, json!({ "outcome": "enqueued" })));
        desk.world.minutes(1);
    }
    let ids: Vec<_> = desk.world.receiver.requests().iter().map(|it| header(it, "webhook-id").clone()).collect();
    assert_eq!(ids, [id.clone(), id.clone(), id.clone()]);
    let unknown = desk.post(&format!("{HOOK}/resend"), &json!({ "webhook_id": "msg_0", "sent_at": seconds }));
    assert_eq!(unknown.status, 404);
    desk.world.add_workspace("globex");
    let others = "/v1/workspaces/globex/webhooks/default/resend";
    assert_eq!(desk.post(others, &json!({ "webhook_id": id, "sent_at": seconds })).status, 404, "of its own alone");
    desk.patch(&json!({ "enabled": false }));
    let off = desk.post(&format!("{HOOK}/resend"), &json!({ "webhook_id": id, "sent_at": seconds }));
    assert_eq!(off.status, 409);
}

#[test]
fn a_wish_to_send_again_is_checked() {
    let desk = sent();
    for (place, body, pointers) in [
        ("resend", json!({}), vec!["/webhook_id", "/sent_at"]),
        ("resend", json!({ "webhook_id": 1, "sent_at": "soon" }), vec!["/webhook_id", "/sent_at"]),
        ("resend", json!({ "webhook_id": "a".repeat(257), "sent_at": -1 }), vec!["/webhook_id", "/sent_at"]),
        ("resend", json!({ "webhook_id": "x", "sent_at": u64::MAX }), vec!["/sent_at"]),
        ("replay", json!({}), vec!["/from", "/until"]),
        ("replay", json!({ "from": 2, "until": 2 }), vec!["/until"]),
        ("replay", json!({ "from": "2021-02-24", "until": 2 }), vec!["/from"]),
        ("replay", json!({ "from": 1, "until": 2, "after": "" }), vec!["/after"]),
        ("replay", json!({ "from": 1, "until": 2, "after": "a b" }), vec!["/after"]),
        ("replay", json!({ "from": 1, "until": 2, "after": "a".repeat(257), "x": 1 }), vec!["/after", "/x"]),
    ] {
        let told = desk.post(&format!("{HOOK}/{place}"), &body);
        assert_eq!((told.status, told.pointers()), (422, pointers.iter().map(ToString::to_string).collect()), "{body}");
    }
}

#[test]
fn all_that_was_given_up_in_a_span_goes_out_again() {
    let world = World::new(Granularity::Hours1);
    world.ingest(&in_chat("1", message("2021-02-24T16:25:29+0000", "1", "poison")));
    world.ingest(&in_chat("2", message("2021-02-24T16:25:29+0000", "2", "fine")));
    world.receiver.answers(|request| {
        Reply::Status(if String::from_utf8_lossy(&request.body).contains("poison") { 500 } else { 200 })
    });
    world.set_time("2021-02-24T17:02:45Z");
    // The webhook works, so that only the one is given up: something else is taken between its errors.
    for hour in 0..40_u32 {
        world.minutes(60);
        let now = bundler::ports::Clock::now(&world.clock).rfc3339();
        world.ingest(&in_chat("2", message(&now, &format!("more {hour}"), "fine")));
    }
    let desk = Desk::over(world);
    desk.world.receiver.answers(|_| Reply::Status(200));
    let span = json!({ "from": "2021-02-24T00:00:00Z", "until": "2021-03-24T00:00:00Z" });
    let told = desk.post(&format!("{HOOK}/replay"), &span);
    assert_eq!(told.json(), json!({ "references": 1, "gone": 0, "unreadable": 0, "after": null }), "{}", told.status);
    let before = desk.world.receiver.requests().len();
    desk.world.drain();
    assert_eq!(desk.world.receiver.requests().len(), before + 1);
    let nothing = desk.post(&format!("{HOOK}/replay"), &span).json();
    assert_eq!(nothing["references"], 0);
}
