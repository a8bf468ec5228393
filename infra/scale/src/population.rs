//! Ten million stored messages that no machine here could hold: the table's partitions of messages, each row computed
//! when it is asked for, in the order, of the size and by the pages that the real table has. Everything else is the memory
//! adapter's. A test holds it to the real one.

use bundler::{
    delivery::Lane,
    event::Event,
    id::{KeyPart, WebhookId, WorkspaceId},
    limits, native,
    ports::Page,
    table::{
        Item,
        bucket::{self, BucketMessage, BucketRow, Slot},
    },
    timestamp::Timestamp,
};
use serde_json::Value;
use std::time::Duration;

const CONVERSATION: &str = include_str!("../../local/sample/conversation.json");
/// What one page of a query reads. DynamoDB's own bound.
const PAGE_BYTES: usize = 1_048_576;
const HOUR: Duration = Duration::from_secs(3_600);
/// Messages that are not due lie in the windows of a day before and a day after.
const OTHER_WINDOWS: usize = 48;

/// What is stored.
#[derive(Debug, Clone)]
pub(crate) struct Population {
    pub(crate) due: Timestamp,
    /// Messages in the table, the due ones included.
    pub(crate) stored: usize,
    pub(crate) messages_per_bundle: usize,
    pub(crate) tenants: Vec<Tenant>,
}

/// Workspaces that are alike.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tenant {
    pub(crate) name: &'static str,
    pub(crate) workspaces: usize,
    /// Bundles that each of them has due.
    pub(crate) bundles: usize,
}

/// The lanes of a shard in order of keys, each with its number.
type Lanes = Vec<(String, Lane, usize)>;

pub(crate) struct Generated {
    pub(crate) population: Population,
    shards: Vec<Lanes>,
    /// Of every message, but for its key.
    sample: Item,
    bundles_elsewhere: usize,
}

impl Population {
    pub(crate) fn bundles(&self) -> usize {
        self.tenants.iter().map(|tenant| tenant.workspaces * tenant.bundles).sum()
    }

    pub(crate) fn workspaces(&self) -> impl Iterator<Item = WorkspaceId> {
        let of = |tenant: Tenant| (0..tenant.workspaces).map(move |number| workspace(tenant.name, number));
        self.tenants.clone().into_iter().flat_map(of)
    }

    /// Every lane that has a bundle due, one workspace's after the other's.
    pub(crate) fn lanes(&self) -> impl Iterator<Item = Lane> {
        self.tenants.clone().into_iter().flat_map(|tenant| {
            (0..tenant.workspaces).flat_map(move |number| {
                (0..tenant.bundles).map(move |chat| Lane {
                    workspace: workspace(tenant.name, number),
                    webhook: WebhookId::first(),
                    chat: KeyPart::of(&(10_000_000 + chat).to_string()),
                })
            })
        })
    }

    /// The item of a lane's message in a window.
    pub(crate) fn item(&self, due: Timestamp, lane: &Lane, message: usize) -> Item {
        let event = sample();
        let timestamp = due.minus(Duration::from_secs(3_000 - message as u64));
        let id = KeyPart::of(&format!("bbqa2eie0c0qoun8793gtx{message:04}"));
        BucketMessage { slot: Slot { due, lane: lane.clone(), timestamp, message: id }, event, at: timestamp }.to_item()
    }
}

impl Generated {
    pub(crate) fn of(population: Population) -> Self {
        let mut shards: Vec<Lanes> = vec![Vec::new(); usize::from(limits::SHARDS)];
        for (number, lane) in population.lanes().enumerate() {
            shards[usize::from(lane.shard())].push((bucket::prefix(&lane), lane, number));
        }
        shards.iter_mut().for_each(|lanes| lanes.sort());
        let elsewhere = population.stored.saturating_sub(population.bundles() * population.messages_per_bundle);
        let lane = population.lanes().next().expect("a lane");
        Self {
            sample: population.item(population.due, &lane, 0),
            bundles_elsewhere: elsewhere / OTHER_WINDOWS / population.messages_per_bundle,
            population,
            shards,
        }
    }

    /// A page of a window's end and a shard behind `after`, and what it weighs.
    pub(crate) fn page(&self, due: Timestamp, shard: u16, after: Option<&str>) -> (Page<BucketRow>, usize) {
        let bundles = self.bundles_of(due);
        let lanes = &self.shards[usize::from(shard)];
        let first = after.map_or(0, |after| lanes.partition_point(|(prefix, ..)| prefix.as_str() <= after));
        // The lane in which the page before ended may have more.
        let mut bytes = 0;
        let mut items = Vec::new();
        for (_, lane, _) in lanes[first.saturating_sub(1)..].iter().filter(|(.., number)| *number < bundles) {
            for message in 0..self.population.messages_per_bundle {
                let item = self.row(due, lane, message);
                if after.is_some_and(|after| item.key.sk.as_str() <= after) {
                    continue;
                }
                bytes += item.size_bytes();
                let key = item.key.sk.clone();
                items.push(item);
                if bytes >= PAGE_BYTES {
                    return (Page::of_bucket(items, Some(key)), bytes);
                }
            }
        }
        (Page::of_bucket(items, None), bytes)
    }

    /// As `Population::item`, without making the event anew.
    fn row(&self, due: Timestamp, lane: &Lane, message: usize) -> Item {
        let timestamp = due.minus(Duration::from_secs(3_000 - message as u64));
        let id = KeyPart::of(&format!("bbqa2eie0c0qoun8793gtx{message:04}"));
        let key = Slot { due, lane: lane.clone(), timestamp, message: id }.key();
        Item { key, attributes: self.sample.attributes.clone() }
    }

    /// How many lanes have a bundle in the window that ends then.
    fn bundles_of(&self, due: Timestamp) -> usize {
        if due == self.population.due {
            return self.population.bundles();
        }
        let apart = due.since(self.population.due).max(self.population.due.since(due));
        let hourly = apart.as_secs().is_multiple_of(HOUR.as_secs());
        if hourly && apart <= HOUR * 24 { self.bundles_elsewhere } else { 0 }
    }
}

fn workspace(name: &str, number: usize) -> WorkspaceId {
    WorkspaceId::parse(&format!("{name}-{number:06}")).expect("an id")
}

fn sample() -> Event {
    let samples: Vec<Value> = serde_json::from_str(CONVERSATION).expect("the sample conversation");
    native::parse(&samples[0], "").expect("an event")
}
