//! The functions' use cases in one process, over the memory adapters, a clock set by hand and a receiver that does as
//! it is told. Nothing in it waits: time passes only when a test says so.

mod edge;
mod functions;
mod owner;
mod receiver;
mod sample;
mod tape;
mod upstream;
mod wire;
mod wire_files;

pub(crate) use edge::{HandClock, Lines};
pub(crate) use functions::{Brought, Way, record};
pub(crate) use receiver::{Receiver, Reply, header};
pub(crate) use sample::{article, in_chat, message, sample};
pub(crate) use tape::{Loses, Tape};
pub(crate) use tests::random::Random;
pub(crate) use wire::{Others, Wire};

use bundler::{
    cache::{RootSecretCache, SettingsCache},
    id::{WebhookId, WorkspaceId},
    memory::{MemoryFiles, MemoryMailbox, MemoryQueue, MemoryTable, Store},
    ports::SweepTable,
    settings::Settings,
    signature::{RootSecret, SigningSecret},
    table::{Item, sweep::LowWater},
    timestamp::Timestamp,
    window::{self, AggregationUnit, Granularity},
};
use std::{
    future::Future,
    sync::{Arc, Mutex, atomic::AtomicBool},
    time::Duration,
};

/// Where the webhook of every world is.
pub(crate) const WEBHOOK_URL: &str = "https://hooks.example.org/catch/1234?token=s3cr3t";
/// Where links to files lead in every world.
pub(crate) const FILES: &str = "https://files.example.org";
/// As the template sets them: the queue's visibility timeout, and how often it hands a message out.
const VISIBILITY: Duration = Duration::from_secs(360);
const MAX_RECEIVES: u64 = 240;

/// Runs a future of the memory adapters, or of others, to its end.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect(text)
}

pub(crate) struct World {
    pub(crate) clock: HandClock,
    pub(crate) tape: Arc<Tape>,
    pub(crate) table: Wire<MemoryTable>,
    pub(crate) queue: Wire<MemoryQueue<HandClock>>,
    pub(crate) files: Wire<MemoryFiles<HandClock>>,
    /// Whether every file is there as soon as its message is taken in, as if copying took no time and always worked.
    pub(crate) copies_at_once: AtomicBool,
    pub(crate) others: Others,
    pub(crate) receiver: Receiver,
    pub(crate) mailbox: Wire<MemoryMailbox>,
    pub(crate) log: Lines,
    settings: Mutex<Settings>,
    cache: Mutex<Arc<SettingsCache>>,
    keys: RootSecretCache,
    root_secret: RootSecret,
}

impl World {
    /// The workspace `acme`, its webhook gathering as told, at the time of the article's example.
    pub(crate) fn new(granularity: Granularity) -> Self {
        Self::starting("2021-02-24T16:31:00Z", granularity)
    }

    /// As `new`, at another time. Everything due before it has been swept.
    pub(crate) fn starting(now: &str, granularity: Granularity) -> Self {
        let world = Self::without_webhook(now, granularity);
        world.configure(|_| {});
        world.everything_is_swept_until(window::last_due(AggregationUnit::HOUR, at(now)));
        world
    }

    /// A deployment that has swept nothing and knows no webhook until it is configured.
    pub(crate) fn without_webhook(now: &str, granularity: Granularity) -> Self {
        let settings = Settings::new(WEBHOOK_URL.to_owned(), granularity, SigningSecret::from_bytes([7; 32]));
        let clock = HandClock::new(at(now));
        let tape = Arc::new(Tape::new(clock.clone()));
        let queue = MemoryQueue::new(Store::default(), clock.clone(), VISIBILITY, MAX_RECEIVES);
        Self {
            table: Wire { inner: MemoryTable::new(Store::default()), tape: tape.clone() },
            queue: Wire { inner: queue, tape: tape.clone() },
            files: Wire { inner: MemoryFiles::new(Store::default(), clock.clone(), FILES), tape: tape.clone() },
            copies_at_once: AtomicBool::new(true),
            others: Others { tape: tape.clone(), portions: Mutex::default() },
            receiver: Receiver::new(clock.clone(), tape.clone()),
            mailbox: Wire { inner: MemoryMailbox::default(), tape: tape.clone() },
            log: Lines::new(clock.clone()),
            settings: Mutex::new(settings),
            cache: Mutex::default(),
            keys: RootSecretCache::default(),
            root_secret: RootSecret::parse(&"root".repeat(16)).expect("a secret"),
            tape,
            clock,
        }
    }

    /// Changes the webhook's settings, as the operator does. A warm function sees it only when its cache is too old.
    pub(crate) fn configure(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.settings.lock().expect("settings");
        change(&mut settings);
        let (workspace, webhook) = (WorkspaceId::parse("acme").expect("an id"), WebhookId::first());
        self.table.inner.put_settings(&workspace, &webhook, &settings).expect("settings are put");
    }

    /// Another workspace, whose webhook is as `acme`'s is now.
    pub(crate) fn add_workspace(&self, id: &str) {
        let (workspace, webhook) = (WorkspaceId::parse(id).expect("an id"), WebhookId::first());
        let settings = self.settings.lock().expect("settings").clone();
        self.table.inner.put_settings(&workspace, &webhook, &settings).expect("settings are put");
    }

    /// New sandboxes: nothing is cached.
    pub(crate) fn restart(&self) {
        *self.cache.lock().expect("a cache") = Arc::default();
    }

    pub(crate) fn set_time(&self, moment: &str) {
        self.clock.set(at(moment));
    }

    /// What messages have left in the table and on the queue.
    pub(crate) fn stored(&self) -> usize {
        let is_message = |item: &Item| item.key.pk.starts_with("due#") || item.key.pk.starts_with("lane#");
        let items = self.table.inner.store().items().iter().filter(|item| is_message(item)).count();
        items + self.queue.inner.len().expect("the queue counts")
    }

    pub(crate) fn everything_is_swept_until(&self, due: Timestamp) {
        run(self.table.inner.raise_low_water(LowWater { due, shards: 0 })).expect("a mark");
    }

    /// What ingest's warm sandbox knows of the settings.
    fn cache(&self) -> Arc<SettingsCache> {
        self.cache.lock().expect("a cache").clone()
    }
}
