//! The functions in one process, over the memory adapters and the real HTTP client.
//!
//! One function runs at a time, and whoever moves the clock's limit does so only in between. So what the protocol asks
//! of clocks holds however fast time runs: no message is still on its way into a bucket that is being read.

use crate::{
    arguments::Lines,
    clock::Clock,
    mailbox::Mailbox,
    names::{Addresses, GRAPH, Names},
    secrets,
    stores::Stores,
};
use bundler::{
    api::{Call, Reply, ingest::IngestApi, upstreams::UpstreamApi},
    batch::{Batch, Record},
    cache::{CredentialsCache, RootSecretCache, SettingsCache, UpstreamCache},
    deliver::Deliver,
    endpoint::{Policy, Reach, Scheme},
    file::{Copier, Graph},
    flush::{Bounds, Portion, Sweep},
    health::Patience,
    ingest::Ingest,
    log::{Level, Line, Log},
    memory::{MemoryFiles, MemoryQueue, MemoryTable},
    ports::{Answer, Clock as _, HandOver, PortError},
    tell::Tell,
    window::AggregationUnit,
};
use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};
use tokio::sync::{Mutex, Notify};

/// One machine calls itself.
pub(crate) const POLICY: Policy = Policy { scheme: Scheme::HttpToo, reach: Reach::Private };
/// The platform's name in a note's last sentence.
pub(crate) const PLATFORM: &str = "TimelinesAI";
/// Of the aggregator and the sender, as the template has it.
const FUNCTION_LIFE: Duration = Duration::from_secs(60);
/// How long a reference that was handed out stays hidden, and how often it is: as the template has it.
const VISIBILITY: Duration = Duration::from_secs(360);
const MAX_RECEIVES: u64 = 240;
/// Of the Graph API that is played.
const GRAPH_VERSION: &str = "v23.0";
/// References that one invocation of the sender gets.
const BATCH: usize = 10;

pub(crate) struct World {
    pub(crate) table: MemoryTable,
    pub(crate) clock: Clock,
    /// Rings after each call of an endpoint.
    pub(crate) called: Notify,
    pub(crate) queue: MemoryQueue<Clock>,
    pub(crate) files: MemoryFiles<Clock>,
    pub(crate) client: outbound::Client,
    mailbox: Mailbox,
    /// Where files are fetched from.
    source: Names,
    graph: Graph,
    patience: Patience,
    keys: RootSecretCache,
    credentials: CredentialsCache,
    lines: Lines,
    /// Held by the function that runs.
    one_at_a_time: Mutex<Remembered>,
}

/// What the function `ingest` remembers of settings.
#[derive(Default)]
struct Remembered {
    settings: SettingsCache,
    upstreams: UpstreamCache,
}

/// A call of the function `ingest`.
pub(crate) struct Called<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    /// Names in lower case.
    pub(crate) headers: &'a BTreeMap<String, String>,
    pub(crate) body: &'a [u8],
}

impl World {
    /// Links to files begin with `links`.
    pub(crate) fn new(
        stores: Stores,
        clock: Clock,
        mailbox: Mailbox,
        lines: Lines,
        addresses: Addresses,
        links: &str,
    ) -> Result<Self, String> {
        Ok(Self {
            table: MemoryTable::new(stores.table),
            queue: MemoryQueue::new(stores.queue, clock.clone(), VISIBILITY, MAX_RECEIVES),
            files: MemoryFiles::new(stores.files, clock.clone(), links),
            client: outbound::Client::new(POLICY)?,
            mailbox,
            source: Names::new(addresses)?,
            graph: Graph::new(GRAPH, GRAPH_VERSION)?,
            patience: Patience::default(),
            clock,
            called: Notify::new(),
            keys: RootSecretCache::default(),
            credentials: CredentialsCache::default(),
            lines,
            one_at_a_time: Mutex::default(),
        })
    }

    /// The function `ingest`, called over HTTP.
    pub(crate) async fn ingest(&self, called: Called<'_>) -> Reply {
        let remembered = self.one_at_a_time.lock().await;
        let api = IngestApi {
            ingest: Ingest {
                table: &self.table,
                queue: &self.queue,
                files: &self.files,
                cache: &remembered.settings,
                unit: AggregationUnit::HOUR,
            },
            secret: &secrets::Root,
            keys: &self.keys,
            log: &self.log("ingest"),
        };
        let Called { method, path, query, headers, body } = called;
        let domain = headers.get("host").map_or("localhost", String::as_str);
        // Nobody calls it by https.
        let origin = &format!("http://{domain}");
        let (credentials, known, upstreams) = (&secrets::Upstreams, &self.credentials, &remembered.upstreams);
        let api = UpstreamApi { api: &api, credentials, known, upstreams, origin };
        let call = Call { method, path, query, headers, domain, body, now: self.clock.now() };
        let reply = Box::pin(api.answer(call)).await;
        self.called.notify_one();
        reply
    }

