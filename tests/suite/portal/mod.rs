//! The settings' API as somebody sees it who calls it: the real router over the memory adapters. Every answer is held to
//! the document that describes the API.

mod changes;
mod chats;
mod document;
mod erase;
mod files;
mod gathered;
mod links;
mod log;
mod pages;
mod settings;
mod traffic;
mod trial;
mod tries;
mod upstream;
mod waiting;
mod who;

use crate::world::{HandClock, Lines, Wire, World, run};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request},
};
use bundler::{
    attempt::Attempt,
    endpoint::{Policy, Reach, Scheme},
    id::{WebhookId, WorkspaceId},
    limits,
    memory::{MemoryFiles, MemoryQueue, MemoryTable},
    portal::{Grant, Session, SessionId, Site, csrf},
    ports::{Answer, Clock, File, KeepFile, PortError, ReadRootSecret, SendTest},
    signature::RootSecret,
    trial::Trial,
    window::{AggregationUnit, Granularity},
};
use portal::{Portal, Ports, RandomBytes, Visitor, router};
use serde_json::Value;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    time::Duration,
};
use tower_service::Service;

const ORIGIN: &str = "https://settings.example.org";
/// The webhook of the workspace that most questions are about.
const HOOK: &str = "/v1/workspaces/acme/webhooks/default";

/// A world as the router sees it.
struct Edge {
    world: Arc<World>,
    secret: Secret,
    tester: Tester,
    files: Arc<Shelf>,
    random: Counted,
}

struct Secret(RootSecret);

impl ReadRootSecret for Secret {
    async fn read_root_secret(&self) -> Answer<RootSecret> {
        Ok(self.0.clone())
    }
}

/// The sender, without Lambda between.
struct Tester(Arc<World>);

impl SendTest for Tester {
    async fn send_test(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Attempt>> {
        let World { table, receiver, clock, log, .. } = &*self.0;
        Trial { table, receiver, clock, platform: "TimelinesAI" }.send(log, workspace, webhook).await
    }
}

/// A place for files, whose links nobody follows.
struct Shelf {
    answer_bytes: usize,
    files: Mutex<Vec<File>>,
    is_full: AtomicBool,
}

impl KeepFile for Shelf {
    fn answer_bytes(&self) -> usize {
        self.answer_bytes
    }

    async fn keep(&self, file: File) -> Answer<String> {
        if self.is_full.load(Ordering::Relaxed) {
            return Err(PortError { doing: "keeping a file", code: "status 503".to_owned() });
        }
        let link = format!("https://files.example.org/{}", file.key);
        self.files.lock().expect("files").push(file);
        Ok(link)
    }
}

/// Bytes of which everybody can tell the next.
#[derive(Default)]
struct Counted(AtomicU8);

impl RandomBytes for Counted {
    fn random_bytes(&self) -> Answer<[u8; 32]> {
        Ok([self.0.fetch_add(1, Ordering::Relaxed); 32])
    }
}

impl Ports for Edge {
    type Table = Wire<MemoryTable>;
    type Queue = Wire<MemoryQueue<HandClock>>;
    type Secret = Secret;
    type Tester = Tester;
    type Files = Shelf;
    type Copies = Wire<MemoryFiles<HandClock>>;
    type Clock = HandClock;
    type Random = Counted;
    type Log = Lines;

    fn table(&self) -> &Self::Table {
        &self.world.table
    }

    fn copies(&self) -> &Self::Copies {
        &self.world.files
    }

    fn queue(&self) -> &Self::Queue {
        &self.world.queue
    }

    fn secret(&self) -> &Secret {
        &self.secret
    }

    fn tester(&self) -> &Tester {
        &self.tester
    }

    fn files(&self) -> &Shelf {
        &self.files
    }

    fn clock(&self) -> &HandClock {
        &self.world.clock
    }

    fn random(&self) -> &Counted {
        &self.random
    }

    fn log(&self) -> &Lines {
        &self.world.log
    }

