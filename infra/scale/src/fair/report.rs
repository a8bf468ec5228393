//! The tables.

use super::{
    population::Kind,
    ran::{OfKind, Ran, permille},
};
use std::{fmt::Write as _, time::Duration};

/// The healthy webhooks' rows, a population a row.
pub(crate) fn healthy<'a>(runs: impl Iterator<Item = (&'a str, &'a Ran)>) -> String {
    let mut text = format!(
        "{:<28}{:>34}{:>32}{:>10}{:>10}{:>14}{:>12}\n",
        "the healthy ones, beside",
        "due to arrival: 50 %, 99 %, all",
        "on the queue: 50 %, 99 %, all",
        "requests",
        "writes",
        "slots taken",
        "all of them"
    );
    for (name, ran) in runs {
        let of = &ran.kinds[&Kind::Healthy];
        let _ = writeln!(
            text,
            "{name:<28}{:>34}{:>32}{:>10.3}{:>10.3}{:>12.0} s{:>10.1} s",
            spans(&of.since_readable),
            spans(&of.since_enqueued),
            each(of.cost.requests, of.bundles),
            each(of.cost.write_units, of.bundles),
            ran.slots.taken.as_secs_f64(),
            ran.slots.all_taken.as_secs_f64(),
        );
    }
    text
}

/// All kinds of one population.
pub(crate) fn kinds(ran: &Ran) -> String {
    let mut text = format!(
        "{:<10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>10}{:>12}{:>12}{:>34}{:>14}\n",
        "",
        "webhooks",
        "bundles",
        "arrived",
        "held",
        "POSTs",
        "requests",
        "read units",
        "write units",
        "due to arrival: 50 %, 99 %, all",
        "last arrival"
    );
    for (kind, of) in &ran.kinds {
        let OfKind { webhooks, bundles, arrived, held, posts, cost, .. } = of;
        let _ = writeln!(
            text,
            "{:<10}{webhooks:>9}{bundles:>9}{arrived:>9}{held:>9}{posts:>9}{:>10}{:>12}{:>12}{:>34}{:>12.0} s",
            kind.name(),
            cost.requests,
            cost.read_halves.div_ceil(2),
            cost.write_units,
            spans(&of.since_readable),
            of.last.as_secs_f64(),
        );
    }
    let (shared, total, arrived) = (ran.shared, ran.total(), ran.arrived());
    let _ = writeln!(
        text,
        "{:<55}{:>10}{:>12}{:>12}   queue: {}",
        "ticks and queue",
        shared.requests,
        shared.read_halves.div_ceil(2),
        shared.write_units,
        shared.queue_requests
    );
    let _ = writeln!(
        text,
        "for each bundle that arrived: {:.3} requests, {:.3} write units; {} batches took {:.0} s, {:.0} s of it those with \
         something for a receiver that answers badly",
        each(total.requests, arrived),
        each(total.write_units, arrived),
        ran.slots.batches,
        ran.slots.taken.as_secs_f64(),
        ran.slots.taken_with_bad.as_secs_f64(),
    );
    text
}

fn spans(spans: &[Duration]) -> String {
    let seconds = [500, 990, 1_000].map(|of| format!("{:.1}", permille(spans, of).as_secs_f64()));
    format!("{} s", seconds.join(" / "))
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn each(count: u64, of: usize) -> f64 {
    count as f64 / of.max(1) as f64
}
