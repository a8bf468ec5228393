//! Which key opens which workspace: the platform's opens each, a workspace's own opens its own, and nothing else does.

use super::{header, problem, statuses, world};
use crate::world::{World, message};
use serde_json::{Value, json};

const WORKSPACES: [&str; 2] = ["acme", "zenith"];

fn two_workspaces() -> World {
    let world = world();
    world.add_workspace("zenith");
    world
}

fn event_of(workspace: &str) -> Value {
    let mut event = message("2021-02-24T16:25:29+0000", "1", "lorem ipsum");
    event["workspace_id"] = json!(workspace);
    event
}

/// Calls a workspace's path with a key; what is stored says whether the key has opened it.
fn check(workspace: &str, authorization: Option<&str>, expected: u16) {
    let world = two_workspaces();
    let path = format!("/v1/workspaces/{workspace}/messages");
    let body = serde_json::to_vec(&event_of(workspace)).expect("JSON");
    let reply = world.call("POST", &path, authorization, &body);
    assert_eq!(reply.status, expected, "{workspace} {authorization:?}");
    assert_eq!(world.stored(), usize::from(expected == 202), "{workspace} {authorization:?}");
    if expected == 401 {
        assert_eq!(header(&reply, "www-authenticate"), Some("Bearer"));
        let told = problem(&reply).to_string();
        for key in [world.bearer(), world.bearer_of(workspace)] {
            assert!(!told.contains(key.trim_start_matches("Bearer ")), "a right key is told");
        }
        assert!(world.tape.take().iter().all(|call| *call == "read_root_secret"), "a stranger reaches the table");
    }
}

/// Every key that is another's in one place: each digit, the length, the case.
fn tampered(bearer: &str) -> Vec<String> {
    let digits = bearer.char_indices().skip("Bearer ".len());
    let mut keys: Vec<String> = digits
        .map(|(at, digit)| {
            let other = if digit == '0' { "1" } else { "0" };
            format!("{}{other}{}", &bearer[..at], &bearer[at + 1..])
        })
        .collect();
    keys.extend([format!("{bearer}0"), bearer[..bearer.len() - 1].to_owned(), bearer.replace(['a', 'b', 'c'], "A")]);
    keys
}

#[test]
fn the_platforms_key_opens_every_workspace_and_a_workspaces_own_opens_it() {
    let keys = two_workspaces();
    for workspace in WORKSPACES {
        check(workspace, Some(&keys.bearer()), 202);
        check(workspace, Some(&keys.bearer_of(workspace)), 202);
    }
}

#[test]
fn the_key_of_one_workspace_never_opens_another() {
    let keys = two_workspaces();
    for (workspace, other) in [("acme", "zenith"), ("zenith", "acme")] {
        check(workspace, Some(&keys.bearer_of(other)), 401);
        check(workspace, Some(&keys.bearer_of(&workspace.to_uppercase())), 401);
        check(workspace, Some(&keys.bearer_of(&workspace[..1])), 401);
    }
}

#[test]
fn a_tampered_key_and_none_open_nothing() {
    let keys = two_workspaces();
    for workspace in WORKSPACES {
        check(workspace, None, 401);
        check(workspace, Some(""), 401);
        for right in [keys.bearer(), keys.bearer_of(workspace)] {
            for wrong in tampered(&right) {
                check(workspace, Some(&wrong), 401);
            }
        }
    }
}

#[test]
fn a_workspaces_key_brings_no_events_of_another_workspace() {
    let world = two_workspaces();
    let body = serde_json::to_vec(&json!([event_of("zenith"), event_of("acme")])).expect("JSON");
    let reply = world.call("POST", "/v1/workspaces/acme/messages", Some(&world.bearer_of("acme")), &body);
    assert_eq!((reply.status, statuses(&reply)), (202, ["rejected", "accepted"].map(str::to_owned).to_vec()));
    assert_eq!(world.stored(), 1);
}

#[test]
fn a_path_that_names_no_workspace_is_404_for_the_platform_and_401_for_everybody_else() {
    let world = two_workspaces();
    for (authorization, expected) in [(world.bearer(), 404), (world.bearer_of("acme"), 401)] {
        for id in ["", "a%20b", "a b", "acme#", "é"] {
            let path = format!("/v1/workspaces/{id}/messages");
            let reply = world.call("POST", &path, Some(&authorization), b"{}");
            assert_eq!(reply.status, expected, "{id:?}");
        }
    }
}
