//! Portal links: one workspace, once, in time, and only as they were made.

use super::{
    NONCE, another_root, at, bits_flipped, content_flipped, link, now, root, run, seconds, session, table, workspace,
};
use crate::{
    limits,
    memory::MemoryTable,
    portal::{Grant, Lifetime, Link, Nonce, Opening, Session, SessionId, csrf, open, token},
    ports::{Answer, PortError, UseOnce},
    signature::Purpose,
    table::portal::UsedLink,
    timestamp::Timestamp,
};
use std::{sync::Mutex, time::Duration};

const ID: SessionId = SessionId([1; 16]);

fn open_at(table: &MemoryTable, token: &str, id: SessionId, now: Timestamp) -> Opening {
    run(open(table, &root(), token, id, now)).expect("an opening")
}

fn opened(id: &str, grant: Grant) -> Opening {
    Opening::Opened(Session { id: ID, ..session(id, grant) })
}

#[test]
fn a_link_opens_its_workspace_as_far_as_it_says_and_once() {
    let table = table();
    for (id, grant, nonce) in [("acme", Grant::Full, 1), ("acme", Grant::ReadOnly, 2), ("globex", Grant::Full, 3)] {
        let link = Link { nonce: Nonce([nonce; 16]), ..link(id, grant) };
        let token = link.to_token(&root());
        assert_eq!(open_at(&table, token.reveal(), ID, now()), opened(id, grant));
        assert_eq!(open_at(&table, token.reveal(), SessionId([2; 16]), now()), Opening::Used);
    }
    assert_eq!(table.store().items().len(), 3);
}

#[test]
fn a_link_expires_to_the_moment_whether_it_was_used_or_not() {
    let (table, token) = (table(), link("acme", Grant::Full).to_token(&root()));
    let (last, over) = (at("2021-02-24T16:14:59.999Z"), at("2021-02-24T16:15:00Z"));
    assert_eq!(open_at(&table, token.reveal(), ID, over), Opening::Expired);
    assert_eq!(table.store().items(), [], "and asks nothing of the table");
    let Opening::Opened(session) = open_at(&table, token.reveal(), ID, last) else { panic!("it is in time") };
    assert_eq!(session.ends, at("2021-02-24T17:14:59Z"), "the session lives as long as the link says");
    assert_eq!(open_at(&table, token.reveal(), ID, over), Opening::Expired);
    let used = UsedLink { nonce: NONCE, by: ID, expires: over };
    assert_eq!(table.store().items(), [used.to_item()]);
}

#[test]
fn a_link_and_a_session_live_from_a_minute_to_twelve_hours() {
    for (allowed, refused) in [(60, 59), (43_200, 43_201), (900, 0), (3_600, u64::MAX), (61, u64::from(u32::MAX) + 61)]
    {
        assert_eq!(Lifetime::from_seconds(allowed).map(Lifetime::as_seconds).map(u64::from), Ok(allowed));
        assert!(Lifetime::from_seconds(refused).is_err(), "{refused}");
    }
    let life = seconds(limits::PORTAL_LIFE_MAX.as_secs());
    let link = Link::new(workspace("acme"), Grant::Full, life, life, now(), NONCE);
    let end = now().plus(Duration::from_secs(43_200));
    assert_eq!(link.expires, end);
    let Opening::Opened(session) = open_at(&table(), link.to_token(&root()).reveal(), ID, now()) else { panic!() };
    assert_eq!(session.ends, end);
}

/// Does what is asked and loses its first answer.
struct Lossy {
    table: MemoryTable,
    lost: Mutex<bool>,
}

impl UseOnce for Lossy {
    async fn use_once(&self, used: &UsedLink) -> Answer<bool> {
        let answer = self.table.use_once(used).await;
        let was_lost = std::mem::replace(&mut *self.lost.lock().expect("a lock"), true);
        if was_lost { answer } else { Err(PortError { doing: "using a portal link", code: "timed out".to_owned() }) }
    }
}

#[test]
fn an_opening_whose_answer_was_lost_is_repeated_and_lets_nobody_else_in() {
    let port = Lossy { table: table(), lost: false.into() };
    let token = link("acme", Grant::Full).to_token(&root());
    assert!(run(open(&port, &root(), token.reveal(), ID, now())).is_err());
    assert_eq!(run(open(&port, &root(), token.reveal(), SessionId([2; 16]), now())), Ok(Opening::Used));
    assert_eq!(run(open(&port, &root(), token.reveal(), ID, now())), Ok(opened("acme", Grant::Full)));
}

