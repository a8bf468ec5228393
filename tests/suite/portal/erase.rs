//! Erasing a chat: nothing of it is left, everything of the others stays as it was, and whatever had begun with it ends.

use super::{Desk, HOOK};
use crate::world::{Loses, Reply, World, in_chat, message, record, run};
use bundler::{
    attempt::{Attempt, Request},
    delivery::{DeliveryKey, Lane, Subject, to_reference},
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    ports::{Clock, DeliverTable},
    table::{
        Item, Value, attempt,
        lane::{Delivery, DeliveryState, Progress},
    },
    timestamp::Timestamp,
    window::Granularity,
};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

const CHAT: &str = "/v1/workspaces/acme/chats/1";
/// What stands in every text, name and number of the chat, and in no other.
const MARK: &str = "secret-of-acme-1";

/// A message in every field of which a mark of its chat stands.
fn send(world: &World, workspace: &str, chat: &str, timestamp: &str, id: &str) {
    let mark = format!("secret-of-{workspace}-{chat}");
    let mut event = in_chat(chat, message(timestamp, id, &format!("{mark} text {id}")));
    event["workspace_id"] = json!(workspace);
    for place in ["/chat/full_name", "/chat/phone", "/message/sender/full_name", "/message/sender/phone"] {
        *event.pointer_mut(place).expect("a field") = json!(format!("{mark} {place}"));
    }
    world.ingest(&event);
}

/// Two workspaces, one of them with two webhooks, each with two chats of the same names that have gathered messages: the
/// one that is erased more than one request deletes.
fn gathered() -> Desk {
    let world = World::new(Granularity::Hours1);
    world.add_workspace("globex");
    let desk = Desk::over(world);
    let beside = json!({ "webhook": "crm", "url": "https://crm.example.org/1", "granularity": "none" });
    assert_eq!(desk.post("/v1/workspaces/acme/webhooks", &beside).status, 201);
    for (workspace, chat) in [("acme", "1"), ("acme", "2"), ("globex", "1"), ("globex", "2")] {
        for (id, timestamp) in [("1", "2021-02-24T16:25:00Z"), ("2", "2021-02-24T16:30:00Z")] {
            send(&desk.world, workspace, chat, timestamp, id);
        }
        // Late: a pointer in the window before.
        send(&desk.world, workspace, chat, "2021-02-24T15:10:00Z", "late");
    }
    for number in 0..=limits::DELETE_BATCH {
        send(&desk.world, "acme", "1", "2021-02-24T16:31:00Z", &format!("more {number}"));
    }
    desk
}

fn answers(desk: &Desk, status: u16) {
    desk.world.receiver.answers(move |_| Reply::Status(status));
}

/// As it stands when the window has ended and everything has been tried.
fn tried(status: u16) -> Desk {
    let desk = gathered();
    answers(&desk, status);
    desk.world.set_time("2021-02-24T17:02:45Z");
    desk.world.minutes(1);
    desk
}

/// The chat's bundle.
fn held() -> DeliveryKey {
    let workspace = WorkspaceId::parse("acme").expect("an id");
    let lane = Lane { workspace, webhook: WebhookId::first(), chat: KeyPart::of("1") };
    let due = Timestamp::parse("2021-02-24T17:00:00Z").expect("a moment");
    DeliveryKey { lane, subject: Subject::Bundle { due, cut: None } }
}

/// The chat's bundle was given up, because its webhook takes others.
fn given_up() -> Desk {
    let desk = tried(500);
    let progress = Progress { state: DeliveryState::Failed, attempts: 11, errors: 11, parts_done: 0, next: None };
    let given_up = Delivery { key: held(), progress };
    run(desk.world.table.inner.put_delivery(&given_up, desk.world.clock.now())).expect("it is put");
    desk
}

fn erase(desk: &Desk) -> u64 {
    let told = desk.ask(&desk.admin(), "DELETE", CHAT, None);
    assert_eq!((told.status, &told.json()["after"]), (200, &json!(null)), "{}", told.text());
    told.json()["erased"].as_u64().expect("a number")
}

fn stored(desk: &Desk) -> Vec<Item> {
    desk.world.table.inner.store().items()
}

fn attempt_of(item: &Item) -> Option<Attempt> {
    item.key.pk.starts_with("log#").then(|| attempt::from_item(item).expect("an attempt"))
}

/// Whether an item is of the chat, by its key or by what it was for.
fn is_of_chat(item: &Item) -> bool {
    let lanes = ["acme#default#1", "acme#crm#1"];
    let of_lane = |lane: &&str| item.key.pk == format!("lane#{lane}") || item.key.sk.starts_with(&format!("{lane}#"));
    lanes.iter().any(of_lane) || attempt_of(item).is_some_and(|it| lanes.contains(&it.key.lane.key().as_str()))
}

