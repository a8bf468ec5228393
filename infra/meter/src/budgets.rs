//! The budgets (DESIGN's section "Budgets"), and whether a stream that was played keeps them.

use crate::{prices::Prices, report::Case, usage::Usage};
use std::fmt::Write as _;

/// Dollars per million messages, everything included, in multiples of the floor.
pub(crate) struct Ratio {
    pub(crate) messages_per_bundle: usize,
    /// What the design asks for, and a test holds.
    pub(crate) budget: f64,
}

pub(crate) const RATIOS: [Ratio; 3] = [
    Ratio { messages_per_bundle: 3, budget: 1.6 },
    Ratio { messages_per_bundle: 10, budget: 1.25 },
    Ratio { messages_per_bundle: 100, budget: 1.05 },
];

/// The ratio where no line is written for what goes well, as from the level WARN on.
pub(crate) fn without_lines(case: &Case, prices: &Prices) -> f64 {
    let silent = Usage { log_bytes: 0, ..case.ours };
    case.dollars(&silent, prices) / case.dollars(&case.floor, prices)
}

/// Each budget beside what was counted.
pub(crate) fn table(cases: &[Case], prices: &Prices) -> String {
    let mut text = format!("{:<14}{:>10}{:>10}{:>16}\n", "x floor", "budget", "counted", "without lines");
    for Ratio { messages_per_bundle, budget, .. } in RATIOS {
        let found = cases.iter().find(|case| case.traffic.messages_per_bundle == messages_per_bundle);
        let Some(case) = found else { continue };
        let (counted, silent) = (case.ratio(prices), without_lines(case, prices));
        let verdict = if counted <= budget { "" } else { "   over budget" };
        let name = format!("n = {messages_per_bundle}");
        let _ = writeln!(text, "{name:<14}{budget:>10.2}{counted:>10.3}{silent:>16.3}{verdict}");
    }
    text
}
