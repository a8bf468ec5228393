//! The ways in beside HTTP: the upstream queue, the event bus, direct invocation. The same event on all of them is the
//! same message; what is not stored is never forgotten without a person's seeing it.

mod direct;
mod queue;

use crate::world::{Brought, Loses, Way, World, in_chat, message};
use bundler::{api::records::NotDone, window::Granularity};
use serde_json::{Value, json};
use std::slice;

fn world() -> World {
    World::new(Granularity::Hours1)
}

/// A message that is right in every way.
fn good(id: &str) -> Value {
    message("2021-02-24T16:25:29+0000", id, "lorem ipsum")
}

fn of_workspace(workspace: &str, mut event: Value) -> Value {
    event["workspace_id"] = json!(workspace);
    event
}

/// Texts that will never be taken, whatever their way.
fn poison() -> Vec<String> {
    let mut sideways = good("poison");
    sideways["message"]["direction"] = json!("sideways");
    let mut huge = good("poison");
    huge["padding"] = json!("x".repeat(1_000_000));
    let events = [sideways, huge, of_workspace("unknown", good("poison")), of_workspace("a b", good("poison"))];
    let texts = ["", "not JSON", "{", "{}", "7", "null", "\"text\"", "{\"a\":1e400}", "\u{0}"];
    let nested = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    events.iter().map(Value::to_string).chain(texts.map(str::to_owned)).chain([nested]).collect()
}

#[test]
fn the_same_event_on_every_way_is_one_message() {
    for granularity in [Granularity::Hours1, Granularity::None] {
        let world = World::new(granularity);
        let event = good("1");
        let text = event.to_string();
        assert_eq!(world.bring(Way::Queue(slice::from_ref(&text))), Brought::Kept(vec![]));
        let stored = world.stored();
        assert_eq!(world.bring(Way::Bus(&text)), Brought::Done);
        assert!(matches!(world.bring(Way::Direct(&text)), Brought::Document(_)));
        assert_eq!(world.post(&event).status, 202);
        assert_eq!(world.stored(), stored, "{granularity:?}");
        world.set_time("2021-02-24T17:02:45Z");
        world.tick().expect("a tick");
        world.drain();
        assert_eq!(world.receiver.texts(), [["lorem ipsum"]], "{granularity:?}");
    }
}

#[test]
fn no_way_beside_http_asks_for_a_key() {
    let world = world();
    let text = good("1").to_string();
    world.bring(Way::Queue(slice::from_ref(&text)));
    world.bring(Way::Bus(&text));
    world.bring(Way::Direct(&text));
    assert!(!world.tape.take().contains(&"read_root_secret"));
    assert_eq!(world.stored(), 1);
}

#[test]
fn an_event_of_the_bus_that_will_never_be_taken_ends_in_an_error_so_that_it_is_kept() {
    let world = world();
    for poison in poison() {
        let shown: String = poison.chars().take(80).collect();
        assert_eq!(world.bring(Way::Bus(&poison)), Brought::NotDone(NotDone::Rejected), "{shown}");
    }
    // The bus brings one event, not an array of them.
    assert_eq!(world.bring(Way::Bus(&json!([good("1")]).to_string())), Brought::NotDone(NotDone::Rejected));
    assert_eq!(world.stored(), 0);
}

#[test]
fn an_event_of_the_bus_that_could_not_be_stored_ends_in_an_error_and_is_taken_when_it_comes_again() {
    for request in ["read_settings", "put_in_bucket"] {
        for loses in [Loses::Request, Loses::Answer] {
            let world = world();
            world.tape.fail(request, 0, loses);
            let text = good("1").to_string();
            assert_eq!(world.bring(Way::Bus(&text)), Brought::NotDone(NotDone::Failed), "{request} {loses:?}");
            assert_eq!(world.bring(Way::Bus(&text)), Brought::Done, "{request} {loses:?}");
            assert_eq!(world.stored(), 1, "{request} {loses:?}");
        }
    }
}

/// The lines of a world that have this message.
fn lines(world: &World, message: &str) -> Vec<Value> {
    let lines = world.log.all().into_iter().map(|line| serde_json::from_str::<Value>(&line).expect("JSON"));
    lines.filter(|line| line["message"] == message).collect()
}

/// Good events of so many chats.
fn of_chats(count: usize) -> Vec<Value> {
    (0..count).map(|chat| in_chat(&chat.to_string(), good("1"))).collect()
}
