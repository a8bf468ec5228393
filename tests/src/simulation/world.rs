//! What all invocations of a schedule share: the stores of the memory adapters, the true time, the requests under way,
//! and the book of what the receiver was sent. It moves nothing by itself.

use super::{
    breaks::Break,
    gate::{self, Gate, Stage, Waiting, lock},
    history::Attempted,
    plan::Plan,
    ports::at_once,
    schedule::Happening,
};
use crate::random::Random;
use bundler::{
    health::Health,
    id::{WebhookId, WorkspaceId},
    memory::{MemoryFiles, MemoryQueue, MemoryTable, Store},
    ports::{Answer, Appointments, Clock, PutHealth, SweepTable},
    settings::Settings,
    table::{Item, ItemKey, at::Appointment, item::IndexKey},
    timestamp::Timestamp,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// As the template sets it: how often the queue hands a message out before it is a dead letter.
const MAX_RECEIVES: u64 = 240;

/// A clock that is so many milliseconds ahead of the true one, or behind it.
#[derive(Clone)]
pub(super) struct SkewedClock {
    time: Arc<AtomicU64>,
    pub(super) ahead_ms: i64,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        moment(self.time.load(Ordering::Relaxed).saturating_add_signed(self.ahead_ms))
    }
}

/// A moment from milliseconds.
pub(super) fn moment(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap_or(Timestamp::EPOCH)
}

pub(super) struct World {
    pub(super) table: MemoryTable,
    pub(super) queue: MemoryQueue<SkewedClock>,
    pub(super) files: MemoryFiles<SkewedClock>,
    pub(super) broken: Option<Break>,
    /// Whether somebody will read what requests are about.
    pub(super) is_told: bool,
    time: Arc<AtomicU64>,
    requests: AtomicU64,
    waiting: Mutex<Vec<Waiting>>,
    random: Mutex<Random>,
    pub(super) book: Mutex<Book>,
}

/// What is noted while a schedule runs.
#[derive(Default)]
pub(super) struct Book {
    pub(super) attempts: Vec<Attempted>,
    /// Windows' ends that a message was put into, or is about to be.
    pub(super) dues: BTreeSet<Timestamp>,
    /// Shards of the world's lanes.
    pub(super) shards: BTreeSet<u16>,
    /// Of a thousand requests the receiver answers so many with 500.
    pub(super) receiver_fails: u64,
    /// From when until when the receiver takes nothing at all.
    pub(super) receiver_dead: (u64, u64),
    /// Mails that owners got: to whom, and what they tell.
    pub(super) mails: Vec<(String, String)>,
    /// Each health of a webhook as it was put: when, by which invocation (none: a person), and what.
    pub(super) healths: BTreeMap<WorkspaceId, Vec<(u64, u32, Health)>>,
    /// How long held deliveries are in the index, and since when those are gone that were.
    held: Vec<(u64, IndexKey)>,
    held_ghosts: Vec<(u64, IndexKey)>,
    /// What requests have set going.
    pub(super) asked_for: Vec<Happening>,
    /// How far the index lags behind at most, milliseconds; since when each entry stands in it, and which were taken out.
    pub(super) index_lag_ms: u64,
    pub(super) appointed: Vec<(u64, Appointment)>,
    ghosts: Vec<(u64, Appointment)>,
    /// Items that stand where a broken put has put them.
    pub(super) overwritten: BTreeMap<ItemKey, Item>,
    /// Each version of a workspace's settings, and when it was put.
    pub(super) settings: BTreeMap<WorkspaceId, Vec<(u64, Settings)>>,
    /// What the functions logged, if somebody will read it.
    pub(super) lines: Vec<String>,
    /// Requests that were answered at once, because nothing was there to be found.
    pub(super) passed: u64,
}

impl World {
    pub(super) fn new(random: Random, plan: &Plan, broken: Option<Break>, is_told: bool) -> Self {
        let time = Arc::new(AtomicU64::new(plan.start));
        let clock = SkewedClock { time: time.clone(), ahead_ms: 0 };
        let visibility = if broken == Some(Break::ShortVisibility) { 5 } else { 360 };
        Self {
            table: MemoryTable::new(Store::default()).with_bucket_pages_of(plan.page_bytes),
            files: MemoryFiles::new(Store::default(), clock.clone(), "https://files.example.org"),
            queue: MemoryQueue::new(Store::default(), clock, Duration::from_secs(visibility), MAX_RECEIVES),
            broken,
            is_told,
            time,
            requests: AtomicU64::new(0),
            waiting: Mutex::default(),
            random: Mutex::new(random),
            book: Mutex::default(),
        }
    }

    /// True time, milliseconds since 1970.
    pub(super) fn now(&self) -> u64 {
        self.time.load(Ordering::Relaxed)
    }

    pub(super) fn set_time(&self, now: u64) {
        self.time.store(now, Ordering::Relaxed);
    }

    pub(super) fn clock(&self, ahead_ms: i64) -> SkewedClock {
        SkewedClock { time: self.time.clone(), ahead_ms }
    }

    pub(super) fn is(&self, broken: Break) -> bool {
        self.broken == Some(broken)
    }

    pub(super) fn draw<R>(&self, draw: impl FnOnce(&mut Random) -> R) -> R {
        draw(&mut lock(&self.random))
    }

