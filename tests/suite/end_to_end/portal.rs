//! The settings through their Function URL: a key makes a link, the link opens a session, and what the session changes is
//! what the sender goes by.

use super::conversation::{conversation, tick_until_came};
use super::deploy::{Stack, now};
use super::http::{self, Message};
use super::place;
use super::workspace::{TARGET, Workspace, root_secret};
use crate::browser;
use bundler::attempt::{Attempt, Body, Document, Response};
use bundler::delivery::{DeliveryKey, Lane, Subject};
use bundler::id::{KeyPart, WebhookId, WorkspaceId};
use bundler::ports::DeliverTable;
use bundler::timestamp::Timestamp;
use bundler::window::Granularity;
use serde_json::{Value, json};

const HOOK: &str = "/v1/workspaces/portal/webhooks/default";

fn ask(stack: &Stack, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Message {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let first_words = format!("{method} {}{path}", function(stack));
    http::request(stack.address(), &first_words, headers, body.as_bytes()).expect("the emulator answers")
}

/// What stands before the paths that are asked for, in the emulator.
fn function(stack: &Stack) -> String {
    let url = stack.output("PortalUrl");
    let id = url.trim_start_matches("https://").split('.').next().expect("a URL has a host");
    format!("/_aws/lambda-url/{id}")
}

/// A link that opens the workspace's page.
fn link(stack: &Stack, workspace: &str) -> String {
    let bearer = format!("Bearer {}", root_secret(stack).admin_key());
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let path = format!("/v1/workspaces/{workspace}/portal-links");
    let made = ask(stack, "POST", &path, &headers, &json!({ "minutes": 15, "access": "full" }));
    assert_eq!(made.status(), 201, "{}", String::from_utf8_lossy(&made.body));
    json_of(&made)["url"].as_str().expect("a URL").to_owned()
}

fn json_of(answer: &Message) -> Value {
    serde_json::from_slice(&answer.body).expect("an answer is JSON")
}

#[test]
fn a_link_opens_a_session_whose_changes_the_functions_go_by_and_whose_words_are_in_no_line() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    let workspace = Workspace::set_up(stack, "portal", Granularity::None);
    let admin_key = root_secret(stack).admin_key();
    let bearer = format!("Bearer {admin_key}");
    let json_type = ("content-type", "application/json");

    let nobody = ask(stack, "GET", HOOK, &[], &Value::Null);
    assert_eq!((nobody.status(), nobody.header("content-type")), (401, Some("application/problem+json")));

    let link = link(stack, "portal");
    let token = link.split_once("/portal/").expect("a link's path").1.to_owned();

    let button = ask(stack, "GET", &format!("/portal/{token}"), &[], &Value::Null);
    assert_eq!((button.status(), button.header("set-cookie")), (200, None));
    assert!(button.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'none'")));
    let opened = ask(stack, "POST", &format!("/portal/{token}"), &[], &Value::Null);
    assert_eq!(opened.status(), 303, "{}", String::from_utf8_lossy(&opened.body));
    let cookie = opened.header("set-cookie").expect("a cookie").split(';').next().expect("its value").to_owned();
    assert_eq!(ask(stack, "POST", &format!("/portal/{token}"), &[], &Value::Null).status(), 410, "it opens once");

    let read = ask(stack, "GET", HOOK, &[("cookie", &cookie)], &Value::Null);
    assert_eq!(read.status(), 200, "{}", String::from_utf8_lossy(&read.body));
    assert_eq!(json_of(&read)["url"], json!(format!("http://localhost:{}{TARGET}", workspace.receiver.port())));
    let etag = read.header("etag").expect("a version").to_owned();
    let change = json!({ "headers": { "x-api-key": "a secret of the owner" } });
    let headers = [("cookie", cookie.as_str()), json_type, ("if-match", &etag)];
    assert_eq!(ask(stack, "PATCH", HOOK, &headers, &change).status(), 403, "a session needs its token");
    let headers = [("authorization", bearer.as_str()), json_type, ("if-match", &etag)];
    let changed = ask(stack, "PATCH", HOOK, &headers, &change);
    assert_eq!(changed.status(), 200, "{}", String::from_utf8_lossy(&changed.body));
    assert!(!String::from_utf8_lossy(&changed.body).contains("a secret of the owner"));
    assert_eq!(ask(stack, "PATCH", HOOK, &headers, &change).status(), 412, "it has changed meanwhile");

    let events = conversation("portal");
    assert_eq!(workspace.send(&events[..1]), ["accepted"]);
    let received = tick_until_came(stack, &workspace, 1);
    assert_eq!(received[0].request.header("x-api-key"), Some("a secret of the owner"));

    let lines: String = stack.log_lines("settings").iter().map(Value::to_string).collect();
    assert!(lines.contains("portal"), "{lines}");
    for secret in [admin_key.as_str(), &token, &cookie, "a secret of the owner"].into_iter().chain(workspace.secrets())
    {
        assert!(!lines.contains(secret));
    }
}

#[test]
fn a_test_is_answered_a_log_is_downloaded_whole_and_a_chat_is_erased() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    let workspace = Workspace::set_up(stack, "tried", Granularity::None);
    let bearer = format!("Bearer {}", root_secret(stack).admin_key());
    let admin = [("authorization", bearer.as_str())];
    let hook = "/v1/workspaces/tried/webhooks/default";

    let test = ask(stack, "POST", &format!("{hook}/test"), &admin, &Value::Null);
    assert_eq!(test.status(), 200, "{}", String::from_utf8_lossy(&test.body));
    let received = workspace.receiver.received();
    let [one] = received.as_slice() else { panic!("{} requests", received.len()) };
    workspace.assert_signed(one);
    let shown = json_of(&test);
    assert_eq!((&shown["status"], &shown["webhook_id"]), (&json!(200), &json!(one.request.header("webhook-id"))));
    let missing = ask(stack, "POST", "/v1/workspaces/tried/webhooks/none/test", &admin, &Value::Null);
    assert_eq!(missing.status(), 404, "{}", String::from_utf8_lossy(&missing.body));

    let events = conversation("tried");
    workspace.send(&events[..1]);
    tick_until_came(stack, &workspace, 2);
    // More than an answer holds, of another chat.
    let key = DeliveryKey {
        lane: Lane {
            workspace: WorkspaceId::parse("tried").expect("an id"),
            webhook: WebhookId::first(),
            chat: KeyPart::of("long"),
        },
        subject: Subject::Message { timestamp: now(), message: KeyPart::of("1") },
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for number in 0..25 {
        let response = Response { status: 200, headers: Vec::new(), body: Body::of(b"ok"), body_is_cut: false };
        let attempt = Attempt {
            key: key.clone(),
            document: Document { part: 0, parts: 1, attempt: number + 1 },
            started: now(),
            duration_ms: 1,
            url: "https://hooks.example.org/1".to_owned(),
            request_headers: Vec::new(),
            messages: 1,
            missing_files: Vec::new(),
            request_body: Body::of("x".repeat(200 * 1_024).as_bytes()),
            error: None,
            result: Ok(response),
        };
        runtime.block_on(stack.table().put_attempt(&attempt)).expect("an attempt is put");
    }
    let whole = ask(stack, "GET", &format!("{hook}/requests?format=json&whole=true"), &admin, &Value::Null);
    assert_eq!(whole.status(), 303, "{}", String::from_utf8_lossy(&whole.body));
    let link = whole.header("location").expect("a link").to_owned();
    let target = link.split_once("://").and_then(|(_, rest)| rest.split_once('/')).expect("a path").1.to_owned();
    let disposition =
        "attachment; filename=\"requests-tried-default.json\"; filename*=UTF-8''requests-tried-default.json";
    let file = http::request(stack.address(), &format!("GET /{target}"), &[], &[]).expect("the emulator answers");
    assert_eq!((file.status(), file.header("content-type")), (200, Some("application/json")));
    assert_eq!(file.header("content-disposition"), Some(disposition));
    let requests = json_of(&file)["requests"].as_array().expect("requests").clone();
    assert_eq!(requests.len(), 27);
    assert!(target.contains("X-Amz-Expires=900") && target.contains("/downloads/tried/"), "{target}");

    let chat = events[0]["chat"]["chat_id"].as_str().expect("a chat");
    let erased = ask(stack, "DELETE", &format!("/v1/workspaces/tried/chats/{chat}"), &admin, &Value::Null);
    assert_eq!((erased.status(), json_of(&erased)), (200, json!({ "erased": 2, "after": null })));
    let left = ask(stack, "GET", &format!("{hook}/requests?before={}", place_of(&requests[24])), &admin, &Value::Null);
    let text = events[0]["message"]["text"].as_str().expect("a text");
    assert!(!String::from_utf8_lossy(&left.body).contains(text));
}

/// Where a request of the log stands.
fn place_of(request: &Value) -> String {
    let started = Timestamp::parse(request["started"].as_str().expect("a moment")).expect("a moment");
    format!("{}~{}~{}", started.key(), request["webhook_id"].as_str().expect("an id"), request["attempt"])
}

#[test]
fn the_page_is_used_in_a_browser_through_the_functions_url() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    let workspace = Workspace::set_up(stack, "browser", Granularity::Hours1);
    let emulator = format!("http://{}{}", stack.address(), function(stack));
    let said = browser::visit("deployed", &json!({ "link": link(stack, "browser"), "emulator": emulator }));
    assert!(said.contains("3 actions"), "{said}");
    assert_eq!(workspace.receiver.received().len(), 1, "the test has arrived");
}
