//! Failed tries: so many a minute of one source are answered for what they are, and what comes behind them is turned away
//! unread until the minute is over. A success costs nothing: only failures are counted.
//!
//! The keys are too long to be guessed. What this keeps small is what somebody who tries it costs.

use crate::{
    api::Reply,
    id::push_hex,
    limits,
    ports::{Answer, CountFailedTry},
    problem::Problem,
    signature::{Purpose, RootSecret},
    table::portal::FailedTries,
    timestamp::Timestamp,
};
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
};

/// Where tries come from: a hash of the address that nobody without the root secret can turn back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source([u8; 16]);

impl Source {
    /// Of IPv6 addresses the first 64 bits count: one customer has all that begin with them. One that stands for an
    /// IPv4 address is that one.
    pub fn of(root: &RootSecret, address: IpAddr) -> Self {
        let counted = match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        };
        let seal = root.seal(Purpose::SourceAddress, counted.to_string().as_bytes());
        let mut source = [0; 16];
        source.copy_from_slice(&seal[..16]);
        Self(source)
    }

    /// As keys hold it.
    pub fn hex(&self) -> String {
        let mut hex = String::new();
        push_hex(&mut hex, "", &self.0);
        hex
    }
}

/// A source has failed too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// From then on it is listened to again.
    pub until: Timestamp,
}

impl TooMany {
    /// 429, and after how many seconds it is listened to again: at least one.
    pub fn reply(self, now: Timestamp) -> Reply {
        let seconds = self.until.since(now).as_millis().div_ceil(1_000).max(1);
        let problem = Problem::new(429, "too many tries failed; wait a minute");
        Reply::problem(&problem).with("retry-after", seconds.to_string())
    }
}

/// The sources that a process remembers to have failed too often.
#[derive(Debug, Default)]
pub struct Blocked(BTreeMap<Source, Timestamp>);

impl Blocked {
    /// Whether a source is listened to: asked before anything that it has sent is looked at.
    pub fn check(&self, source: Source, now: Timestamp) -> Result<(), TooMany> {
        let until = self.0.get(&source).copied().filter(|until| now < *until);
        until.map_or(Ok(()), |until| Err(TooMany { until }))
    }

    /// Remembers a source. If there are too many, those are forgotten whose time is over; and if none is, the one whose
    /// time is over first.
    pub fn remember(&mut self, source: Source, too_many: TooMany, now: Timestamp) {
        if self.0.len() >= limits::BLOCKED_SOURCES && !self.0.contains_key(&source) {
            self.0.retain(|_, until| now < *until);
        }
        if self.0.len() >= limits::BLOCKED_SOURCES && !self.0.contains_key(&source) {
            let first = self.0.iter().min_by_key(|(_, until)| **until).map(|(source, _)| *source);
            first.map(|source| self.0.remove(&source));
        }
        self.0.insert(source, too_many.until);
    }
}

/// Counts a try that has failed, and says whether it is one too many: then it is answered so, whatever was wrong with it,
/// and its source remembered. An error leaves the answer as it was.
pub async fn failed<P: CountFailedTry>(port: &P, source: Source, now: Timestamp) -> Answer<Result<(), TooMany>> {
    let window = window(now);
    let failed = port.count_failed_try(&FailedTries { source, window }).await?;
    let too_many = TooMany { until: window.plus(limits::FAILED_TRIES_WINDOW) };
    Ok(if failed > limits::FAILED_TRIES { Err(too_many) } else { Ok(()) })
}

/// When the window began that `now` is in: they are aligned to the clock.
fn window(now: Timestamp) -> Timestamp {
    let seconds = now.seconds() - now.seconds() % limits::FAILED_TRIES_WINDOW.as_secs();
    Timestamp::from_seconds(seconds).unwrap_or(now)
}
