//! Two workspaces, and everything that somebody might hold up to get at one of them.

mod changes;
mod links;
mod table;
mod tries;

use super::{
    Access, Allowed, Credentials, Denied, Grant, Lifetime, Link, Nonce, Session, SessionId, Site, Wanted, authorise,
    csrf,
};
use crate::{
    id::WorkspaceId,
    memory::{MemoryTable, Store},
    signature::RootSecret,
    timestamp::Timestamp,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::FutureExt;
use std::future::Future;

const ORIGIN: &str = "https://settings.example.org";
const NONCE: Nonce = Nonce([b'7'; 16]);
const EVERY_ACCESS: [Access; 3] = [Access::Read, Access::Change, Access::Administer];

fn root() -> RootSecret {
    RootSecret::parse(&"r".repeat(64)).expect("a secret")
}

fn another_root() -> RootSecret {
    RootSecret::parse(&"s".repeat(64)).expect("a secret")
}

fn workspace(id: &str) -> WorkspaceId {
    WorkspaceId::parse(id).expect("an id")
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect(text)
}

fn now() -> Timestamp {
    at("2021-02-24T16:00:00Z")
}

fn seconds(seconds: u64) -> Lifetime {
    Lifetime::from_seconds(seconds).expect("a lifetime")
}

fn site() -> Site {
    Site::parse(ORIGIN).expect("a site")
}

fn table() -> MemoryTable {
    MemoryTable::new(Store::default())
}

/// The memory adapters answer at once.
fn run<F: Future>(future: F) -> F::Output {
    future.now_or_never().expect("an answer")
}

/// For 15 minutes from now on, to a session of an hour. Its nonce is one that would read as part of a workspace's id.
fn link(id: &str, grant: Grant) -> Link {
    Link::new(workspace(id), grant, seconds(900), seconds(3_600), now(), NONCE)
}

/// Until five o'clock. Its id is one that would read as a lifetime.
fn session(id: &str, grant: Grant) -> Session {
    let mut bytes = [id.len().to_le_bytes()[0]; 16];
    bytes[..4].copy_from_slice(&256_u32.to_be_bytes());
    Session { workspace: workspace(id), grant, id: SessionId(bytes), ends: at("2021-02-24T17:00:00Z") }
}

/// What a request brings along.
#[derive(Debug, Clone, Default)]
struct Shown {
    authorization: Option<String>,
    cookie: Option<String>,
    csrf_token: Option<String>,
    origin: Option<&'static str>,
    fetch_site: Option<&'static str>,
}

impl Shown {
    fn key(key: &str) -> Self {
        Self { authorization: Some(format!("Bearer {key}")), ..Self::default() }
    }

    fn cookie(value: &str) -> Self {
        Self { cookie: Some(format!("__Host-bundlehook={value}")), ..Self::default() }
    }

    /// A form of a session's own page.
    fn form(session: &Session) -> Self {
        let csrf_token = Some(csrf::token(&root(), session).reveal().to_owned());
        Self { csrf_token, ..Self::cookie(session.to_token(&root()).reveal()) }
    }

    fn ask(&self, id: &str, access: Access) -> Result<Allowed, Denied> {
        self.ask_at(now(), id, access)
    }

    fn ask_at(&self, now: Timestamp, id: &str, access: Access) -> Result<Allowed, Denied> {
        let cookies: Vec<&str> = self.cookie.iter().map(String::as_str).collect();
        let csrf_token = self.csrf_token.as_deref();
        let credentials = Credentials {
            authorization: self.authorization.as_deref(),
            cookies: &cookies,
            from: csrf::Provenance { csrf_token, origin: self.origin, fetch_site: self.fetch_site },
        };
        authorise(&root(), &site(), credentials, Wanted { workspace: &workspace(id), access }, now)
    }
}

/// Every text that differs from this one in a bit, of what can be sent.
fn bits_flipped(text: &str) -> impl Iterator<Item = String> {
    (0..8 * text.len()).filter_map(|bit| String::from_utf8(flipped(text.as_bytes(), bit)).ok())
}

/// Every token whose content differs from this one's in a bit.
fn content_flipped(token: &str) -> impl Iterator<Item = String> {
    let content = URL_SAFE_NO_PAD.decode(token).expect("a token");
    (0..8 * content.len()).map(move |bit| URL_SAFE_NO_PAD.encode(flipped(&content, bit)))
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}
