//! Who gets where: every kind of credentials, for every kind of access, to both workspaces.

use super::{EVERY_ACCESS, Shown, another_root, at, bits_flipped, content_flipped, link, root, session, workspace};
use crate::portal::{Allowed, Denied, Grant, Session, csrf};

/// What each access is answered: to read, to change, to administer.
type Row = [u16; 3];

const NOBODY: Row = [401; 3];
const FORBIDDEN: Row = [403; 3];

/// What somebody holds up, whose it is, and what it opens of its own workspace and of another one.
fn held_up(of: &str) -> Vec<(&'static str, Shown, Row, Row)> {
    let (full, read_only) = (session(of, Grant::Full), session(of, Grant::ReadOnly));
    let other = session("other", Grant::Full);
    let token = full.to_token(&root()).reveal().to_owned();
    let linked = link(of, Grant::Full).to_token(&root()).reveal().to_owned();
    let ended = Session { ends: at("2021-02-24T16:00:00Z"), ..full.clone() };
    let csrf_token = |session| Some(csrf::token(&root(), session).reveal().to_owned());
    let nobody = |name, shown| (name, shown, NOBODY, NOBODY);
    vec![
        nobody("nothing", Shown::default()),
        ("the admin key", Shown::key(&root().admin_key()), [200; 3], [200; 3]),
        nobody("a wrong key", Shown::key(&"0".repeat(64))),
        nobody("no key behind Bearer", Shown::key("")),
        nobody("the admin key of another deployment", Shown::key(&another_root().admin_key())),
        nobody(
            "the admin key as another scheme",
            Shown { authorization: Some(format!("Basic {}", root().admin_key())), ..Shown::default() },
        ),
        nobody("the admin key as a cookie", Shown::cookie(&root().admin_key())),
        nobody("the platform's ingest key", Shown::key(&root().ingest_key())),
        nobody("the workspace's ingest key", Shown::key(&root().workspace_ingest_key(&workspace(of)))),
        nobody("an ingest key as a cookie", Shown::cookie(&root().workspace_ingest_key(&workspace(of)))),
        nobody("a link as a key", Shown::key(&linked)),
        nobody("a link as a session", Shown { csrf_token: csrf_token(&full), ..Shown::cookie(&linked) }),
        nobody("a session as a key", Shown::key(&token)),
        nobody("a CSRF token alone", Shown { csrf_token: csrf_token(&full), ..Shown::default() }),
        nobody("a CSRF token as a session", Shown::cookie(csrf::token(&root(), &full).reveal())),
        nobody("a session that has ended", Shown::form(&ended)),
        nobody("a session of another deployment", Shown::cookie(full.to_token(&another_root()).reveal())),
        nobody("a session cut off", Shown::cookie(&token[..token.len() - 4])),
        nobody("a session with more behind it", Shown::cookie(&format!("{token}AAAA"))),
        nobody("half of two sessions", Shown::cookie(&spliced(&token, other.to_token(&root()).reveal()))),
        nobody(
            "two sessions",
            Shown {
                cookie: Some(format!(
                    "__Host-bundlehook={token}; __Host-bundlehook={}",
                    other.to_token(&root()).reveal()
                )),
                ..Shown::form(&full)
            },
        ),
        nobody(
            "a session under a name that anybody can plant",
            Shown { cookie: Some(format!("bundlehook={token}")), ..Shown::form(&full) },
        ),
        nobody(
            "a wrong key beside a session",
            Shown { authorization: Some("Bearer 0".to_owned()), ..Shown::form(&full) },
        ),
        ("a session's form", Shown::form(&full), [200, 200, 403], FORBIDDEN),
        ("a session without a CSRF token", Shown::cookie(&token), [200, 403, 403], FORBIDDEN),
        (
            "a session with another's CSRF token",
            Shown { csrf_token: csrf_token(&other), ..Shown::form(&full) },
            [200, 403, 403],
            FORBIDDEN,
        ),
        ("a read-only session's form", Shown::form(&read_only), [200, 403, 403], FORBIDDEN),
        (
            "the admin key beside a session",
            Shown { authorization: Some(format!("bearer {}", root().admin_key())), ..Shown::form(&read_only) },
            [200; 3],
            [200; 3],
        ),
    ]
}