    /// The function `settings`, called over HTTP: so it answers. What was changed the others know at once, and not within
    /// half a minute, so that nobody has to wait to see it.
    pub(crate) async fn settings<T>(&self, answer: impl Future<Output = T>) -> T {
        let mut remembered = self.one_at_a_time.lock().await;
        let answered = answer.await;
        *remembered = Remembered::default();
        self.called.notify_one();
        answered
    }

    /// The function `aggregator`, woken by the minute.
    pub(crate) async fn sweep(&self) -> Answer<()> {
        let _alone = self.one_at_a_time.lock().await;
        let sweep = Sweep {
            table: &self.table,
            queue: &self.queue,
            clock: &self.clock,
            others: &NoOthers,
            unit: AggregationUnit::HOUR,
            bounds: Bounds::default(),
        };
        let swept = sweep.tick(self.clock.now().plus(FUNCTION_LIFE)).await?;
        if swept.references > 0 {
            let line = Line::new(Level::Info, "swept").number("sweep.windows", swept.windows);
            self.log("aggregator").log(line.number("sweep.references", swept.references));
        }
        Ok(())
    }

    /// The function `attachments`, for each file that is to be copied by now.
    pub(crate) async fn copy(&self) -> Answer<()> {
        let _alone = self.one_at_a_time.lock().await;
        let Self { table, queue, source, files: bucket, clock, graph, credentials, .. } = self;
        let copier = Copier { table, queue, source, bucket, clock, graph, credentials, secret: &secrets::Upstreams };
        for reference in self.files.due_copies()? {
            // What has failed here stays, for the next time.
            if copier.take(&self.log("attachments"), &reference).await.is_ok() {
                self.files.finish_copy(&reference)?;
            }
        }
        Ok(())
    }

    /// The function `sender`, as often as the queue has something for it.
    pub(crate) async fn send(&self) -> Answer<()> {
        let _alone = self.one_at_a_time.lock().await;
        loop {
            let received = self.queue.receive(BATCH)?;
            if received.is_empty() {
                return Ok(());
            }
            let Self { table, clock, patience, client: receiver, mailbox: mailer, .. } = self;
            // The clock may run a minute ahead while a receiver answers; the function has all the time it needs.
            let (platform, deadline) = (PLATFORM, clock.now().plus(FUNCTION_LIFE * 2));
            let deliver = Deliver { table, receiver, copies: &self.files, clock, platform, patience, deadline };
            let tell = Tell { table, mailer, clock, patience, compose: mail::compose, platform, settings_url: "" };
            let record = |(index, received): (usize, &bundler::memory::Received)| Record {
                id: index.to_string(),
                group: received.group.clone(),
                body: received.reference.clone(),
            };
            let records = received.iter().enumerate().map(record).collect();
            let kept = Batch { deliver, tell }.take(&self.log("sender"), records).await;
            for (index, received) in received.iter().enumerate() {
                if !kept.contains(&index.to_string()) {
                    self.queue.finish(received)?;
                }
            }
        }
    }

    pub(crate) fn log(&self, function: &'static str) -> FunctionLog {
        FunctionLog { function, lines: self.lines, clock: self.clock.clone() }
    }
}

/// One process has no other invocations: it does all by itself.
struct NoOthers;

impl HandOver for NoOthers {
    async fn hand_over(&self, _portion: &Portion) -> Answer<()> {
        Err(PortError { doing: "handing shards over", code: "there is nobody else".to_owned() })
    }
}

/// The log of one function.
pub(crate) struct FunctionLog {
    function: &'static str,
    lines: Lines,
    clock: Clock,
}

impl Log for FunctionLog {
    fn log(&self, line: Line) {
        match self.lines {
            Lines::Dropped => {}
            Lines::ToStandardError => {
                // When nobody reads any more, there is nobody to tell.
                let _ = writeln!(io::stderr(), "{}", line.render(self.clock.now(), self.function));
            }
        }
    }
}
