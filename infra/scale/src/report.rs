//! The tables.

use crate::run::{Ran, Start};
use std::{collections::BTreeSet, fmt::Write as _, time::Duration};

pub(crate) fn heads() -> String {
    format!(
        "{:>10}  {:<8}{:>10}{:>12}{:>12}{:>10}{:>8}{:>12}{:>12}  {}",
        "", "begins", "requests", "read units", "write units", "queue", "others", "all in, s", "with CPU", "ticks, s"
    )
}

/// `free` is without what computing takes; only time differs.
pub(crate) fn row(what: usize, start: Start, free: &Ran, shared: &Ran) -> String {
    let total = shared.consumed.total();
    let begins = match start {
        Start::OnTime => "on time",
        Start::Late => "late",
    };
    let ticks: Vec<String> = shared.ticks.iter().map(|tick| format!("{:.1}", tick.as_secs_f64())).collect();
    format!(
        "{what:>10}  {begins:<8}{:>10}{:>12}{:>12}{:>10}{:>8}{:>12.1}{:>12.1}  {}",
        total.requests,
        total.read_halves.div_ceil(2),
        total.write_units,
        total.queue_requests,
        shared.others,
        seconds(free.until_all()),
        seconds(shared.until_all()),
        ticks.join(" + ")
    )
}

/// What each run asked for, a run a column.
pub(crate) fn kinds(runs: &[(usize, Ran)]) -> String {
    let names: BTreeSet<&str> =
        runs.iter().flat_map(|(_, ran)| ran.consumed.iter().map(|(doing, _)| doing).collect::<Vec<_>>()).collect();
    let mut text = format!("{:<32}", "");
    for (due, _) in runs {
        let _ = write!(text, "{due:>28}");
    }
    text.push('\n');
    for name in names {
        let _ = write!(text, "{name:<32}");
        for (_, ran) in runs {
            let cost = ran.consumed.of(name);
            let units = [cost.requests, cost.read_halves.div_ceil(2), cost.write_units, cost.queue_requests];
            let _ = write!(text, "{:>28}", units.map(|number| number.to_string()).join(" / "));
        }
        text.push('\n');
    }
    text
}

fn seconds(span: Duration) -> f64 {
    span.as_secs_f64()
}
