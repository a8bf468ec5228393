//! Who gets at the pages: every one of them, of two workspaces, with whatever somebody may hold up.

use super::{
    super::who::{MARKS, desk, held_up, stored},
    send,
};
use crate::portal::Edge;
use bundler::portal::Access;
use portal::{Manner, routes};

/// What a form of this path sends, its token left out.
fn fields(path: &str) -> Vec<(&'static str, &'static str)> {
    match path.rsplit('/').next().unwrap_or_default() {
        "save" if path.ends_with("accounts/save") => {
            vec![("revision", "1"), ("account", ""), ("id", "2"), ("phone", "2")]
        }
        "remove" => vec![("revision", "1"), ("account", "1")],
        "links" => vec![("revision", "1"), ("chat_url", "https://a.example.org/{chat_id}")],
        "webhooks" => vec![("granularity", "1h"), ("url", "https://a.example.org/1"), ("webhook", "another")],
        "save" => vec![("revision", "0"), ("granularity", "6h"), ("url", "https://a.example.org/1"), ("enabled", "on")],
        "enable" => vec![("held", "deliver")],
        "switch" => vec![("to", "off")],
        "resend" => vec![("webhook_id", "msg_0"), ("sent_at", "2021-02-24T16:00:00Z")],
        "replay" => vec![("days", "1")],
        "flush" => vec![("chat", "1")],
        "secret" | "test" => vec![],
        other => panic!("{other}: what does it take?"),
    }
}

#[test]
fn no_page_and_no_form_lets_anybody_at_what_is_not_his() {
    let (mut asked, mut opened, mut address) = (0_u32, 0_u32, 0_u32);
    let pages: Vec<_> = routes::<Edge>().into_iter().filter(|it| it.manner == Manner::Page).collect();
    let guarded = pages.iter().filter_map(|page| page.access.map(|access| (page, access)));
    for (page, access) in guarded {
        assert_eq!(access == Access::Read, page.method == "GET", "{}: a look changes nothing", page.path);
        let column = usize::from(access != Access::Read);
        for (of, another) in [("acme", "globex"), ("globex", "acme")] {
            let desk = desk();
            for (name, asker, own, others) in held_up(&desk, of) {
                for (workspace, row) in [(of, own), (another, others)] {
                    let path = page.path.replace("{workspace}", workspace).replace("{webhook}", "default");
                    let path = path.replace("{request}", "0~0~x~1");
                    let before = stored(&desk);
                    address += 1;
                    let asker = asker.clone().from(address);
                    let told = match access {
                        Access::Read => desk.ask(&asker, "GET", &path, None),
                        Access::Change | Access::Administer => send(&desk, &asker, &path, &fields(page.path)),
                    };
                    let case = format!("{} {path} with {name} of {of}: {}", page.method, told.status);
                    asked += 1;
                    if row[column] == 0 {
                        assert!(![401, 403].contains(&told.status), "{case}");
                        opened += u32::from(told.status < 400);
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
    let guarded = pages.iter().filter(|page| page.access.is_some()).count();
    assert_eq!(asked as usize, guarded * 14 * 2 * 2, "pages x credentials x whose x asked for");
    assert!(opened > 90, "{opened}: what may be done is done");
}

#[test]
fn a_forms_token_is_its_sessions_and_no_others() {
    use super::{Browser, PAGE};
    use bundler::portal::{Grant, Session, SessionId, csrf};
    let desk = desk();
    let browser = Browser::new(&desk);
    let session = desk.session("acme", Grant::Full);
    let other = Session { id: SessionId([8; 16]), ..session.clone() };
    let path = format!("{PAGE}/switch");
    let own = csrf::token(&desk.root, &session).reveal().to_owned();
    for (number, token) in
        (1..).zip([String::new(), "x".to_owned(), csrf::token(&desk.root, &other).reveal().to_owned()])
    {
        let told = send(&desk, &browser.asker().from(number), &path, &[("csrf", &token), ("to", "off")]);
        assert_eq!(told.status, 403);
        told.says("The form was not taken");
    }
    let elsewhere = desk.cookie(&session).with("sec-fetch-site", "cross-site").from(9);
    assert_eq!(send(&desk, &elsewhere, &path, &[("csrf", &own), ("to", "off")]).status, 403);
    assert_eq!(send(&desk, &browser.asker(), &path, &[("csrf", &own), ("to", "off")]).status, 200);
}

#[test]
fn a_form_that_is_too_long_is_not_read() {
    use super::{Browser, PAGE};
    let desk = desk();
    let long = "x".repeat(bundler::limits::PORTAL_BODY_BYTES);
    assert_eq!(Browser::new(&desk).send(&format!("{PAGE}/switch"), &[("to", &long)]).status, 413);
}
