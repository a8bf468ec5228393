//! Plays a stream through the real use cases over the memory adapters, and returns what that consumed, by function.
//! Time passes only as the stream says; the receiver answers 200 to everything; nothing fails.

use crate::{
    prices::Prices,
    stream::Traffic,
    usage::Usage,
    world::{Hand, Lines, Receiver, Secret},
};
use bundler::{
    api::{Call, ingest::IngestApi},
    batch::{Record, deliver_batch},
    cache::{RootSecretCache, SettingsCache},
    deliver::Deliver,
    flush::{Sweep, Swept},
    id::WebhookId,
    ingest::Ingest,
    limits,
    log::{Level, Line, Log},
    memory::{Consumed, MemoryQueue, MemoryTable, Received, Store},
    ports::SweepTable,
    settings::Settings,
    signature::SigningSecret,
    table::Item,
    window::{AggregationUnit, Granularity},
};
use futures_util::FutureExt;
use std::{collections::BTreeMap, time::Duration};

const UNIT: AggregationUnit = AggregationUnit::HOUR;
const WEBHOOK_URL: &str = "https://hooks.example.com/catch/1234567/abcdefg/";
/// What the template gives a tick and a batch.
const INVOCATION: Duration = Duration::from_secs(60);

/// What a stream came to.
pub(crate) struct Played {
    pub(crate) ingest: Consumed,
    pub(crate) sweep: Consumed,
    pub(crate) sender: Consumed,
    pub(crate) queue: Consumed,
    /// Each function's share of what is billed, and of all of them together what is stored.
    pub(crate) usage: BTreeMap<&'static str, Usage>,
    /// Bytes of the bodies and header lines of all POSTs.
    pub(crate) post_bytes: u64,
    /// What the table holds in the end.
    pub(crate) items: Vec<Item>,
}

impl Played {
    pub(crate) fn total(&self) -> Usage {
        self.usage.values().fold(Usage::default(), |total, usage| total.plus(*usage))
    }
}

/// Runs a future of the memory adapters: they do not wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("memory answers at once")
}

/// Lines are written from `level` on.
pub(crate) fn play(traffic: Traffic, level: Level, prices: &Prices) -> Played {
    let (begins, due) = Traffic::window();
    let clock = Hand::at(begins);
    let table = MemoryTable::new(Store::default());
    let queue = MemoryQueue::new(Store::default(), clock.clone(), Duration::from_secs(360), 240);
    for workspace in traffic.workspaces() {
        let settings = Settings::new(WEBHOOK_URL.to_owned(), Granularity::Hours1, SigningSecret::from_bytes([7; 32]));
        table.put_settings(&workspace, &WebhookId::first(), &settings).expect("settings are put");
    }
    // Everything before this window's end has been swept.
    now(table.raise_low_water(due.minus(UNIT.due_step()))).expect("a mark");
    table.store().take_consumed();

    let mut usage = BTreeMap::new();
    let (ingest, of_ingest) = ingest(traffic, level, prices, &table, &queue, &clock);
    usage.insert("ingest", of_ingest);

    clock.set(due.plus(limits::GRACE + Duration::from_secs(15)));
    let (sweep, of_sweep) = sweep(level, prices, &table, &queue, &clock);
    usage.insert("aggregator", of_sweep);

    let receiver = Receiver::default();
    let (sender, of_sender) = send(level, prices, &table, &queue, &clock, &receiver);
    usage.insert("sender", of_sender);

    let queue = queue.take_consumed();
    usage.insert("queue", Usage::of(&queue));
    Played { ingest, sweep, sender, queue, usage, post_bytes: receiver.bytes(), items: table.store().items() }
}

