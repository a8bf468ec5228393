//! What requests consume, by the rules that AWS publishes and bills by: DynamoDB's read and write request units
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>), those of its indexes
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes>) and
//! transactions (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-capacity-handling>),
//! and SQS's requests (<https://aws.amazon.com/sqs/pricing/>). It counts and knows no price.

use crate::table::Item;
use std::collections::BTreeMap;

/// Bytes that one write unit pays for.
const WRITE_BYTES: usize = 1_024;
/// Bytes that one strongly consistent read unit pays for, or two eventually consistent halves.
const READ_BYTES: usize = 4_096;
/// Bytes of a queue's request that are billed as one request.
const QUEUE_BYTES: usize = 65_536;
/// Messages that one request of a queue sends, receives or deletes.
const QUEUE_MESSAGES: usize = 10;

/// What one request, or many, came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    pub requests: u64,
    /// Read request units, in halves: an eventually consistent read takes a half where a consistent one takes a whole.
    pub read_halves: u64,
    /// Write request units, those of the index included.
    pub write_units: u64,
    /// Requests as SQS bills them.
    pub queue_requests: u64,
}

/// Whether a read sees every write before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consistency {
    Strong,
    Eventual,
}

impl Cost {
    /// `GetItem`: what one item weighs, rounded up; nothing found costs the least there is.
    pub fn get(bytes: usize, consistency: Consistency) -> Self {
        Self { requests: 1, read_halves: read_halves(bytes, consistency), ..Self::default() }
    }

    /// `Query`: what all items weigh that it read, rounded up once. A projection makes nothing cheaper.
    pub fn query(bytes: usize, consistency: Consistency) -> Self {
        Self::get(bytes, consistency)
    }

    /// `PutItem`, `UpdateItem` or `DeleteItem` of an item that weighs at most `bytes`, before it or after. One whose
    /// condition fails costs the same: what stands there or what was to be put, whichever weighs more.
    pub fn write(bytes: usize) -> Self {
        Self { requests: 1, write_units: write_units(bytes), ..Self::default() }
    }

    /// `TransactWriteItems`: each item is written twice, to prepare and to commit, also by one that is cancelled.
    pub fn transaction(items: impl IntoIterator<Item = usize>) -> Self {
        let write_units = items.into_iter().map(|bytes| 2 * write_units(bytes)).sum();
        Self { requests: 1, write_units, ..Self::default() }
    }

    /// What the sparse, keys-only index takes when an item changes: a write to leave, a write to enter, and both where its
    /// key there changes. It is no request of its own, and a transaction does not double it.
    pub fn index(before: Option<&Item>, after: Option<&Item>) -> Self {
        let [left, entered] = [before, after].map(|item| item.and_then(Item::index_key));
        let write_units = if left == entered {
            0
        } else {
            [left, entered].into_iter().flatten().map(|entry| write_units(entry.size_bytes())).sum()
        };
        Self { write_units, ..Self::default() }
    }

    /// `SendMessageBatch`, `ReceiveMessage` or `DeleteMessageBatch`: a request for each 10 messages and each 64 KB begun.
    /// One that finds nothing is billed as well.
    pub fn queue(messages: usize, bytes: usize) -> Self {
        let requests = messages.div_ceil(QUEUE_MESSAGES).max(1);
        let billed = requests.max(bytes.div_ceil(QUEUE_BYTES));
        Self { requests: requests as u64, queue_requests: billed as u64, ..Self::default() }
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            read_halves: self.read_halves + other.read_halves,
            write_units: self.write_units + other.write_units,
            queue_requests: self.queue_requests + other.queue_requests,
        }
    }
}

/// Costs by what was being done, in the words that a port's error would use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consumed(BTreeMap<&'static str, Cost>);

impl Consumed {
    pub fn note(&mut self, doing: &'static str, cost: Cost) {
        let noted = self.0.entry(doing).or_default();
        *noted = noted.plus(cost);
    }

    pub fn add(&mut self, other: &Self) {
        other.iter().for_each(|(doing, cost)| self.note(doing, cost));
    }

    pub fn of(&self, doing: &str) -> Cost {
        self.0.get(doing).copied().unwrap_or_default()
    }

    pub fn total(&self) -> Cost {
        self.0.values().fold(Cost::default(), |total, cost| total.plus(*cost))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Cost)> {
        self.0.iter().map(|(doing, cost)| (*doing, *cost))
    }
}

fn read_halves(bytes: usize, consistency: Consistency) -> u64 {
    let units = bytes.div_ceil(READ_BYTES).max(1) as u64;
    match consistency {
        Consistency::Strong => 2 * units,
        Consistency::Eventual => units,
    }
}

fn write_units(bytes: usize) -> u64 {
    bytes.div_ceil(WRITE_BYTES).max(1) as u64
}