    /// Requests made so far.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        lock(&self.waiting)
    }

    /// Makes a request: it waits until the scheduler lets it happen.
    pub(super) fn ask<R, E>(
        &self,
        invocation: u32,
        name: &'static str,
        about: impl Fn() -> String,
        effect: E,
    ) -> Gate<R>
    where
        R: Send + 'static,
        E: FnMut(&Self, Option<usize>) -> Answer<R> + Send + 'static,
    {
        self.make(invocation, name, about, effect, None)
    }

    /// Makes a request that nobody waits for, and that takes effect up to `within_ms` later.
    pub(super) fn leave<R, E>(&self, invocation: u32, name: &'static str, within_ms: u64, effect: E)
    where
        R: Send + 'static,
        E: FnMut(&Self, Option<usize>) -> Answer<R> + Send + 'static,
    {
        let lands = self.now() + self.draw(|random| random.between(0, within_ms));
        drop(self.make(invocation, name, || "left under way".to_owned(), effect, Some(lands)));
    }

    fn make<R, E>(
        &self,
        invocation: u32,
        name: &'static str,
        about: impl Fn() -> String,
        effect: E,
        lands: Option<u64>,
    ) -> Gate<R>
    where
        R: Send + 'static,
        E: FnMut(&Self, Option<usize>) -> Answer<R> + Send + 'static,
    {
        let (request, gate) = gate::gate(name, effect);
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let about = if self.is_told { about() } else { String::new() };
        let (since, stage) = (self.now(), Stage::Asked);
        self.waiting().push(Waiting { number, invocation, name, about, since, stage, lands, request });
        gate
    }

    /// Sets a webhook's settings, and notes the version.
    pub(super) fn put_settings(&self, workspace: &WorkspaceId, settings: &Settings) -> Answer<()> {
        let version = (self.now(), settings.clone());
        lock(&self.book).settings.entry(workspace.clone()).or_default().push(version);
        self.table.put_settings(workspace, &WebhookId::first(), settings)
    }

    /// A workspace's settings as they stood so many milliseconds ago.
    pub(super) fn settings_before(&self, workspace: &WorkspaceId, ago_ms: u64) -> Option<Settings> {
        let then = self.now().saturating_sub(ago_ms);
        let book = lock(&self.book);
        let versions = book.settings.get(workspace)?;
        versions.iter().rev().find(|(put, _)| *put <= then).or(versions.first()).map(|(_, settings)| settings.clone())
    }

    /// Notes what has come into the index, and what has gone from it.
    pub(super) fn note_index(&self) {
        let end_of_time = moment(self.now() + 1_000_000_000);
        let read = at_once(self.table.read_appointments(end_of_time, None));
        let stands = read.expect("memory reads its index").rows;
        let (now, mut book) = (self.now(), lock(&self.book));
        let gone: Vec<_> = book.appointed.extract_if(.., |(_, entry)| !stands.contains(entry)).collect();
        book.ghosts.extend(gone.into_iter().map(|(_, entry)| (now, entry)));
        for entry in stands {
            if book.appointed.iter().all(|(_, known)| *known != entry) {
                book.appointed.push((now, entry));
            }
        }
    }

    /// Puts a webhook's health, and notes it.
    pub(super) fn put_health(&self, invocation: u32, workspace: &WorkspaceId, health: &Health) -> Answer<bool> {
        let put = at_once(self.table.put_health(workspace, &WebhookId::first(), health));
        self.note_index();
        if put == Ok(true) {
            let now = self.now();
            lock(&self.book).healths.entry(workspace.clone()).or_default().push((now, invocation, health.risen()));
        }
        put
    }

    /// Notes which held deliveries have come into the index, and which have gone from it.
    pub(super) fn note_held(&self) {
        let items = self.table.store().items();
        let is_held = |key: &IndexKey| key.due_pk.starts_with("held#") || key.due_pk.starts_with("retry#");
        let stands: Vec<IndexKey> = items.iter().filter_map(Item::index_key).filter(is_held).collect();
        let (now, mut book) = (self.now(), lock(&self.book));
        let gone: Vec<_> = book.held.extract_if(.., |(_, entry)| !stands.contains(entry)).collect();
        book.held_ghosts.extend(gone.into_iter().map(|(_, entry)| (now, entry)));
        for entry in stands {
            if book.held.iter().all(|(_, known)| *known != entry) {
                book.held.push((now, entry));
            }
        }
    }

    /// What is held as a query of the index returns it: as it was some moments ago.
    pub(super) fn held(&self, partition: &str) -> Vec<IndexKey> {
        let book = lock(&self.book);
        let then = self.now().saturating_sub(self.draw(|random| random.between(0, book.index_lag_ms)));
        let stood = book.held.iter().filter(|(since, _)| *since <= then);
        let ghosts = book.held_ghosts.iter().filter(|(gone, _)| *gone > then);
        let mut rows: Vec<IndexKey> = stood.chain(ghosts).map(|(_, entry)| entry.clone()).collect();
        rows.retain(|entry| entry.due_pk == partition);
        rows.sort();
        rows.dedup();
        rows
    }

    /// The index as a query returns it: what was written within the last moments may be missing, or as it was before.
    pub(super) fn lagging(&self, mut page: Appointments) -> Appointments {
        let book = lock(&self.book);
        let then = self.now().saturating_sub(self.draw(|random| random.between(0, book.index_lag_ms)));
        page.rows.retain(|row| book.appointed.iter().any(|(since, entry)| entry == row && *since <= then));
        for (gone, entry) in &book.ghosts {
            if *gone > then && !page.rows.contains(entry) {
                page.rows.push(entry.clone());
            }
        }
        page
    }

    /// Whether a read of this partition is worth the scheduler's while: something is there or may come, or by chance.
    pub(super) fn is_scheduled(&self, due: Timestamp, shard: u16) -> bool {
        let mut book = lock(&self.book);
        let worth = book.shards.contains(&shard) && book.dues.contains(&due);
        let chosen = worth || (shard.is_multiple_of(64) && self.draw(|random| random.chance(8)));
        book.passed += u64::from(!chosen);
        chosen
    }
}
