//! The budgets, held by counting; and the designs beside ours, with numbers worked out by hand.

use crate::{
    budgets::{self, RATIOS},
    floor::floor,
    idle, naive,
    play::{Played, play},
    prices::Prices,
    report::Case,
    stream::{Tenants, Traffic},
    usage::Usage,
};
use bundler::{
    log::Level,
    table::{Item, ItemKey},
};
use std::collections::BTreeMap;

/// A stream that takes seconds; of long bundles the same as the tool itself plays.
fn some(messages_per_bundle: usize) -> Traffic {
    let bundles = (12_000 / messages_per_bundle).clamp(1_000, 3_000);
    Traffic { tenants: Tenants::Mixed, bundles, messages_per_bundle }
}

fn played(traffic: Traffic) -> Played {
    play(traffic, Level::Info, &Prices::read())
}

fn of_kind<'a>(played: &'a Played, partition: &'a str) -> impl Iterator<Item = &'a Item> {
    played.items.iter().filter(move |item| item.key.pk.starts_with(partition))
}

fn kilobytes(item: &Item) -> u64 {
    item.size_bytes().div_ceil(1_024) as u64
}

#[test]
fn an_aggregated_on_time_message_is_one_write_unit_for_each_kb_and_no_other_request() {
    let traffic = some(3);
    let played = played(traffic);
    let put = played.ingest.of("putting a message");
    assert_eq!(put.requests, traffic.messages() as u64);
    assert_eq!((put.write_units, put.read_halves), (of_kind(&played, "due#").map(kilobytes).sum(), 0));
    // Besides, a sandbox reads a workspace's settings twice a minute at the most.
    let names: Vec<_> = played.ingest.iter().map(|(doing, _)| doing).collect();
    assert_eq!(names, ["putting a message", "reading settings"]);
    assert!(played.ingest.of("reading settings").requests <= (traffic.workspaces().len() * 120) as u64);
    let busy = play(Traffic { tenants: Tenants::One, ..traffic }, Level::Info, &Prices::read());
    assert!(busy.ingest.of("reading settings").requests <= 120);
}

#[test]
fn a_bundle_costs_one_write_unit_five_read_units_and_five_calls() {
    let traffic = some(3);
    let played = played(traffic);
    let bundles = traffic.bundles as u64;
    let sender = played.sender.total();
    assert_eq!(sender.requests, 5 * bundles);
    assert_eq!(sender.write_units, bundles, "the receipt, however long the body is");
    assert!(sender.read_halves <= 2 * 5 * bundles, "{sender:?}");
    // The sweep's share is the smaller the more falls due together.
    let sweep = played.sweep.total();
    assert!(sweep.write_units * 10 <= bundles && sweep.requests * 3 <= bundles, "{sweep:?}");
    let case = Case::of(traffic, &played, &Prices::read());
    assert!(case.bundle.read_units <= 5.0 && case.bundle.queue_requests < 0.35, "{:?}", case.bundle);
}

#[test]
fn a_healthy_delivery_writes_nothing_to_counters() {
    let played = played(some(3));
    let names: Vec<_> = played.sender.iter().map(|(doing, _)| doing).collect();
    assert_eq!(names, ["putting a receipt", "reading a bucket", "reading a delivery", "reading a webhook"]);
    let of_webhooks: BTreeMap<&str, usize> = of_kind(&played, "hook#").fold(BTreeMap::new(), |mut counts, item| {
        *counts.entry(item.key.sk.as_str()).or_default() += 1;
        counts
    });
    assert_eq!(of_webhooks, [("settings", 50)].into());
}

#[test]
fn a_million_messages_cost_no_more_dollars_than_they_may() {
    let prices = Prices::read();
    for ratio in RATIOS {
        let traffic = some(ratio.messages_per_bundle);
        let case = Case::of(traffic, &played(traffic), &prices);
        let (counted, silent) = (case.ratio(&prices), budgets::without_lines(&case, &prices));
        let n = ratio.messages_per_bundle;
        assert!(counted <= ratio.budget, "n = {n}: {counted:.3} x the floor, {} may be", ratio.budget);
        assert!(silent < counted, "n = {n} without lines: {silent:.3} x the floor");
    }
}

