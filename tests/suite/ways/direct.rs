//! Direct invocation: an event, or an array of them, answered as over HTTP; an error only for what is to be sent again.

use super::{good, of_workspace, poison, world};
use crate::world::{Brought, Loses, Way, World};
use bundler::api::records::NotDone;
use serde_json::{Value, json};

fn document(world: &World, payload: &str) -> Value {
    match world.bring(Way::Direct(payload)) {
        Brought::Document(document) => serde_json::from_slice(&document).expect("a document is JSON"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_answer_is_the_document_of_the_same_call_over_http() {
    let mut payloads = vec![good("1"), json!([good("1"), 7, good("2"), good("1")]), json!([7]), json!([])];
    payloads.push(json!(vec![good("1"); 101]));
    for payload in payloads {
        let over_http = world().post(&payload);
        let document = document(&world(), &payload.to_string());
        assert_eq!(document, serde_json::from_slice::<Value>(&over_http.body).expect("JSON"));
    }
}

#[test]
fn the_events_of_one_array_may_be_of_several_workspaces() {
    let world = world();
    world.add_workspace("zenith");
    let events = ["acme", "zenith", "unknown"].map(|workspace| of_workspace(workspace, good("1")));
    let document = document(&world, &json!(events).to_string());
    let statuses: Vec<_> = (0..3).map(|index| document["results"][index]["status"].clone()).collect();
    assert_eq!(statuses, ["accepted", "accepted", "rejected"]);
    assert_eq!(document["results"][2]["problem"]["status"], 404);
    assert_eq!(world.stored(), 2);
}

#[test]
fn what_will_never_be_taken_is_answered_with_a_problem_and_not_repeated() {
    let world = world();
    for poison in poison() {
        let status = document(&world, &poison)["status"].as_u64();
        assert!(status.is_some_and(|status| (400..500).contains(&status)), "{status:?}");
    }
    assert_eq!(world.stored(), 0);
}

#[test]
fn what_could_not_be_stored_is_an_error_and_all_of_it_may_be_sent_again() {
    for events in [good("1"), json!([good("1"), good("2"), 7])] {
        let world = world();
        world.tape.fail("put_in_bucket", 0, Loses::Request);
        let payload = events.to_string();
        assert_eq!(world.bring(Way::Direct(&payload)), Brought::NotDone(NotDone::Failed));
        assert!(document(&world, &payload)["results"].is_array());
        assert_eq!(world.stored(), events.as_array().map_or(1, |_| 2));
    }
}