#[test]
fn what_is_no_link_of_ours_opens_nothing_and_asks_nothing_of_the_table() {
    let table = table();
    let (link, session) = (link("acme", Grant::Full), session("acme", Grant::Full));
    let token = link.to_token(&root()).reveal().to_owned();
    let given = [
        String::new(),
        "x".to_owned(),
        "x".repeat(100_000),
        format!("{token} "),
        format!("{token}="),
        format!("{token}AAAA"),
        token[..token.len() - 1].to_owned(),
        session.to_token(&root()).reveal().to_owned(),
        super::session("globex", Grant::Full).to_token(&root()).reveal().to_owned(),
        csrf::token(&root(), &session).reveal().to_owned(),
        link.to_token(&another_root()).reveal().to_owned(),
        root().admin_key(),
        root().ingest_key(),
        root().workspace_ingest_key(&workspace("acme")),
    ];
    let mut tried = 0;
    for wrong in given.into_iter().chain(bits_flipped(&token)).chain(content_flipped(&token)) {
        assert_eq!(open_at(&table, &wrong, ID, now()), Opening::Invalid, "{wrong}");
        tried += 1;
    }
    assert!(tried > 1_000, "{tried}");
    assert_eq!(table.store().items(), []);
    assert_eq!(open_at(&table, &token, ID, now()), opened("acme", Grant::Full));
}

#[test]
fn what_our_own_key_has_signed_is_still_read_by_the_rules() {
    let table = table();
    let token = link("acme", Grant::Full).to_token(&root());
    let signed = token::decode(token.reveal()).expect("a token");
    let said = &signed[..signed.len() - 32];
    let resigned = |change: fn(&mut Vec<u8>)| {
        let mut said = said.to_vec();
        change(&mut said);
        let seal = root().seal(Purpose::PortalLink, &said);
        said.extend(seal);
        open_at(&table, token::Token::encode(&said).reveal(), ID, now())
    };
    for (what, change) in [
        ("another version", (|said| said[0] = 2) as fn(&mut Vec<u8>)),
        ("an unknown grant", |said| said[1] = b'x'),
        ("a moment that is none", |said| said[2] = 0xff),
        ("a session over twelve hours", |said| said[10] = 1),
        ("a session under a minute", |said| said[12..14].copy_from_slice(&[0, 59])),
        ("no workspace", |said| said.truncate(30)),
        ("a workspace that is none", |said| said.push(b'#')),
        ("a workspace that is no text", |said| said.push(0xff)),
        ("nothing", Vec::clear),
        ("half of a moment", |said| said.truncate(6)),
    ] {
        assert_eq!(resigned(change), Opening::Invalid, "{what}");
    }
    assert_eq!(resigned(|_| ()), opened("acme", Grant::Full));
}

#[test]
fn the_longest_link_fits_and_needs_no_escape_in_a_url_or_a_cookie() {
    let longest = workspace(&"w".repeat(limits::WORKSPACE_ID_CHARS));
    let link = Link { workspace: longest.clone(), ..link("acme", Grant::Full) };
    let session = Session { workspace: longest.clone(), ..session("acme", Grant::Full) };
    let tokens = [link.to_token(&root()), session.to_token(&root())];
    for token in &tokens {
        let plain = token.reveal().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        assert!(plain && token.reveal().len() <= limits::PORTAL_TOKEN_CHARS);
        assert!(!format!("{token:?}").contains(&token.reveal()[..8]), "and does not show");
    }
    assert_eq!(tokens[0].reveal().len(), 168);
    let Opening::Opened(opened) = open_at(&table(), tokens[0].reveal(), ID, now()) else { panic!("it opens") };
    assert_eq!(opened.workspace, longest);
}

#[test]
fn only_what_is_no_link_is_a_guess() {
    let all = [opened("acme", Grant::Full), Opening::Used, Opening::Expired, Opening::Invalid];
    assert_eq!(all.map(|opening| opening.is_guess()), [false, false, false, true]);
}
