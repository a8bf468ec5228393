//! Who gets at what: every operation of the document, of two workspaces, with whatever somebody may hold up.

use super::{Asker, Desk, HOUR, document};
use crate::world::{World, in_chat, message, run};
use bundler::{
    id::{WebhookId, WorkspaceId},
    portal::{Access, Grant, Lifetime, Link, Nonce, Session, csrf},
    ports::{Clock, PutUpstream},
    settings::Settings,
    signature::{RootSecret, SigningSecret},
    table::Item,
    upstream::Upstream,
    window::Granularity,
};
use serde_json::{Value, json};

/// What nobody may learn of the workspace who may not look at it.
pub(super) const MARKS: [&str; 3] = ["hidden-url", "hidden-name", "hidden-text"];

/// Two workspaces, each with a webhook and something gathered.
pub(super) fn desk() -> Desk {
    let world = World::new(Granularity::Hours1);
    for workspace in ["acme", "globex"] {
        let mut settings = Settings::new(
            format!("https://hooks.example.org/hidden-url-of-{workspace}"),
            Granularity::Hours1,
            SigningSecret::from_bytes([1; 32]),
        );
        settings.owner_email = Some("hidden-name@example.org".to_owned());
        let (id, webhook) = (WorkspaceId::parse(workspace).expect("an id"), WebhookId::first());
        world.table.inner.put_settings(&id, &webhook, &settings).expect("settings are put");
        let upstream = json!({
            "accounts": [{ "id": "1", "phone": "1", "full_name": "hidden-name", "email": "hidden-name@example.org" }],
            "chat_url": "https://hidden-url.example.org/{chat_id}"
        });
        let upstream = Upstream::parse(&upstream).expect("settings").risen();
        assert!(run(world.table.inner.put_upstream(&id, &upstream)).expect("they are put"));
        let mut event = in_chat("1", message("2021-02-24T16:30:00+0000", "1", "hidden-text"));
        event["workspace_id"] = json!(workspace);
        world.ingest(&event);
    }
    Desk::over(world)
}

/// What is held up, and what it opens: of its own workspace to read, to change and to administer, and of another.
pub(super) fn held_up(desk: &Desk, of: &str) -> Vec<(&'static str, Asker, [u16; 3], [u16; 3])> {
    const OPEN: u16 = 0;
    let (nobody, forbidden) = ([401; 3], [403; 3]);
    let (full, read_only) = (desk.session(of, Grant::Full), desk.session(of, Grant::ReadOnly));
    let ended = Session { ends: desk.world.clock.now(), ..full.clone() };
    let another = RootSecret::parse(&"s".repeat(64)).expect("a secret");
    let token = full.to_token(&desk.root).reveal().to_owned();
    let life = Lifetime::from_seconds(3_600).expect("a lifetime");
    let link = Link::new(full.workspace.clone(), Grant::Full, life, life, desk.world.clock.now(), Nonce([1; 16]));
    let key = |key: &str| Asker::default().with("authorization", &format!("Bearer {key}"));
    let kept = |token: &str| {
        let csrf_token = csrf::token(&desk.root, &full);
        Asker::default().with("cookie", &format!("__Host-bundlehook={token}")).with("x-csrf-token", csrf_token.reveal())
    };
    let changed = |token: &str| token.replacen(|character: char| character != 'A', "A", 1);
    vec![
        ("nothing", Asker::default(), nobody, nobody),
        ("a wrong key", key(&"0".repeat(64)), nobody, nobody),
        ("an ingest key", key(&desk.root.workspace_ingest_key(&full.workspace)), nobody, nobody),
        ("another deployment's admin key", key(&another.admin_key()), nobody, nobody),
        ("a session that has ended", desk.page(&ended), nobody, nobody),
        ("a session that was changed", kept(&changed(&token)), nobody, nobody),
        ("a session of another deployment", kept(full.to_token(&another).reveal()), nobody, nobody),
        ("a link as a session", kept(link.to_token(&desk.root).reveal()), nobody, nobody),
        ("a session as a key", key(&token), nobody, nobody),
        ("a session without its CSRF token", desk.cookie(&full), [OPEN, 403, 403], forbidden),
        (
            "a session on another site's page",
            desk.page(&full).with("origin", "https://evil.example.org"),
            [OPEN, 403, 403],
            forbidden,
        ),
        ("a read-only session", desk.page(&read_only), [OPEN, 403, 403], forbidden),
        ("a session", desk.page(&full), [OPEN, OPEN, 403], forbidden),
        ("the admin key", desk.admin(), [OPEN; 3], [OPEN; 3]),
    ]
}

/// A body that its operation takes. One that has none here is asked for without.
fn body(path: &str, method: &str) -> Option<Value> {
    let place = path.rsplit('/').next().unwrap_or_default();
    Some(match (method, place) {
        ("POST", "portal-links") => json!({ "minutes": 5, "access": "full" }),
        ("POST", "webhooks") => json!({ "url": "https://a.example.org/1", "granularity": "1h" }),
        ("PUT", "upstream") => json!({ "accounts": [{ "id": "2", "phone": "2" }] }),
        ("PATCH", "{webhook}") => json!({ "concurrency": 5 }),
        ("POST", "enable") => json!({ "held": "deliver" }),
        ("POST", "held") => json!({ "action": "deliver" }),
        ("POST", "resend") => json!({ "webhook_id": "msg_0", "sent_at": 1 }),
        ("POST", "replay") => json!({ "from": 1, "until": 2 }),
        ("GET" | "DELETE", _) | ("POST", "secret" | "flush" | "test") => return None,
        (_, _) => panic!("{method} {path}: what does it take?"),
    })
}

