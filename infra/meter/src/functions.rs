//! The functions as the meter runs them, each on one warm sandbox: how often they are invoked, how long that lasts by
//! the assumptions, and what they write and send. What they ask of the table and the queue is counted there.

use crate::{
    play::now,
    prices::Prices,
    stream::Arrival,
    usage::{Usage, float},
    world::{Hand, Lines, NoOthers, Receiver, Secret},
};
use bundler::{
    api::{Call, ingest::IngestApi},
    batch::{Batch, Record},
    cache::{RootSecretCache, SettingsCache},
    deliver::Deliver,
    flush::{Bounds, Sweep, Swept},
    health::Patience,
    ingest::Ingest,
    limits,
    log::{Level, Line, Log},
    memory::{MemoryFiles, MemoryMailbox, MemoryQueue, MemoryTable, Received, Store},
    ports::Clock,
    tell::Tell,
    timestamp::Timestamp,
    window::AggregationUnit,
};
use std::{collections::BTreeMap, time::Duration};

pub(crate) const UNIT: AggregationUnit = AggregationUnit::HOUR;
/// What the template gives a tick and a batch, and the queue: a message that was handed out, and how often it is.
const INVOCATION: Duration = Duration::from_secs(60);
const VISIBILITY: Duration = Duration::from_secs(360);
const RECEIVES: u64 = 240;

pub(crate) struct Functions<'a> {
    prices: &'a Prices,
    level: Level,
    pub(crate) clock: Hand,
    pub(crate) table: MemoryTable,
    pub(crate) queue: MemoryQueue<Hand>,
    pub(crate) files: MemoryFiles<Hand>,
    pub(crate) receiver: Receiver,
}

impl<'a> Functions<'a> {
    pub(crate) fn new(level: Level, prices: &'a Prices, begins: Timestamp) -> Self {
        let clock = Hand::at(begins);
        Self {
            prices,
            level,
            table: MemoryTable::new(Store::default()),
            queue: MemoryQueue::new(Store::default(), clock.clone(), VISIBILITY, RECEIVES),
            files: MemoryFiles::new(Store::default(), clock.clone(), "https://files.example.org"),
            receiver: Receiver::default(),
            clock,
        }
    }

    /// Every message is a call of its own.
    pub(crate) fn ingest(&self, arrivals: impl Iterator<Item = Arrival>) -> Usage {
        let log = self.lines("ingest");
        let (cache, keys, secret) = (SettingsCache::default(), RootSecretCache::default(), Secret::default());
        let ingest = Ingest { table: &self.table, queue: &self.queue, files: &self.files, cache: &cache, unit: UNIT };
        let api = IngestApi { ingest, secret: &secret, keys: &keys, log: &log };
        let headers = BTreeMap::from([("authorization".to_owned(), secret.bearer())]);
        let mut usage = Usage::default();
        for arrival in arrivals {
            self.clock.set(arrival.at);
            let path = format!("/v1/workspaces/{}/messages", arrival.workspace);
            let (method, query, domain, body) = ("POST", "", "localhost", &*arrival.body);
            let call = Call { method, path: &path, query, headers: &headers, domain, body, now: arrival.at };
            let reply = now(api.answer(call));
            assert_eq!(reply.status, 202, "{}", String::from_utf8_lossy(&reply.body));
            usage = usage.invoked(self.prices, "memory_megabytes", self.prices.assumed("ingest_milliseconds"));
            usage.egress_bytes += reply.body.len() as u64;
        }
        Usage { log_bytes: log.bytes(), secret_calls: secret.calls(), ..usage }
    }

    /// The minute's tick.
    pub(crate) fn tick(&self) -> Usage {
        let log = self.lines("aggregator");
        let (table, queue, clock) = (&self.table, &self.queue, &self.clock);
        let sweep = Sweep { table, queue, clock, others: &NoOthers, unit: UNIT, bounds: Bounds::default() };
        let swept = now(sweep.tick(clock.now().plus(INVOCATION))).expect("a tick");
        assert!(swept.complete && swept.unreadable == 0, "{swept:?}");
        log.log(line(swept));
        // What is enqueued by tens, side by side as shards are; and a handful of requests before and after.
        let rounds = swept.references.div_ceil(10).div_ceil(limits::SWEEP_CONCURRENCY as u64) + 10;
        let usage = Usage { log_bytes: log.bytes(), ..Usage::default() };
        let milliseconds = float(rounds) * self.prices.assumed("request_milliseconds");
        usage.invoked(self.prices, "aggregator_memory_megabytes", milliseconds)
    }

    /// Batches of ten, as Lambda's poller hands them out, until the queue is empty.
    pub(crate) fn send(&self) -> Usage {
        let log = self.lines("sender");
        let (mut usage, before) = (Usage::default(), self.receiver.bytes());
        let (platform, patience, mailer) = ("TimelinesAI", &Patience::default(), &MemoryMailbox::default());
        loop {
            let received = self.queue.receive(limits::QUEUE_BATCH).expect("the queue hands out");
            if received.is_empty() {
                break;
            }
            let (table, receiver, clock) = (&self.table, &self.receiver, &self.clock);
            let deadline = clock.now().plus(INVOCATION);
            let deliver = Deliver { table, receiver, copies: &self.files, clock, platform, patience, deadline };
            let tell = Tell { table, mailer, clock, patience, compose: mail::compose, platform, settings_url: "" };
            let kept = now(Batch { deliver, tell }.take(&log, records(&received)));
            assert!(kept.is_empty(), "everything is delivered");
            self.queue.finish_all(&received).expect("messages are finished");
            usage = usage.invoked(self.prices, "memory_megabytes", self.batch_milliseconds(&received));
            clock.pass(Duration::from_millis(1));
        }
        Usage { log_bytes: log.bytes(), egress_bytes: self.receiver.bytes() - before, ..usage }
    }

    /// Groups are delivered side by side and a group's deliveries one after the other: four requests and a POST each.
    fn batch_milliseconds(&self, received: &[Received]) -> f64 {
        let mut groups: BTreeMap<&str, u64> = BTreeMap::new();
        for one in received {
            *groups.entry(one.group.as_str()).or_default() += 1;
        }
        let longest = groups.into_values().max().unwrap_or_default();
        let requests = 4.0 * self.prices.assumed("request_milliseconds");
        float(longest) * (requests + self.prices.assumed("receiver_milliseconds"))
    }

    fn lines(&self, function: &'static str) -> Lines {
        Lines::of(function, self.level, self.clock.clone())
    }
}

fn records(received: &[Received]) -> Vec<Record> {
    let record = |(index, one): (usize, &Received)| {
        let Received { reference, group, .. } = one.clone();
        Record { id: index.to_string(), group, body: reference }
    };
    received.iter().enumerate().map(record).collect()
}

/// As `functions/aggregator` writes it.
fn line(swept: Swept) -> Line {
    let did_something = swept.references + swept.rests + swept.handed_over > 0;
    Line::new(if did_something { Level::Info } else { Level::Debug }, "swept")
        .number("sweep.windows", swept.windows)
        .number("sweep.references", swept.references)
        .number("sweep.rests", swept.rests)
        .number("sweep.handed_over", swept.handed_over)
        .number("sweep.unreadable", swept.unreadable)
}
