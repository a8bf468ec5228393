//! Three designs that come to mind first, each a product that does all that ours does, logs and attempts included, and
//! only gathers or finds bundles in its own way. What is different is played with the stream's own items and counted by
//! the rules that the memory adapters count by; everything else is ours, as it was played.

use crate::{
    play::Played,
    prices::Prices,
    stream::Traffic,
    usage::{Usage, float},
};
use bundler::{
    memory::{Consumed, Cost},
    table::{Item, ItemKey},
};
use std::collections::BTreeMap;

const BATCH: usize = 10;

/// One item for each bucket, to which every message is appended: an update pays for the whole item each time.
pub(crate) fn growing_item(played: &Played) -> Usage {
    let mut table: BTreeMap<ItemKey, Item> = BTreeMap::new();
    let mut consumed = Consumed::default();
    for message in messages(played) {
        let lane = message.key.sk.split('#').take(3).collect::<Vec<_>>().join("#");
        let key = ItemKey { pk: message.key.pk.clone(), sk: lane };
        let before = table.remove(&key).unwrap_or_else(|| Item::new(key.clone()));
        let event = message.get_text("event").unwrap_or_default();
        let gathered = format!("{}{event}", before.get_text("events").unwrap_or_default());
        let after = before.clone().text("events", gathered);
        consumed.note("appending a message", Cost::write(after.size_bytes().max(before.size_bytes())));
        table.insert(key, after);
    }
    swap(played.total(), played.ingest.of("putting a message"), &consumed)
}

/// A timer for each bundle: who puts a bucket's first message leaves a marker and creates a one-time schedule, which
/// puts the reference on the queue when it fires. A warm function remembers the markers, so that each is put once.
pub(crate) fn timer_per_bundle(traffic: Traffic, played: &Played) -> Usage {
    let mut consumed = Consumed::default();
    for bundle in 0..traffic.bundles {
        let key = ItemKey { pk: format!("marker#{bundle}"), sk: "2026-03-02T09:00:00Z".to_owned() };
        let marker = Item::new(key).number("expires", 1_772_442_000);
        consumed.note("putting a marker", Cost::write(marker.size_bytes()));
        // A schedule has one target and sends one message.
        consumed.note("enqueueing", Cost::queue(1, 0));
    }
    let bundles = traffic.bundles as u64;
    let swept = played.sweep.total().plus(played.queue.of("enqueueing"));
    let usage = swap(played.total(), swept, &consumed);
    // Creating a schedule is a call; firing it is what is paid for.
    Usage { calls: usage.calls + bundles, schedules: usage.schedules + bundles, ..usage }
}

/// A queue between ingest and the table: each message is sent, received and deleted, and a second function stores it.
pub(crate) fn queued_message(traffic: Traffic, played: &Played, prices: &Prices) -> Usage {
    let mut consumed = Consumed::default();
    let mut batches: u64 = 0;
    let sizes: Vec<usize> = messages(played).map(|message| message.get_text("event").map_or(0, str::len)).collect();
    for batch in sizes.chunks(BATCH) {
        for bytes in batch {
            consumed.note("sending a message", Cost::queue(1, *bytes));
        }
        consumed.note("receiving messages", Cost::queue(batch.len(), batch.iter().sum()));
        consumed.note("deleting messages", Cost::queue(batch.len(), 0));
        batches += 1;
    }
    debug_assert_eq!(sizes.len(), traffic.messages());
    let storing = Usage::default().invoked(prices, "memory_megabytes", prices.assumed("request_milliseconds"));
    let queue = consumed.total();
    played.total().plus(Usage {
        calls: queue.requests,
        standard_requests: queue.queue_requests,
        invocations: batches,
        gigabyte_seconds: storing.gigabyte_seconds * float(batches),
        ..Usage::default()
    })
}

/// The stored messages, in order of lanes.
fn messages(played: &Played) -> impl Iterator<Item = &Item> {
    played.items.iter().filter(|item| item.key.pk.starts_with("due#"))
}

/// The usage with one part of it replaced.
fn swap(whole: Usage, out: Cost, into: &Consumed) -> Usage {
    let rest = Usage {
        calls: whole.calls - out.requests,
        write_units: whole.write_units - out.write_units,
        read_halves: whole.read_halves - out.read_halves,
        fifo_requests: whole.fifo_requests - out.queue_requests,
        ..whole
    };
    rest.plus(Usage::of(into))
}
