//! The budgets of a message and a bundle, and whether a stream that was played keeps them.

use crate::{prices::Prices, report::Case};
use std::fmt::Write as _;

/// Dollars per million messages, everything included, in multiples of the floor, by messages a bundle.
const RATIOS: [(usize, f64); 3] = [(3, 1.6), (10, 1.25), (100, 1.05)];

/// Each budget beside what was counted.
pub(crate) fn table(cases: &[Case], prices: &Prices) -> String {
    let mut text = format!("{:<14}{:>12}{:>12}{:>12}\n", "x floor", "budget", "counted", "with WARN");
    for (messages, budget) in RATIOS {
        let Some(case) = cases.iter().find(|case| case.traffic.messages_per_bundle == messages) else { continue };
        let quiet = crate::usage::Usage { log_bytes: 0, ..case.ours };
        let quiet = case.dollars(&quiet, prices) / case.dollars(&case.floor, prices);
        let _ =
            writeln!(text, "{:<14}{budget:>12.2}{:>12.3}{quiet:>12.3}", format!("n = {messages}"), case.ratio(prices));
    }
    text
}