    fn check_url(&self, url: &str) -> Result<(), String> {
        let policy = Policy { scheme: Scheme::HttpsOnly, reach: Reach::Public };
        outbound::check(url, policy).map_err(|failure| failure.detail)
    }
}

/// Where people ask.
struct Desk {
    world: Arc<World>,
    files: Arc<Shelf>,
    root: RootSecret,
    router: Router,
}

/// Who asks, with what in hand.
#[derive(Clone, Default)]
struct Asker {
    headers: Vec<(&'static str, String)>,
    address: Option<Ipv4Addr>,
    site: Option<&'static str>,
}

struct Told {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Desk {
    fn new(granularity: Granularity) -> Self {
        Self::over(World::new(granularity))
    }

    fn over(world: World) -> Self {
        Self::with_answers_of(limits::PORTAL_ANSWER_BYTES, world)
    }

    /// Where an answer has so many bytes at the most.
    fn with_answers_of(answer_bytes: usize, world: World) -> Self {
        let (world, root) = (Arc::new(world), RootSecret::parse(&"r".repeat(64)).expect("a secret"));
        let (secret, tester) = (Secret(root.clone()), Tester(world.clone()));
        let files = Arc::new(Shelf { answer_bytes, files: Mutex::default(), is_full: AtomicBool::new(false) });
        let edge = Edge { world: world.clone(), secret, tester, files: files.clone(), random: Counted::default() };
        let portal = Portal::new(edge, AggregationUnit::HOUR, "TimelinesAI".to_owned());
        Self { world, files, root, router: router(Arc::new(portal)) }
    }

    fn admin(&self) -> Asker {
        Asker::default().with("authorization", &format!("Bearer {}", self.root.admin_key()))
    }

    fn session(&self, workspace: &str, grant: Grant) -> Session {
        let workspace = WorkspaceId::parse(workspace).expect("an id");
        Session { workspace, grant, id: SessionId([7; 16]), ends: self.world.clock.now().plus(HOUR) }
    }

    /// Who looks at a page of this session, and may change something from there.
    fn page(&self, session: &Session) -> Asker {
        self.cookie(session).with("x-csrf-token", csrf::token(&self.root, session).reveal())
    }

    fn cookie(&self, session: &Session) -> Asker {
        Asker::default().with("cookie", &format!("__Host-bundlehook={}", session.to_token(&self.root).reveal()))
    }

    fn ask(&self, asker: &Asker, method: &str, path: &str, body: Option<&Value>) -> Told {
        let body = body.map(|body| body.to_string().into_bytes());
        let asker = if body.is_some() { asker.clone().with("content-type", "application/json") } else { asker.clone() };
        self.ask_raw(&asker, method, path, body.unwrap_or_default())
    }

    fn ask_raw(&self, asker: &Asker, method: &str, path: &str, body: Vec<u8>) -> Told {
        let address = IpAddr::V4(asker.address.unwrap_or(Ipv4Addr::new(192, 0, 2, 1)));
        let site = Site::parse(asker.site.unwrap_or(ORIGIN)).expect("a site");
        let mut request = Request::builder().method(method).uri(path).extension(Visitor { address, site });
        for (name, value) in &asker.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let told = run(async {
            let response = self.router.clone().call(request).await.expect("a router does not fail");
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
            Told { status: parts.status.as_u16(), headers: parts.headers, body }
        });
        document::hold(method, path, &told);
        told
    }

    fn get(&self, path: &str) -> Told {
        self.ask(&self.admin(), "GET", path, None)
    }

    fn post(&self, path: &str, body: &Value) -> Told {
        self.ask(&self.admin(), "POST", path, Some(body))
    }

    /// Changes the webhook as it is now.
    fn patch(&self, body: &Value) -> Told {
        let etag = self.get(HOOK).header("etag").to_owned();
        self.ask(&self.admin().with("if-match", &etag), "PATCH", HOOK, Some(body))
    }
}

const HOUR: Duration = Duration::from_secs(3_600);

impl Asker {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn from(self, address: u32) -> Self {
        Self { address: Some(Ipv4Addr::from(address)), ..self }
    }
}

impl Told {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("text")
    }

    /// Where something is wrong with what was sent.
    fn pointers(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["pointer"].as_str().expect("a pointer").to_owned()).collect()
    }
}