/// The statement of one token with the seal of another.
fn spliced(one: &str, other: &str) -> String {
    let seal = 43;
    format!("{}{}", &one[..one.len() - seal], &other[other.len() - seal..])
}

fn status(answer: &Result<Allowed, Denied>) -> u16 {
    answer.as_ref().map_or_else(|denied| denied.problem().status, |_| 200)
}

#[test]
fn no_credentials_open_more_than_they_say() {
    let mut asked = 0;
    for (of, another) in [("acme", "globex"), ("globex", "acme")] {
        for (name, shown, own, others) in held_up(of) {
            for (wanted, row) in [(of, own), (another, others)] {
                for (access, expected) in EVERY_ACCESS.into_iter().zip(row) {
                    assert_eq!(
                        status(&shown.ask(wanted, access)),
                        expected,
                        "{access:?} of {wanted} with {name} of {of}"
                    );
                    asked += 1;
                }
            }
        }
    }
    assert_eq!(asked, 2 * 28 * 2 * 3);
}

#[test]
fn credentials_with_one_bit_flipped_open_nothing() {
    let mut asked = 0;
    let mut check = |shown: &Shown| {
        for wanted in ["acme", "globex"] {
            for access in EVERY_ACCESS {
                assert_eq!(status(&shown.ask(wanted, access)), 401, "{access:?} of {wanted}");
                asked += 1;
            }
        }
    };
    for grant in [Grant::Full, Grant::ReadOnly] {
        let form = Shown::form(&session("acme", grant));
        let token = session("acme", grant).to_token(&root());
        for changed in bits_flipped(token.reveal()).chain(content_flipped(token.reveal())) {
            check(&Shown { cookie: Shown::cookie(&changed).cookie, ..form.clone() });
        }
    }
    for changed in bits_flipped(&root().admin_key()) {
        check(&Shown::key(&changed));
    }
    assert!(asked > 10_000, "{asked}");
}

#[test]
fn a_session_opens_its_workspace_until_its_very_end_and_no_longer() {
    let form = Shown::form(&session("acme", Grant::Full));
    for access in EVERY_ACCESS {
        assert_ne!(form.ask_at(at("2021-02-24T16:59:59.999Z"), "acme", access), Err(Denied::SessionEnded));
        assert_eq!(form.ask_at(at("2021-02-24T17:00:00Z"), "acme", access), Err(Denied::SessionEnded));
    }
    let read = form.ask("acme", EVERY_ACCESS[0]);
    assert_eq!(read, Ok(Allowed::Session(session("acme", Grant::Full))));
}

#[test]
fn a_refusal_has_a_status_and_a_sentence_and_only_what_was_never_good_is_a_guess() {
    let all = [
        Denied::NoCredentials,
        Denied::WrongKey,
        Denied::WrongSession,
        Denied::SeveralSessions,
        Denied::SessionEnded,
        Denied::OtherWorkspace,
        Denied::ReadOnly,
        Denied::AdministratorsOnly,
        Denied::Forged,
    ];
    let guesses = [Denied::WrongKey, Denied::WrongSession, Denied::Forged];
    for denied in all {
        let (problem, reply) = (denied.problem(), denied.reply());
        let asks_for_key =
            reply.headers.iter().any(|(name, value)| (*name, &**value) == ("www-authenticate", "Bearer"));
        assert_eq!((reply.status, asks_for_key), (problem.status, problem.status == 401));
        assert!(problem.title != "Error" && !problem.detail.is_empty());
        assert_eq!(denied.is_guess(), guesses.contains(&denied), "{denied:?}");
    }
}
