//! What is known of each delivery from outside: when it could be read, was enqueued, was sent and arrived. It checks while
//! it notes: a lane gets one request at a time and its first attempts in order, a webhook no more than its concurrency.

use super::population::{Kind, Population, number};
use bundler::{
    delivery::{DeliveryKey, Subject},
    limits,
    memory::Cost,
    order::{self, Order},
    ports::QueueEntry,
    table::bucket,
    timestamp::Timestamp,
};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

/// One bundle.
pub(crate) struct Bundle {
    pub(crate) kind: Kind,
    due: Timestamp,
    lane: usize,
    webhook: usize,
    /// Since when the sweep may read it.
    pub(crate) readable: Duration,
    pub(crate) enqueued: Option<Duration>,
    pub(crate) attempts: u32,
    pub(crate) delivered: Option<Duration>,
}

#[derive(Default, Clone, Copy)]
struct Lane {
    under_way: bool,
    last_first: Option<Timestamp>,
}

pub(crate) struct Ledger {
    pub(crate) bundles: Vec<Bundle>,
    by_id: HashMap<String, usize>,
    lanes: Vec<Lane>,
    under_way: Vec<u16>,
    /// What requests about webhooks of each kind came to, and those about nobody's.
    pub(crate) costs: BTreeMap<Option<Kind>, Cost>,
    /// Lines that say that something is ours to mend.
    pub(crate) errors: Vec<String>,
    /// Deliveries out of order, twice at a time, or too many at a time.
    pub(crate) violations: Vec<String>,
}

impl Ledger {
    pub(crate) fn of(population: &Population) -> Self {
        let (mut bundles, mut by_id, mut lanes) = (Vec::new(), HashMap::new(), HashMap::new());
        for (lane, kind, due) in population.bundles() {
            let next = lanes.len();
            let place = *lanes.entry(bucket::prefix(&lane)).or_insert(next);
            let spread = limits::SWEEP_SPREAD * u32::from(lane.shard()) / u32::from(limits::SHARDS);
            let readable = due.since(Population::began()) + limits::GRACE + spread;
            let webhook = number(lane.workspace.as_str());
            let id = DeliveryKey { lane, subject: Subject::Bundle { due, cut: None } }.webhook_id(0);
            by_id.insert(id, bundles.len());
            bundles.push(Bundle {
                kind,
                due,
                lane: place,
                webhook,
                readable,
                enqueued: None,
                attempts: 0,
                delivered: None,
            });
        }
        Self {
            bundles,
            by_id,
            lanes: vec![Lane::default(); lanes.len()],
            under_way: vec![0; population.webhooks + 1],
            costs: BTreeMap::new(),
            errors: Vec::new(),
            violations: Vec::new(),
        }
    }

    pub(crate) fn enqueued(&mut self, now: Duration, entries: &[QueueEntry]) {
        for entry in entries {
            let Ok(Order::Deliver { key, .. }) = order::parse(&entry.reference) else { continue };
            let place = self.by_id[&key.webhook_id(0)];
            self.bundles[place].enqueued.get_or_insert(now);
        }
    }

    /// A request begins; whose receiver it is for.
    pub(crate) fn begins(&mut self, webhook_id: &str) -> Kind {
        let bundle = &mut self.bundles[self.by_id[webhook_id]];
        let lane = &mut self.lanes[bundle.lane];
        let under_way = &mut self.under_way[bundle.webhook];
        *under_way += 1;
        bundle.attempts += 1;
        if lane.under_way {
            self.violations.push(format!("two at a time: {webhook_id}"));
        }
        if *under_way > limits::CONCURRENCY {
            self.violations.push(format!("more at a time than it takes: webhook {}", bundle.webhook));
        }
        if bundle.delivered.is_some() {
            self.violations.push(format!("twice: {webhook_id}"));
        }
        if bundle.attempts == 1 {
            if lane.last_first.is_some_and(|last| last >= bundle.due) {
                self.violations.push(format!("out of order: {webhook_id}"));
            }
            lane.last_first = Some(bundle.due);
        }
        lane.under_way = true;
        bundle.kind
    }

    pub(crate) fn ends(&mut self, webhook_id: &str, now: Duration) {
        let bundle = &mut self.bundles[self.by_id[webhook_id]];
        self.lanes[bundle.lane].under_way = false;
        self.under_way[bundle.webhook] -= 1;
        if bundle.kind.takes() {
            bundle.delivered.get_or_insert(now);
        }
    }

    pub(crate) fn note(&mut self, whose: Option<Kind>, cost: Cost) {
        let noted = self.costs.entry(whose).or_default();
        *noted = noted.plus(cost);
    }
}
