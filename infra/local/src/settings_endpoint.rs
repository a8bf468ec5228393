//! The settings function's URL on this machine: the page and its API, over the world that runs here. It decides nothing by
//! itself, and lets one request after the other into the world.

use crate::{
    clock::Clock,
    ingest_endpoint,
    secrets::{Random, Root},
    upstream::WORKSPACE,
    world::{FunctionLog, PLATFORM, POLICY, World},
};
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use bundler::{
    attempt::Attempt,
    id::{WebhookId, WorkspaceId},
    limits,
    memory::{MemoryFiles, MemoryQueue, MemoryTable},
    portal::{Grant, Lifetime, Link, Nonce, Site},
    ports::{Answer, Clock as _, NoFiles, ReadRootSecret, SendTest},
    timestamp::Timestamp,
    trial::Trial,
    window::AggregationUnit,
};
use portal::{Portal, Ports, RandomBytes, Visitor, router};
use std::{net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;

/// Clones are the same endpoint.
#[derive(Clone)]
pub(crate) struct SettingsEndpoint {
    world: Arc<World>,
    visitor: Visitor,
}

/// The world, as the router sees it.
struct Edge {
    world: Arc<World>,
    log: FunctionLog,
}

impl SettingsEndpoint {
    /// Serves in the background until the process ends.
    pub(crate) fn start(listener: TcpListener, address: SocketAddr, world: Arc<World>) -> Result<Self, String> {
        let edge = Edge { log: world.log("settings"), world: world.clone() };
        let portal = Portal::new(edge, AggregationUnit::HOUR, PLATFORM.to_owned());
        // Who reaches the loopback interface is on this machine.
        let visitor = Visitor { address: address.ip(), site: Site::parse(&format!("http://{address}"))? };
        let endpoint = Self { world, visitor };
        let router = router(Arc::new(portal)).layer(from_fn_with_state(endpoint.clone(), enter));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(endpoint)
    }

    pub(crate) fn origin(&self) -> &str {
        self.visitor.site.origin()
    }

    /// A link that opens the sample workspace's page, once, until the moment beside it: as long as one can live, because
    /// the clock may run fast.
    pub(crate) async fn link(&self, grant: Grant) -> Result<(String, Timestamp), String> {
        let root = Root.read_root_secret().await.map_err(|error| error.to_string())?;
        let life = Lifetime::from_seconds(limits::PORTAL_LIFE_MAX.as_secs())?;
        let bytes = Random.random_bytes().map_err(|error| error.to_string())?;
        let nonce = Nonce(std::array::from_fn(|place| bytes[place]));
        let link = Link::new(WorkspaceId::parse(WORKSPACE)?, grant, life, life, self.world.clock.now(), nonce);
        Ok((link.url(&root, &self.visitor.site), link.expires))
    }
}

/// A request comes in whole before it holds anybody up.
async fn enter(State(endpoint): State<SettingsEndpoint>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let body = ingest_endpoint::read(body, limits::PORTAL_BODY_BYTES).await;
    head.extensions.insert(endpoint.visitor);
    endpoint.world.settings(next.run(Request::from_parts(head, Body::from(body)))).await
}

/// The sender is in this process: nobody has to be let into the world again.
impl SendTest for Edge {
    async fn send_test(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Attempt>> {
        let World { table, clock, client: receiver, .. } = &*self.world;
        let trial = Trial { table, receiver, clock, platform: PLATFORM };
        trial.send(&self.world.log("sender"), workspace, webhook).await
    }
}

impl Ports for Edge {
    type Table = MemoryTable;
    type Queue = MemoryQueue<Clock>;
    type Secret = Root;
    type Clock = Clock;
    type Random = Random;
    type Log = FunctionLog;
    type Tester = Self;
    type Files = NoFiles;
    type Copies = MemoryFiles<Clock>;

    fn table(&self) -> &MemoryTable {
        &self.world.table
    }

    fn queue(&self) -> &MemoryQueue<Clock> {
        &self.world.queue
    }

    fn secret(&self) -> &Root {
        &Root
    }

    fn clock(&self) -> &Clock {
        &self.world.clock
    }

    fn random(&self) -> &Random {
        &Random
    }

    fn log(&self) -> &FunctionLog {
        &self.log
    }

    fn tester(&self) -> &Self {
        self
    }

    fn files(&self) -> &NoFiles {
        &NoFiles
    }

    fn copies(&self) -> &MemoryFiles<Clock> {
        &self.world.files
    }

    fn check_url(&self, url: &str) -> Result<(), String> {
        outbound::check(url, POLICY).map_err(|failure| failure.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        arguments::Lines,
        mailbox::Mailbox,
        names::Addresses,
        sample,
        screen::Screen,
        secrets,
        stores::Stores,
        upstream::{Call, Kind},
        world::Called,
    };
    use bundler::{
        attempt::{Body as Said, Request as Asked},
        ports::Post as _,
        settings::{Settings, Switch},
        window::Granularity,
    };
    use serde_json::{Value, json};
    use std::net::Ipv4Addr;

    fn world() -> Arc<World> {
        let clock = Clock::new(sample::start(&sample::conversation(None, Kind::Native).expect("the sample")), 1);
        let mailbox = Mailbox { screen: Screen::silent(), clock: clock.clone() };
        let world =
            World::new(Stores::default(), clock, mailbox, Lines::Dropped, Addresses::nowhere(), "http://nowhere");
        Arc::new(world.expect("a world"))
    }

    #[tokio::test]
    async fn the_api_is_served_on_this_machine_to_who_has_the_key_and_to_who_has_the_link() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let endpoint = SettingsEndpoint::start(listener, address, world()).expect("an endpoint");
        let client = outbound::Client::new(POLICY).expect("a client");
        let post = async |path: String, key: &str, body: Vec<u8>| {
            let headers = [("authorization", format!("Bearer {key}")), ("content-type", "application/json".to_owned())];
            let headers = headers.map(|(name, value)| (name.to_owned(), value)).into();
            let url = format!("http://{address}{path}");
            let answer = client.post(&Asked { url, headers, body }).await.result.expect("an answer");
            let Said::Text(text) = answer.body else { panic!("text") };
            (answer.status, serde_json::from_str::<Value>(&text).unwrap_or_default())
        };
        let key = Root.read_root_secret().await.expect("a secret").admin_key();
        let links = "/v1/workspaces/acme/portal-links";
        let wish = json!({ "minutes": 60, "access": "full" }).to_string().into_bytes();

        let (status, link) = post(links.to_owned(), &key, wish.clone()).await;
        assert_eq!(status, 201);
        assert!(
            link["url"].as_str().is_some_and(|url| url.starts_with(&format!("http://{address}/portal/"))),
            "{link}"
        );
        assert_eq!(post(links.to_owned(), "another", wish).await.0, 401);
        assert_eq!(post(links.to_owned(), &key, vec![b' '; limits::PORTAL_BODY_BYTES + 1]).await.0, 413);

        let (link, expires) = endpoint.link(Grant::Full).await.expect("a link");
        assert_eq!(expires.since(endpoint.world.clock.now()).as_secs(), 12 * 3_600);
        let (_, path) = link.split_once(&address.to_string()).expect("the endpoint's address");
        assert_eq!(post(path.to_owned(), &key, Vec::new()).await.0, 303);
        assert_eq!(post(path.to_owned(), &key, Vec::new()).await.0, 410, "a link opens the page once");
    }

    #[tokio::test]
    async fn what_was_changed_on_the_page_ingest_knows_at_once() {
        let world = world();
        let workspace = WorkspaceId::parse(WORKSPACE).expect("an id");
        let key = format!("Bearer {}", Root.read_root_secret().await.expect("a secret").ingest_key());
        let conversation = sample::conversation(None, Kind::Native).expect("the sample");
        let mut settings = Settings::new("http://127.0.0.1/".to_owned(), Granularity::Hours1, secrets::signing());
        for (switch, message, becomes) in [(Switch::On, 0, "accepted"), (Switch::Off, 1, "ignored")] {
            settings.switch = switch;
            let changed =
                world.settings(async { world.table.put_settings(&workspace, &WebhookId::first(), &settings) });
            changed.await.expect("stored");
            let path = format!("/v1/workspaces/{WORKSPACE}/messages");
            let [Call::Native(body)] = &conversation[message].calls[..] else { panic!("a native event") };
            let headers = [("authorization".to_owned(), key.clone())].into();
            let called = Called { method: "POST", path: &path, query: "", headers: &headers, body };
            let reply = world.ingest(called).await;
            let told: Value = serde_json::from_slice(&reply.body).expect("JSON");
            assert_eq!(told["results"][0]["status"], becomes, "{told}");
        }
    }
}
