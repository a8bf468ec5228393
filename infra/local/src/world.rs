//! The functions in one process, over the memory adapters and the real HTTP client.
//!
//! One function runs at a time, and whoever moves the clock's limit does so only in between. So what the protocol asks
//! of clocks holds however fast time runs: no message is still on its way into a bucket that is being read.

use crate::{arguments::Lines, clock::Clock, mailbox::Mailbox, secrets, stores::Stores};
use bundler::{
    api::{Call, Reply, ingest::IngestApi},
    batch::{Batch, Record},
    cache::{RootSecretCache, SettingsCache},
    deliver::Deliver,
    endpoint::{Policy, Reach, Scheme},
    flush::{Bounds, Portion, Sweep},
    health::Patience,
    ingest::Ingest,
    log::{Level, Line, Log},
    memory::{MemoryFiles, MemoryQueue, MemoryTable, Store},
    ports::{Answer, Clock as _, HandOver, PortError},
    tell::Tell,
    window::AggregationUnit,
};
use std::{
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
    patience: Patience,
    keys: RootSecretCache,
    lines: Lines,
    /// Held by the function that runs. What it holds is what the function `ingest` remembers of settings.
    one_at_a_time: Mutex<SettingsCache>,
}

impl World {
    pub(crate) fn new(stores: Stores, clock: Clock, mailbox: Mailbox, lines: Lines) -> Result<Self, String> {
        Ok(Self {
            table: MemoryTable::new(stores.table),
            queue: MemoryQueue::new(stores.queue, clock.clone(), VISIBILITY, MAX_RECEIVES),
            files: MemoryFiles::new(Store::default(), clock.clone(), "https://files.example.org"),
            client: outbound::Client::new(POLICY)?,
            mailbox,
            patience: Patience::default(),
            clock,
            called: Notify::new(),
            keys: RootSecretCache::default(),
            lines,
            one_at_a_time: Mutex::default(),
        })
    }

    /// The function `ingest`, called over HTTP.
    pub(crate) async fn ingest(&self, method: &str, path: &str, authorization: Option<&str>, body: &[u8]) -> Reply {
        let known = self.one_at_a_time.lock().await;
        let api = IngestApi {
            ingest: Ingest {
                table: &self.table,
                queue: &self.queue,
                files: &self.files,
                cache: &known,
                unit: AggregationUnit::HOUR,
            },
            secret: &secrets::Root,
            keys: &self.keys,
            log: &self.log("ingest"),
        };
        let headers = authorization.map(|value| ("authorization".to_owned(), value.to_owned())).into_iter().collect();
        let now = self.clock.now();
        let call = Call { method, path, query: "", headers: &headers, domain: "localhost", body, now };
        let reply = api.answer(call).await;
        self.called.notify_one();
        reply
    }

    /// The function `settings`, called over HTTP: so it answers. What was changed the others know at once, and not within
    /// half a minute, so that nobody has to wait to see it.
    pub(crate) async fn settings<T>(&self, answer: impl Future<Output = T>) -> T {
        let mut known = self.one_at_a_time.lock().await;
        let answered = answer.await;
        *known = SettingsCache::default();
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
