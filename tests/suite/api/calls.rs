//! What is wrong with a call as a whole: who calls, where, how, and with what.

use super::{PATH, good, header, json, problem, statuses, world};
use crate::world::World;
use bundler::{limits, window::Granularity};
use serde_json::json;

fn body() -> Vec<u8> {
    serde_json::to_vec(&good("1")).expect("JSON")
}

/// Sends `body` with the right key, and checks that it is refused whole with `status`.
fn check_body(body: &[u8], status: u16) {
    let world = world();
    let reply = world.call("POST", PATH, Some(&world.bearer()), body);
    let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
    assert_eq!(reply.status, status, "{shown}");
    problem(&reply);
    assert_eq!(world.stored(), 0, "{shown}");
}

#[test]
fn one_event_is_answered_202_and_told_that_it_is_accepted() {
    let world = world();
    let reply = world.call("POST", PATH, Some(&world.bearer()), &body());
    assert_eq!((reply.status, header(&reply, "content-type")), (202, Some("application/json")));
    assert_eq!(json(&reply), json!({ "results": [{ "message_id": "1", "status": "accepted" }] }));
}

#[test]
fn a_call_without_the_key_or_with_a_wrong_one_is_401_before_anything_else_is_looked_at() {
    let world = world();
    let right = world.bearer();
    let key = right.strip_prefix("Bearer ").expect("a key");
    let wrong = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some("Bearer wrong".to_owned()),
        Some(key.to_owned()),
        Some(format!("Basic {key}")),
        Some(format!("Bearer {key}0")),
        Some(format!("Bearer {}", &key[1..])),
        Some(format!("Bearer {}", key.to_uppercase())),
        Some(format!("Bearer {key} {key}")),
    ];
    for authorization in wrong {
        for body in [body(), b"not JSON".to_vec(), vec![b' '; 6_000_000]] {
            let reply = world.call("POST", PATH, authorization.as_deref(), &body);
            assert_eq!(reply.status, 401, "{authorization:?}");
            assert_eq!(header(&reply, "www-authenticate"), Some("Bearer"));
            assert!(!problem(&reply).to_string().contains(key), "the right key is told");
        }
    }
    assert_eq!(world.stored(), 0);
    assert!(world.tape.take().iter().all(|call| *call == "read_root_secret"), "a stranger reaches the table");
}

#[test]
fn the_scheme_is_read_in_any_case() {
    let world = world();
    let lower = world.bearer().replace("Bearer", "bEARER");
    assert_eq!(world.call("POST", PATH, Some(&lower), &body()).status, 202);
}

#[test]
fn another_method_is_405_and_told_the_right_one() {
    let world = world();
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "post", ""] {
        let reply = world.call(method, PATH, Some(&world.bearer()), &body());
        assert_eq!((reply.status, header(&reply, "allow")), (405, Some("POST")), "{method}");
        problem(&reply);
    }
    assert_eq!(world.stored(), 0);
}

#[test]
fn another_path_is_404() {
    let world = world();
    let paths =
        ["", "/", "/v1", "/v1/workspaces/acme", "/v1/workspaces/acme/messages/", "/v1/workspaces/acme/messages/1"];
    let paths = paths.into_iter().chain([
        "/v2/workspaces/acme/messages",
        "v1/workspaces/acme/messages",
        "//v1/workspaces/acme/messages",
    ]);
    for path in paths {
        let reply = world.call("POST", path, Some(&world.bearer()), &body());
        assert_eq!(reply.status, 404, "{path}");
        problem(&reply);
    }
    assert_eq!(world.stored(), 0);
}

#[test]
fn an_unknown_workspace_is_404_whatever_its_id_holds() {
    let world = world();
    let too_long = "w".repeat(10_000);
    for workspace in ["other", "", "a%20b", "a b", "a#b", "a\0b", "ACME", "..", "é", &too_long] {
        let path = format!("/v1/workspaces/{workspace}/messages");
        let reply = world.call("POST", &path, Some(&world.bearer()), &body());
        assert_eq!(reply.status, 404, "{workspace:?}");
        problem(&reply);
    }
    assert_eq!(world.stored(), 0);
}

#[test]
fn a_workspace_without_settings_is_unknown() {
    let world = World::without_webhook("2021-02-24T16:31:00Z", Granularity::Hours1);
    let reply = world.post(&good("1"));
    assert_eq!(reply.status, 404);
    problem(&reply);
    assert_eq!(world.stored(), 0);
}

#[test]
fn a_body_that_is_not_json_is_400() {
    let open = vec![b'['; 100_000];
    let bodies: [&[u8]; 9] = [b"", b" ", b"hello", b"{", b"{'a':1}", b"[1,]", b"\xff\xfe{}", b"{}{}", &body()[1..]];
    for body in bodies.into_iter().chain([open.as_slice()]) {
        check_body(body, 400);
    }
}

#[test]
fn json_that_no_program_reads_alike_is_422() {
    // Half of a character, a number beyond all doubles, and a nesting that would use up a stack.
    let nested = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    for event in [r#"{"a":"\ud800"}"#, r#"{"a":1e400}"#, &nested] {
        check_body(event.as_bytes(), 422);
        check_body(format!("[{event}]").as_bytes(), 422);
    }
}

#[test]
fn json_that_is_no_event_and_no_array_of_them_is_422() {
    for body in ["null", "true", "1", "-1.5e3", "\"text\"", "[]", "{}"] {
        check_body(body.as_bytes(), 422);
    }
}

#[test]
fn a_call_takes_100_events_and_refuses_101_whole() {
    let events = |count: usize| (0..count).map(|id| good(&id.to_string())).collect::<Vec<_>>();
    check_body(&serde_json::to_vec(&events(101)).expect("JSON"), 422);
    let world = world();
    let reply = world.post(&json!(events(100)));
    assert_eq!((reply.status, statuses(&reply), world.stored()), (202, vec!["accepted".to_owned(); 100], 100));
}

#[test]
fn a_body_of_6_mb_is_413() {
    let mut event = good("1");
    event["padding"] = json!("x".repeat(6_000_000));
    check_body(&serde_json::to_vec(&event).expect("JSON"), 413);
    check_body(&vec![b' '; limits::REQUEST_BODY_BYTES + 1], 413);
    let mut largest = body();
    largest.resize(limits::REQUEST_BODY_BYTES, b' ');
    let world = world();
    assert_eq!(world.call("POST", PATH, Some(&world.bearer()), &largest).status, 202);
}