/// Whether the mark stands in an item, however it is packed.
fn is_marked(item: &Item) -> bool {
    let texts = item.attributes.values().filter_map(|value| match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(_) | Value::Bytes(_) => None,
    });
    let sent = attempt_of(item).map(|it| String::from_utf8(it.request_body.bytes()).expect("text"));
    texts.chain(sent).any(|text| text.contains(MARK))
}

/// All that is of others, but for counts of failed tries and for what stands about references that are out.
fn of_others(items: Vec<Item>) -> Vec<Item> {
    items.into_iter().filter(|item| !is_of_chat(item) && !item.key.pk.starts_with("rest#")).collect()
}

/// Erases the chat, and holds that nothing of it is left and everything else as it was.
fn erase_and_look(desk: &Desk, name: &str) {
    let before = stored(desk);
    assert!(before.iter().any(is_marked), "{name}: there is nothing to be found");
    assert!(erase(desk) > 0, "{name}");
    let after = stored(desk);
    assert!(!after.iter().any(|item| is_marked(item) || is_of_chat(item)), "{name}: something is left");
    assert!(of_others(after) == of_others(before), "{name}: something of others has changed");
    assert_eq!(erase(desk), 0, "{name}: there is nothing more");
}

/// Everything goes on with receivers that take it: nothing of the chat is sent, everything of the others is, and all
/// that was begun has an end.
fn go_on(desk: &Desk, name: &str) {
    go_on_for(3, desk, name);
}

fn go_on_for(hours: u64, desk: &Desk, name: &str) {
    let before = desk.world.receiver.requests().len();
    answers(desk, 200);
    desk.world.minutes(hours * 60);
    let sent = desk.world.receiver.texts().split_off(before).concat();
    assert!(!sent.iter().any(|text| text.contains(MARK)), "{name}: {sent:?}");
    let all: BTreeSet<String> = desk.world.receiver.texts().concat().into_iter().collect();
    for mark in ["secret-of-acme-2", "secret-of-globex-1", "secret-of-globex-2"] {
        assert_eq!(all.iter().filter(|text| text.contains(mark)).count(), 3, "{name}: {mark}");
    }
    assert_eq!(desk.world.health().next_look(), None, "{name}: it is not over");
    let held = |item: &Item| item.get_text("state") == Ok(DeliveryState::Held.name());
    assert!(!stored(desk).iter().any(held), "{name}: something waits");
    assert!(desk.world.queue.inner.is_empty().expect("the queue counts"), "{name}");
}

#[test]
fn nothing_of_a_chat_is_left_and_everything_of_the_others_wherever_it_stood() {
    let on_the_queue = gathered();
    on_the_queue.world.set_time("2021-02-24T17:02:45Z");
    on_the_queue.world.tick().expect("a tick");
    let cut = gathered();
    assert_eq!(cut.post(&format!("{HOOK}/chats/1/flush"), &json!({})).status, 202);
    send(&cut.world, "acme", "1", "2021-02-24T16:31:00Z", "behind the cut");
    for (name, desk) in [
        ("gathered", gathered()),
        ("cut", cut),
        ("on the queue", on_the_queue),
        ("delivered", tried(200)),
        ("held", tried(500)),
        ("given up", given_up()),
    ] {
        erase_and_look(&desk, name);
        go_on(&desk, name);
    }
}

#[test]
fn what_was_given_up_of_a_chat_is_gone_and_no_replay_finds_it() {
    let desk = tried(500);
    for _ in 0..4_000 {
        // Each round is a look: until it is disabled.
        if matches!(desk.world.health().state, bundler::health::State::Disabled { .. }) {
            break;
        }
        desk.world.next_look();
    }
    erase_and_look(&desk, "disabled");
    answers(&desk, 200);
    for hook in [HOOK, "/v1/workspaces/acme/webhooks/crm", "/v1/workspaces/globex/webhooks/default"] {
        desk.post(&format!("{hook}/enable"), &json!({ "held": "deliver" }));
    }
    // What was tried often has waits of some hours of its own.
    go_on_for(8, &desk, "disabled");
    let now = desk.world.clock.now().plus(Duration::from_secs(1)).rfc3339();
    let told = desk.post(&format!("{HOOK}/replay"), &json!({ "from": "2021-02-24T00:00:00Z", "until": now }));
    assert_eq!((told.status, &told.json()["gone"]), (202, &json!(0)), "{}", told.text());
}