/// Everything that is stored, but for the count of failed tries.
pub(super) fn stored(desk: &Desk) -> Vec<Item> {
    let items = desk.world.table.inner.store().items();
    items.into_iter().filter(|item| !item.key.pk.starts_with("tries#")).collect()
}

#[test]
fn no_operation_of_the_document_lets_anybody_at_what_is_not_his() {
    let (mut asked, mut opened, mut address) = (0, 0, 0);
    for operation in document::operations() {
        let Some(access) = operation.access else { continue };
        let column = match access {
            Access::Read => 0,
            Access::Change => 1,
            Access::Administer => 2,
        };
        for (of, another) in [("acme", "globex"), ("globex", "acme")] {
            let desk = desk();
            for (name, asker, own, others) in held_up(&desk, of) {
                for (workspace, row) in [(of, own), (another, others)] {
                    let path = operation.path.replace("{workspace}", workspace).replace("{webhook}", "default");
                    let path = path.replace("{chat}", "1");
                    let sent = body(&operation.path, &operation.method);
                    let before = stored(&desk);
                    address += 1;
                    let asker = asker.clone().with("if-match", "*").from(address);
                    let told = desk.ask(&asker, &operation.method, &path, sent.as_ref());
                    let case = format!("{} {path} with {name} of {of}: {}", operation.method, told.status);
                    asked += 1;
                    if row[column] == 0 {
                        assert!(![401, 403].contains(&told.status), "{case}");
                        opened += u32::from(told.status < 300);
                        continue;
                    }
                    assert_eq!(told.status, row[column], "{case}");
                    let text = told.text();
                    assert!(!MARKS.iter().any(|mark| text.contains(mark)), "{case} tells: {text}");
                    assert!(stored(&desk) == before, "{case} changes something");
                }
            }
        }
    }
    assert_eq!(asked, 21 * 14 * 2 * 2, "operations x credentials x whose x asked for");
    assert!(opened > 90, "{opened}: what may be done is done");
}

#[test]
fn the_same_is_said_of_a_workspace_that_there_is_and_of_one_that_there_is_not() {
    let desk = desk();
    let session = desk.page(&desk.session("acme", Grant::Full));
    for (number, asker) in (1..).zip([Asker::default(), Asker::default().with("authorization", "Bearer x"), session]) {
        let ask = |workspace: &str| {
            let path = format!("/v1/workspaces/{workspace}/webhooks/default");
            let told = desk.ask(&asker.clone().from(number), "GET", &path, None);
            (told.status, told.body)
        };
        assert_eq!(ask("globex"), ask("nobody-at-all"));
    }
}

#[test]
fn a_session_opens_nothing_from_its_end_on() {
    let desk = desk();
    let page = desk.page(&desk.session("acme", Grant::Full));
    let ask = || desk.ask(&page, "GET", super::HOOK, None).status;
    assert_eq!(ask(), 200);
    desk.world.clock.pass(HOUR);
    assert_eq!(ask(), 401);
}

#[test]
fn every_answer_tells_browsers_to_run_nothing_to_show_it_nowhere_else_and_to_keep_none_of_it() {
    let desk = desk();
    for path in ["/v1/openapi.json", "/portal/x", super::HOOK, "/nowhere", "/v1/workspaces/-/webhooks"] {
        for asker in [desk.admin(), Asker::default()] {
            let told = desk.ask(&asker, "GET", path, None);
            for (name, part) in [
                ("content-security-policy", "default-src 'none'"),
                ("content-security-policy", "frame-ancestors 'none'"),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "same-origin"),
                ("x-frame-options", "DENY"),
                ("cache-control", "no-store"),
                ("strict-transport-security", "max-age="),
            ] {
                assert!(told.header(name).contains(part), "{path}: {name}");
            }
        }
    }
}

#[test]
fn over_http_on_this_machine_browsers_are_not_told_that_there_is_https() {
    let desk = desk();
    let asker = Asker { site: Some("http://localhost:8080"), ..desk.admin() };
    let told = desk.ask(&asker, "GET", super::HOOK, None);
    assert_eq!((told.status, told.header("strict-transport-security")), (200, ""));
    let link =
        desk.ask(&asker, "POST", "/v1/workspaces/acme/portal-links", Some(&json!({ "minutes": 5, "access": "full" })));
    assert!(link.json()["url"].as_str().is_some_and(|url| url.starts_with("http://localhost:8080/portal/")));
}

#[test]
fn no_line_holds_a_token_a_key_an_address_or_what_was_sent() {
    let desk = desk();
    let mut secrets = vec![desk.root.admin_key(), "192.0.2.1".to_owned(), "chat-of-jane".to_owned()];
    for (number, (_, asker, _, _)) in (1..).zip(held_up(&desk, "acme")) {
        let asker = asker.from(number);
        secrets.extend(asker.headers.iter().map(|(_, value)| value.clone()).filter(|value| value.len() > 8));
        desk.ask(&asker, "GET", "/v1/workspaces/acme/webhooks/default/chats/chat-of-jane/preview?x=hidden-text", None);
        desk.ask(&asker, "POST", "/portal/token-of-jane", None);
        let body = json!({ "url": "https://hidden-url.example.org", "owner_email": "hidden-name@example.org", "x": "hidden-text" });
        desk.ask(&asker.with("if-match", "*"), "PATCH", super::HOOK, Some(&body));
    }
    secrets.extend(MARKS.map(str::to_owned));
    secrets.push("token-of-jane".to_owned());
    let lines = desk.world.log.all();
    assert!(lines.len() >= 3 * 14, "each request has its line");
    assert!(lines.iter().any(|line| line.contains("acme")), "whoever was let in has a workspace");
    for line in lines {
        assert!(!secrets.iter().any(|secret| line.contains(secret)), "{line}");
    }
}