#[test]
fn the_floor_is_a_write_a_message_and_a_post_a_bundle() {
    let traffic = Traffic { tenants: Tenants::One, bundles: 20, messages_per_bundle: 10 };
    let (played, prices) = (played(traffic), Prices::read());
    let floor = floor(traffic, &played, &prices);
    assert_eq!((floor.invocations, floor.write_units), (200, of_kind(&played, "due#").map(kilobytes).sum()));
    // 200 messages of 458 bytes are 91,600 bytes, which are 23 halves; two batches of ten go three ways.
    assert_eq!((floor.read_halves, floor.standard_requests, floor.calls), (23, 6, 200 + 1 + 6));
    assert_eq!(floor.egress_bytes, played.post_bytes);
    assert_eq!((floor.log_bytes, floor.fifo_requests, floor.secret_calls), (0, 0, 0));
}

/// A message whose event has so many bytes.
fn message(number: usize, bytes: usize) -> Item {
    let key = ItemKey { pk: "due#x#0".to_owned(), sk: format!("w#h#c#t#{number}") };
    Item::new(key).text("event", "x".repeat(bytes))
}

#[test]
fn appending_to_one_item_pays_for_all_of_it_each_time() {
    let items = (0..3).map(|number| message(number, 1_000)).collect();
    let grown = naive::growing_item(&Played { items, ..Played::default() });
    // 22 bytes of key and names, then 1,022, 2,022 and 3,022 bytes.
    assert_eq!((grown.write_units, grown.calls), (1 + 2 + 3, 3));
}

#[test]
fn a_timer_for_each_bundle_pays_for_a_marker_and_its_firing() {
    let traffic = Traffic { tenants: Tenants::One, bundles: 7, messages_per_bundle: 2 };
    let timers = naive::timer_per_bundle(traffic, &Played::default());
    assert_eq!((timers.write_units, timers.schedules, timers.fifo_requests, timers.calls), (7, 7, 7, 21));
}

#[test]
fn a_queue_before_the_table_sends_each_message_and_receives_and_deletes_by_tens() {
    let traffic = Traffic { tenants: Tenants::One, bundles: 1, messages_per_bundle: 25 };
    let items = (0..25).map(|number| message(number, 500)).collect();
    let queued = naive::queued_message(traffic, &Played { items, ..Played::default() }, &Prices::read());
    assert_eq!((queued.standard_requests, queued.invocations), (25 + 3 + 3, 3));
}

#[test]
fn an_idle_day_costs_its_ticks_and_a_look_at_each_quarter_of_an_hour() {
    let day = idle::ticks_of_a_day(&Prices::read());
    assert_eq!((day.invocations, day.log_bytes, day.fifo_requests), (1_440, 0, 0));
    // A tick reads the low-water mark and, eventually consistent, what has a time of its own: 1.5 units. The shards of
    // the 96 windows' ends are read once each, over three ticks, in each of which the marks are read and the low-water
    // mark is raised.
    assert_eq!(day.read_halves, 1_440 * 3 + 96 * (256 + 3) * 2);
    assert_eq!(day.write_units, 96 * 3);
}

#[test]
fn a_bill_is_counts_times_prices() {
    let usage = Usage {
        write_units: 1_000_000,
        read_halves: 2_000_000,
        fifo_requests: 1_000_000,
        invocations: 1_000_000,
        log_bytes: 1_000_000_000,
        egress_bytes: 1_000_000_000,
        ..Usage::default()
    };
    let dollars: f64 = usage.dollars(&Prices::read()).iter().sum();
    assert!((dollars - (0.625 + 0.125 + 0.50 + 0.20 + 0.50 + 0.09)).abs() < 1e-9, "{dollars}");
}