#[test]
fn what_is_being_sent_meanwhile_ends_and_goes_when_it_is_asked_for_again() {
    for status in [200, 500] {
        let desk = Arc::new(gathered());
        let (asker, is_erased) = (desk.clone(), Mutex::new(false));
        desk.world.receiver.answers(move |request: &Request| {
            let is_of_chat = String::from_utf8_lossy(&request.body).contains(MARK);
            let mut is_erased = is_erased.lock().expect("a flag");
            if is_of_chat && !*is_erased && request.url == crate::world::WEBHOOK_URL {
                *is_erased = true;
                // On a thread of its own, because this one is in the middle of the sender's invocation.
                let desk = asker.clone();
                std::thread::spawn(move || erase(&desk)).join().expect("it is erased");
            }
            Reply::Status(status)
        });
        desk.world.set_time("2021-02-24T17:02:45Z");
        desk.world.minutes(1);
        let left: Vec<_> = stored(&desk).into_iter().filter(is_marked).collect();
        assert!(left.iter().all(|item| item.key.pk.starts_with("log#")), "{left:?}");
        assert!(!left.is_empty(), "the request that was under way has its entry of the log");
        let name = format!("being sent, and answered {status}");
        go_on(&desk, &name);
        erase(&desk);
        assert!(!stored(&desk).iter().any(|item| is_marked(item) || is_of_chat(item)), "{name}");
    }
}

#[test]
fn erasing_may_stop_anywhere_and_what_is_half_done_is_sent_neither_in_part_nor_for_ever() {
    let places = {
        let desk = tried(500);
        desk.world.tape.take();
        erase(&desk);
        desk.world.tape.take()
    };
    // Buckets are alike: a few of those that are empty stand for all.
    let places =
        places.into_iter().enumerate().filter(|(place, call)| *call != "read_keys" || *place < 5 || place % 199 == 0);
    let (mut kinds, mut tried_at) = (BTreeSet::new(), 0);
    for (place, call) in places {
        for loses in [Loses::Request, Loses::Answer] {
            let name = format!("{call} {place}, lost {loses:?}");
            let desk = tried(500);
            desk.world.tape.crash(place, loses);
            assert_eq!(desk.ask(&desk.admin(), "DELETE", CHAT, None).status, 503, "{name}");
            assert!(desk.world.tape.repair(), "{name}");
            answers(&desk, 200);
            // The queue hands its first reference out once more.
            desk.world.deliver_records(vec![record(
                "0",
                &held().lane.group(limits::CONCURRENCY),
                &to_reference(&held()),
            )]);
            desk.world.minutes(7);
            let mut bodies: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
            for (id, request) in
                desk.world.receiver.headers("webhook-id").into_iter().zip(desk.world.receiver.requests())
            {
                bodies.entry(id).or_default().insert(request.body);
            }
            assert!(bodies.values().all(|bodies| bodies.len() == 1), "{name}: one id, two documents");
            erase(&desk);
            assert!(!stored(&desk).iter().any(|item| is_marked(item) || is_of_chat(item)), "{name}");
            go_on(&desk, &name);
            kinds.insert(call);
            tried_at += 1;
        }
    }
    let all = ["delete_items", "drop_delivery", "list_objects", "read_attempted", "read_keys", "read_webhook"];
    assert_eq!(kinds, all.into());
    assert!(tried_at >= 40, "{tried_at}");
}

#[test]
fn what_takes_longer_than_an_answer_may_goes_on_where_the_answer_says() {
    let desk = tried(200);
    desk.world.tape.slow(Duration::from_millis(30));
    let (mut path, mut answers, mut erased) = (CHAT.to_owned(), 0, 0);
    loop {
        let told = desk.ask(&desk.admin(), "DELETE", &path, None);
        assert_eq!(told.status, 200, "{}", told.text());
        answers += 1;
        erased += told.json()["erased"].as_u64().expect("a number");
        let Some(after) = told.json()["after"].as_str().map(str::to_owned) else { break };
        path = format!("{CHAT}?after={after}");
    }
    assert!(answers > 2 && erased > 0, "{answers} answers");
    assert!(!stored(&desk).iter().any(|item| is_marked(item) || is_of_chat(item)));
    for after in ["x", "", "default~w", "default~l", "a%20b~l1"] {
        assert_eq!(desk.ask(&desk.admin(), "DELETE", &format!("{CHAT}?after={after}"), None).status, 400, "{after}");
    }
}

#[test]
fn a_chat_that_never_was_is_erased_with_nothing_and_what_comes_again_is_new() {
    let desk = tried(200);
    let before = stored(&desk);
    for path in ["/v1/workspaces/acme/chats/never", "/v1/workspaces/nobody/chats/1", "/v1/workspaces/acme/chats/~test"]
    {
        let told = desk.ask(&desk.admin(), "DELETE", path, None);
        assert_eq!((told.status, told.json()), (200, json!({ "erased": 0, "after": null })), "{path}");
    }
    assert!(stored(&desk) == before);
    erase(&desk);
    let sent = desk.world.receiver.requests().len();
    send(&desk.world, "acme", "1", "2021-02-24T16:30:00Z", "2");
    desk.world.set_time("2021-02-24T18:02:45Z");
    desk.world.minutes(1);
    assert_eq!(desk.world.receiver.requests().len(), sent + 2, "each webhook gets it again");
}