/// Every message is a call of its own to one warm sandbox.
fn ingest(
    traffic: Traffic,
    level: Level,
    prices: &Prices,
    table: &MemoryTable,
    queue: &MemoryQueue<Hand>,
    clock: &Hand,
) -> (Consumed, Usage) {
    let log = Lines::of("ingest", level, clock.clone());
    let (cache, keys, secret) = (SettingsCache::default(), RootSecretCache::default(), Secret::default());
    let ingest = Ingest { table, queue, cache: &cache, unit: UNIT };
    let api = IngestApi { ingest, secret: &secret, keys: &keys, log: &log };
    let bearer = secret.bearer();
    let mut usage = Usage::default();
    for arrival in traffic.arrivals() {
        clock.set(arrival.at);
        let path = format!("/v1/workspaces/{}/messages", arrival.workspace);
        let call =
            Call { method: "POST", path: &path, authorization: Some(&bearer), body: &arrival.body, now: arrival.at };
        let reply = now(api.answer(call));
        assert_eq!(reply.status, 202, "{}", String::from_utf8_lossy(&reply.body));
        usage = usage.invoked(prices, prices.assumed("ingest_milliseconds"));
        usage.egress_bytes += reply.body.len() as u64;
    }
    usage.log_bytes = log.bytes();
    usage.secret_calls = secret.calls();
    let consumed = table.store().take_consumed();
    (consumed.clone(), usage.plus(Usage::of(&consumed)))
}

/// Ticks until everything that is due is on the queue.
fn sweep(
    level: Level,
    prices: &Prices,
    table: &MemoryTable,
    queue: &MemoryQueue<Hand>,
    clock: &Hand,
) -> (Consumed, Usage) {
    let log = Lines::of("aggregator", level, clock.clone());
    let (cache, mut usage) = (SettingsCache::default(), Usage::default());
    let sweep = Sweep { table, queue, clock, cache: &cache, unit: UNIT };
    let mut complete = false;
    let mut whole = Consumed::default();
    while !complete {
        let swept = now(sweep.tick(bundler::ports::Clock::now(clock).plus(INVOCATION))).expect("a tick");
        complete = swept.complete;
        log.log(tick_line(swept));
        let consumed = table.store().take_consumed();
        // Shards are swept side by side; what each asks for, one after the other.
        let rounds = consumed.total().requests.div_ceil(limits::SWEEP_CONCURRENCY as u64);
        usage = usage.invoked(prices, crate::usage::float(rounds) * prices.assumed("request_milliseconds"));
        whole.add(&consumed);
        clock.pass(Duration::from_secs(60));
    }
    usage.log_bytes = log.bytes();
    (whole.clone(), usage.plus(Usage::of(&whole)))
}

/// As `functions/aggregator` writes it.
fn tick_line(swept: Swept) -> Line {
    Line::new(Level::Info, "swept")
        .number("sweep.windows", swept.windows)
        .number("sweep.bundles", swept.bundles)
        .number("sweep.unreadable", swept.unreadable)
}

/// Batches of ten, as Lambda's poller hands them out, until the queue is empty.
fn send(
    level: Level,
    prices: &Prices,
    table: &MemoryTable,
    queue: &MemoryQueue<Hand>,
    clock: &Hand,
    receiver: &Receiver,
) -> (Consumed, Usage) {
    let log = Lines::of("sender", level, clock.clone());
    let mut usage = Usage::default();
    loop {
        let received = queue.receive(limits::QUEUE_BATCH).expect("the queue hands out");
        if received.is_empty() {
            break;
        }
        let deadline = bundler::ports::Clock::now(clock).plus(INVOCATION);
        let deliver = Deliver { table, receiver, clock, platform: "TimelinesAI", deadline };
        let kept = now(deliver_batch(&deliver, &log, records(&received)));
        assert!(kept.is_empty(), "everything is delivered");
        queue.finish_all(&received).expect("messages are finished");
        usage = usage.invoked(prices, batch_milliseconds(&received, prices));
        clock.pass(Duration::from_millis(100));
    }
    usage.log_bytes = log.bytes();
    usage.egress_bytes = receiver.bytes();
    let consumed = table.store().take_consumed();
    (consumed.clone(), usage.plus(Usage::of(&consumed)))
}

fn records(received: &[Received]) -> Vec<Record> {
    let record = |(index, one): (usize, &Received)| Record {
        id: index.to_string(),
        group: one.group.clone(),
        body: one.reference.clone(),
    };
    received.iter().enumerate().map(record).collect()
}

/// Groups are delivered side by side and a group's deliveries one after the other: five requests and a POST each.
fn batch_milliseconds(received: &[Received], prices: &Prices) -> f64 {
    let mut groups: BTreeMap<&str, u64> = BTreeMap::new();
    for one in received {
        *groups.entry(one.group.as_str()).or_default() += 1;
    }
    let longest = groups.into_values().max().unwrap_or_default();
    let one = 5.0 * prices.assumed("request_milliseconds") + prices.assumed("receiver_milliseconds");
    crate::usage::float(longest) * one
}
