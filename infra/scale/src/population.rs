//! Ten million stored messages that no machine here could hold: the table's partitions of messages, each row computed
//! when it is asked for, in the order, of the weight and by the pages that the real table has. A test holds it to the
//! real one.

use bundler::{
    delivery::Lane,
    event::Event,
    id::{KeyPart, WebhookId, WorkspaceId},
    limits, native,
    ports::Page,
    table::{
        Item,
        bucket::{self, BucketMessage, DueRow, Slot},
    },
    timestamp::Timestamp,
};
use serde_json::Value;
use std::time::Duration;

const CONVERSATION: &str = include_str!("../../local/sample/conversation.json");
const DUE: &str = "2026-03-02T09:00:00Z";
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
    pub(crate) tenants: Vec<Tenants>,
}

/// Workspaces that are alike.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tenants {
    pub(crate) name: &'static str,
    pub(crate) workspaces: usize,
    /// Bundles that each of them has due.
    pub(crate) bundles: usize,
}

/// A lane, the beginning of its sort keys, and its number among all.
type Numbered = (String, Lane, usize);

pub(crate) struct Generated {
    pub(crate) population: Population,
    /// Lanes of each shard, in order of keys.
    shards: Vec<Vec<Numbered>>,
    /// What a message weighs besides the beginning of its sort key.
    weight: usize,
    /// Messages in each window that is not due.
    elsewhere: usize,
}

impl Population {
    /// So many bundles of three messages, a thousand workspaces' with as many each.
    pub(crate) fn even(bundles: usize, stored: usize) -> Self {
        let tenants = vec![Tenants { name: "small", workspaces: 1_000, bundles: bundles / 1_000 }];
        Self { due: Timestamp::parse(DUE).expect("a moment"), stored, messages_per_bundle: 3, tenants }
    }

    pub(crate) fn bundles(&self) -> usize {
        self.tenants.iter().map(|tenants| tenants.workspaces * tenants.bundles).sum()
    }

    pub(crate) fn workspaces(&self) -> impl Iterator<Item = WorkspaceId> {
        let of = |tenants: &Tenants| {
            let name = tenants.name;
            (0..tenants.workspaces).map(move |number| workspace(name, number))
        };
        self.tenants.iter().flat_map(of)
    }

    /// Every lane that has a bundle due, one workspace's after the other's.
    pub(crate) fn lanes(&self) -> impl Iterator<Item = Lane> {
        self.tenants.iter().copied().flat_map(|tenants| {
            (0..tenants.workspaces).flat_map(move |number| {
                (0..tenants.bundles).map(move |chat| Lane {
                    workspace: workspace(tenants.name, number),
                    webhook: WebhookId::first(),
                    chat: KeyPart::of(&(10_000_000 + chat).to_string()),
                })
            })
        })
    }
}

impl Generated {
    pub(crate) fn of(population: Population) -> Self {
        let mut shards: Vec<Vec<Numbered>> = vec![Vec::new(); usize::from(limits::SHARDS)];
        for (number, lane) in population.lanes().enumerate() {
            shards[usize::from(lane.shard())].push((bucket::prefix(&lane), lane, number));
        }
        for lanes in &mut shards {
            lanes.sort();
        }
        let elsewhere = population.stored.saturating_sub(population.bundles() * population.messages_per_bundle);
        let lane = population.lanes().next().expect("a lane");
        let item = item(population.due, &lane, 0, event());
        Self {
            weight: item.size_bytes() - item.key.pk.len() - bucket::prefix(&lane).len(),
            elsewhere: elsewhere / OTHER_WINDOWS,
            population,
            shards,
        }
    }

    /// A page of a window's end and a shard, of sort keys that begin with `beginning`, behind `after`, of `most` rows if
    /// so many are wanted; and its weight.
    pub(crate) fn page(
        &self,
        (due, shard): (Timestamp, u16),
        beginning: &str,
        after: Option<&str>,
        most: Option<u16>,
    ) -> (Page<DueRow>, usize) {
        let (bundles, messages) = self.gathered(due);
        let partition = bucket::partition(due, shard).len();
        let from = after.unwrap_or(beginning).max(beginning);
        let lanes = &self.shards[usize::from(shard)];
        // The lane that this stands in may have more.
        let first = lanes.partition_point(|(prefix, ..)| prefix.as_str() <= from).saturating_sub(1);
        let (mut rows, mut bytes) = (Vec::new(), 0);
        for (prefix, lane, number) in &lanes[first..] {
            if prefix.as_str() > from && !prefix.starts_with(beginning) {
                break;
            }
            if *number >= bundles || !prefix.starts_with(beginning) {
                continue;
            }
            for message in 0..messages {
                let is_before = prefix.as_str() <= from
                    && after.is_some_and(|after| slot(due, lane, message).key().sk.as_str() <= after);
                if is_before {
                    continue;
                }
                bytes += partition + prefix.len() + self.weight;
                rows.push(DueRow::Message { lane: lane.clone(), at: moment(due, message) });
                if bytes >= PAGE_BYTES || most.is_some_and(|most| rows.len() >= most.into()) {
                    let after = Some(slot(due, lane, message).key().sk);
                    return (Page { rows, unreadable: 0, after }, bytes);
                }
            }
        }
        (Page { rows, unreadable: 0, after: None }, bytes)
    }

    /// How many lanes have a bundle in the window that ends then, and of how many messages.
    fn gathered(&self, due: Timestamp) -> (usize, usize) {
        let lanes = self.population.bundles();
        let apart = due.since(self.population.due).max(self.population.due.since(due));
        let hourly = apart.as_secs().is_multiple_of(HOUR.as_secs());
        if due == self.population.due {
            (lanes, self.population.messages_per_bundle)
        } else if hourly && apart <= HOUR * 24 {
            let messages = self.elsewhere.div_ceil(lanes).max(1);
            (self.elsewhere / messages, messages)
        } else {
            (0, 0)
        }
    }
}

/// What every message says.
pub(crate) fn event() -> Event {
    let samples: Vec<Value> = serde_json::from_str(CONVERSATION).expect("the sample conversation");
    native::parse(&samples[0], "").expect("an event")
}

/// The item of a lane's message in a window, as the table holds it.
pub(crate) fn item(due: Timestamp, lane: &Lane, message: usize, event: Event) -> Item {
    let slot = slot(due, lane, message);
    BucketMessage { at: slot.timestamp, slot, event }.to_item()
}

/// Where a lane's message stands in a window.
fn slot(due: Timestamp, lane: &Lane, message: usize) -> Slot {
    let id = KeyPart::of(&format!("bbqa2eie0c0qoun8793gtx{message:04}"));
    Slot { due, lane: lane.clone(), timestamp: moment(due, message), message: id }
}

fn moment(due: Timestamp, message: usize) -> Timestamp {
    due.minus(Duration::from_secs(3_000 - message as u64))
}

fn workspace(name: &str, number: usize) -> WorkspaceId {
    WorkspaceId::parse(&format!("{name}-{number:06}")).expect("an id")
}
