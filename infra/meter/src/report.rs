//! The report: what a message costs in each design, beside the floor; our own bill by line; what a bundle adds.

use crate::{
    floor::floor,
    naive,
    play::Played,
    prices::Prices,
    stream::Traffic,
    usage::{LINES, Usage, float},
};
use std::fmt::Write as _;

/// Where the storage line stands; what is kept is shown and is no part of the ratio.
const STORAGE: usize = LINES.len() - 1;

/// A stream that was played, and what stands beside it.
pub(crate) struct Case {
    pub(crate) traffic: Traffic,
    pub(crate) ours: Usage,
    pub(crate) floor: Usage,
    pub(crate) others: [(&'static str, Usage); 3],
    pub(crate) bundle: Bundle,
    pub(crate) message_bytes: f64,
    pub(crate) post_bytes: f64,
}

/// What a bundle adds to its messages, on the average.
#[derive(Debug)]
pub(crate) struct Bundle {
    pub(crate) write_units: f64,
    pub(crate) read_units: f64,
    pub(crate) queue_requests: f64,
    /// Requests to the table that the sender makes for it.
    pub(crate) sender_calls: f64,
    /// Its share of the sweep's requests to the table.
    pub(crate) sweep_calls: f64,
}

impl Case {
    pub(crate) fn of(traffic: Traffic, played: &Played, prices: &Prices) -> Self {
        let bundles = float(traffic.bundles as u64);
        let on_top = played.sweep.total().plus(played.sender.total());
        let messages = played.items.iter().filter(|item| item.key.pk.starts_with("due#"));
        let message_bytes: usize = messages.map(bundler::table::Item::size_bytes).sum();
        let stored = Usage::storing(&played.items, Traffic::window().1, prices);
        Self {
            traffic,
            ours: played.total().plus(stored),
            floor: floor(traffic, played, prices),
            others: [
                ("one growing item a bucket", naive::growing_item(played)),
                ("a timer a bundle", naive::timer_per_bundle(traffic, played)),
                ("a queue message a message", naive::queued_message(traffic, played, prices)),
            ],
            bundle: Bundle {
                write_units: float(on_top.write_units) / bundles,
                read_units: float(on_top.read_halves) / 2.0 / bundles,
                queue_requests: float(played.queue.total().queue_requests) / bundles,
                sender_calls: float(played.sender.total().requests) / bundles,
                sweep_calls: float(played.sweep.total().requests) / bundles,
            },
            message_bytes: float(message_bytes as u64) / float(traffic.messages() as u64),
            post_bytes: float(played.post_bytes) / bundles,
        }
    }

    fn per_million(&self, dollars: f64) -> f64 {
        dollars * 1e6 / float(self.traffic.messages() as u64)
    }

    /// Dollars per million messages, by line.
    pub(crate) fn lines(&self, usage: &Usage, prices: &Prices) -> [f64; LINES.len()] {
        usage.dollars(prices).map(|dollars| self.per_million(dollars))
    }

    /// Dollars per million messages, without what is kept.
    pub(crate) fn dollars(&self, usage: &Usage, prices: &Prices) -> f64 {
        self.lines(usage, prices)[..STORAGE].iter().sum()
    }

    pub(crate) fn ratio(&self, prices: &Prices) -> f64 {
        self.dollars(&self.ours, prices) / self.dollars(&self.floor, prices)
    }
}

/// The designs side by side, for one number of messages a bundle.
pub(crate) fn designs(case: &Case, prices: &Prices) -> String {
    let messages = float(case.traffic.messages() as u64);
    let mut text = format!(
        "n = {} ({} bundles; a stored message {:.0} B, a POST {:.0} B)\n{:<28}{:>9}{:>9}{:>9}{:>9}{:>9}{:>12}{:>9}\n",
        case.traffic.messages_per_bundle,
        case.traffic.bundles,
        case.message_bytes,
        case.post_bytes,
        "per message",
        "writes",
        "reads",
        "queue",
        "starts",
        "calls",
        "$/million",
        "x floor"
    );
    let rows = [("the floor", case.floor), ("Bundlehook", case.ours)].into_iter().chain(case.others);
    let floor = case.dollars(&case.floor, prices);
    for (name, usage) in rows {
        let dollars = case.dollars(&usage, prices);
        let _ = writeln!(
            text,
            "{name:<28}{:>9.3}{:>9.3}{:>9.3}{:>9.3}{:>9.3}{dollars:>12.3}{:>9.2}",
            float(usage.write_units) / messages,
            float(usage.read_halves) / 2.0 / messages,
            float(usage.fifo_requests + usage.standard_requests) / messages,
            float(usage.invocations) / messages,
            float(usage.calls) / messages,
            dollars / floor
        );
    }
    text
}

/// Our bill by line, dollars per million messages, and the floor's below each.
pub(crate) fn bill(cases: &[Case], prices: &Prices) -> String {
    let mut text = format!("{:<14}", "$ per million");
    for line in LINES {
        let _ = write!(text, "{line:>12}");
    }
    let _ = writeln!(text, "{:>12}{:>9}", "no storage", "x floor");
    for case in cases {
        for (name, usage, ratio) in [("ours", case.ours, case.ratio(prices)), ("floor", case.floor, 1.0)] {
            let _ = write!(text, "{:<14}", format!("n = {}, {name}", case.traffic.messages_per_bundle));
            for dollars in case.lines(&usage, prices) {
                let _ = write!(text, "{dollars:>12.4}");
            }
            let _ = writeln!(text, "{:>12.4}{ratio:>9.3}", case.dollars(&usage, prices));
        }
    }
    text
}

/// What a bundle adds to its messages.
pub(crate) fn bundles(cases: &[Case]) -> String {
    let mut text = format!(
        "{:<14}{:>12}{:>12}{:>12}{:>14}{:>14}\n",
        "per bundle", "write units", "read units", "queue", "sender calls", "sweep's calls"
    );
    for case in cases {
        let bundle = &case.bundle;
        let _ = writeln!(
            text,
            "{:<14}{:>12.2}{:>12.2}{:>12.2}{:>14.2}{:>14.2}",
            format!("n = {}", case.traffic.messages_per_bundle),
            bundle.write_units,
            bundle.read_units,
            bundle.queue_requests,
            bundle.sender_calls,
            bundle.sweep_calls
        );
    }
    text
}
