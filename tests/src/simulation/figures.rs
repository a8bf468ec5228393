//! What is counted over schedules, and the trace of one: its hash tells two runs apart, its lines are for a person.

use super::history::fnv;
use std::collections::BTreeMap;

/// Sums over schedules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    pub schedules: u64,
    /// Requests that use cases made of their ports.
    pub port_calls: u64,
    pub messages: u64,
    /// Messages that were brought more than once.
    pub redelivered: u64,
    /// Bundles that arrived, and messages that arrived by themselves.
    pub bundles: u64,
    pub singles: u64,
    /// Requests to the receiver.
    pub requests: u64,
    /// Those that carried what had been tried before.
    pub repeated: u64,
    /// Invocations by function, and what went wrong by kind.
    pub invocations: BTreeMap<&'static str, u64>,
    pub faults: BTreeMap<&'static str, u64>,
    /// What became of webhooks: how often they failed, were disabled, drained and were healthy again, and mails to owners.
    pub outages: BTreeMap<&'static str, u64>,
}

impl Figures {
    pub fn add(&mut self, other: &Self) {
        self.schedules += other.schedules;
        self.port_calls += other.port_calls;
        self.messages += other.messages;
        self.redelivered += other.redelivered;
        self.bundles += other.bundles;
        self.singles += other.singles;
        self.requests += other.requests;
        self.repeated += other.repeated;
        for (name, count) in &other.invocations {
            *self.invocations.entry(name).or_default() += count;
        }
        for (name, count) in &other.faults {
            *self.faults.entry(name).or_default() += count;
        }
        for (name, count) in &other.outages {
            *self.outages.entry(name).or_default() += count;
        }
    }
}

/// Everything that the scheduler did, in order.
pub(super) struct Trace {
    pub(super) hash: u64,
    /// Nothing, unless somebody will read it.
    pub(super) lines: Option<Vec<String>>,
}

impl Trace {
    pub(super) fn new(is_told: bool) -> Self {
        Self { hash: 0, lines: is_told.then(Vec::new) }
    }

    /// Notes a step: what it was and its numbers go into the hash, its line into the lines.
    pub(super) fn note(&mut self, name: &'static str, numbers: [u64; 3], line: impl FnOnce() -> String) {
        self.hash = fnv(self.hash, name.as_bytes());
        for number in numbers {
            self.hash = fnv(self.hash, &number.to_le_bytes());
        }
        if let Some(lines) = &mut self.lines {
            lines.push(line());
        }
    }
}
