//! Arrays: what happened to each event, in the order in which they were sent.

use super::{good, header, json, pointers, problem, statuses, world};
use crate::world::{World, in_chat, message};
use bundler::{settings::Switch, window::Granularity};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn bad(id: &str) -> Value {
    let mut event = good(id);
    event["message"]["direction"] = json!("sideways");
    event
}

#[test]
fn good_and_bad_events_each_have_their_result_in_order() {
    let world = world();
    let reply = world.post(&json!([good("1"), bad("2"), good("1"), in_chat("other", good("3")), "text", good("4")]));
    assert_eq!((reply.status, header(&reply, "content-type")), (202, Some("application/json")));
    assert_eq!(statuses(&reply), ["accepted", "rejected", "duplicate", "accepted", "rejected", "accepted"]);
    let results = json(&reply)["results"].clone();
    assert_eq!(results[3]["message_id"], "3");
    for (index, pointer) in [(1, "/1/message/direction"), (4, "/4")] {
        let problem = &results[index]["problem"];
        assert_eq!((&problem["status"], pointers(problem)), (&json!(422), vec![pointer]));
    }
    for accepted in [0, 2, 3, 5] {
        assert_eq!(results[accepted].get("problem"), None);
    }
    assert_eq!(world.stored(), 3);
}

#[test]
fn events_of_many_chats_come_back_in_the_order_in_which_they_were_sent() {
    let events: Vec<_> = (0..100).map(|id: usize| in_chat(&(id % 7).to_string(), good(&id.to_string()))).collect();
    let reply = world().post(&json!(events));
    let results = json(&reply)["results"].clone();
    let ids: Vec<_> = results.as_array().expect("results").iter().map(|result| result["message_id"].clone()).collect();
    assert_eq!(ids, (0..100).map(|id: usize| json!(id.to_string())).collect::<Vec<_>>());
}

#[test]
fn an_array_of_nothing_but_bad_events_is_422_and_says_what_is_wrong_with_each() {
    let world = world();
    for events in [json!([bad("1")]), json!([bad("1"), 7, bad("2")])] {
        let reply = world.post(&events);
        assert_eq!(reply.status, 422);
        problem(&reply);
        assert_eq!(statuses(&reply), vec!["rejected"; events.as_array().map_or(0, Vec::len)]);
    }
    assert_eq!(world.stored(), 0);
}

#[test]
fn the_same_call_again_finds_every_event_there_and_changes_nothing() {
    for granularity in [Granularity::Hours1, Granularity::None] {
        let world = World::new(granularity);
        let late = message("2021-02-24T14:00:00Z", "late", "text");
        let events = json!([good("1"), late, good("2")]);
        assert_eq!(statuses(&world.post(&events)), ["accepted"; 3]);
        let before = (world.table.inner.store().items(), world.stored());
        let again = world.post(&events);
        assert_eq!((again.status, statuses(&again)), (202, vec!["duplicate".to_owned(); 3]), "{granularity:?}");
        assert_eq!((world.table.inner.store().items(), world.stored()), before, "{granularity:?}");
    }
}

#[test]
fn a_webhook_that_is_switched_off_ignores_new_messages_and_says_so() {
    let world = world();
    world.configure(|settings| settings.switch = Switch::Off);
    for body in [good("1"), json!([good("1"), good("2")])] {
        let reply = world.post(&body);
        assert_eq!(reply.status, 202);
        assert!(statuses(&reply).iter().all(|status| status == "ignored"));
    }
    // What is wrong stays wrong.
    assert_eq!(statuses(&world.post(&json!([good("1"), bad("2")]))), ["ignored", "rejected"]);
    assert_eq!(world.stored(), 0);
}

#[test]
fn every_event_is_stored_under_its_own_key_whatever_its_ids_hold() {
    let world = world();
    let hostile = ["a", "a#b", "a/b", "a b", "a%23b", "%", "~", "#", "é", "👋"];
    let pairs = hostile.iter().flat_map(|chat| hostile.iter().map(move |id| in_chat(chat, good(id))));
    let events: Vec<_> = pairs.collect();
    assert_eq!(statuses(&world.post(&json!(events))), vec!["accepted"; 100]);
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    let mut chats: BTreeMap<String, usize> = BTreeMap::new();
    for document in world.receiver.documents() {
        let messages = document["messages"].as_array().expect("messages").len();
        assert_eq!(chats.insert(document["chat"]["chat_id"].to_string(), messages), None);
    }
    assert_eq!(chats.into_values().collect::<Vec<_>>(), [hostile.len(); 10]);
}
