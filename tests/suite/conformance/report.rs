//! What a run came to, as `cargo conformance` prints it.

use super::compare::Played;
use std::{
    collections::BTreeMap,
    fmt::{self, Display},
    time::Duration,
};

/// Sequences that a report shows in full. The rest are counted.
pub(crate) const SHOWN: usize = 3;

#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) sequences: u64,
    kinds: BTreeMap<&'static str, Kind>,
    pages: usize,
    /// How many sequences differ, and the first of them as they were made shorter.
    pub(crate) differing: u64,
    pub(crate) differences: Vec<String>,
    pub(crate) took: Duration,
}

#[derive(Default)]
struct Kind {
    calls: u64,
    took: u64,
    errors: u64,
}

impl Figures {
    /// Counts what a sequence came to in memory.
    pub(crate) fn add(&mut self, kinds: impl Iterator<Item = &'static str>, played: &Played) {
        self.sequences += 1;
        for (kind, answer) in kinds.zip(&played.answers) {
            let kind = self.kinds.entry(kind).or_default();
            kind.calls += 1;
            kind.took += u64::from(answer.took);
            kind.errors += u64::from(answer.line.starts_with("Err("));
            self.pages += answer.pages;
        }
    }

    pub(crate) fn calls(&self) -> u64 {
        self.kinds.values().map(|kind| kind.calls).sum()
    }

    /// The kinds of calls that never did anything, or never left anything as it was though they may.
    pub(crate) fn one_sided(&self, unconditional: &[&str]) -> Vec<&'static str> {
        let one_sided =
            |name: &str, kind: &Kind| kind.took == 0 || (kind.took == kind.calls && !unconditional.contains(&name));
        self.kinds.iter().filter(|(name, kind)| one_sided(name, kind)).map(|(name, _)| *name).collect()
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.sequences += other.sequences;
        self.pages += other.pages;
        self.differing += other.differing;
        self.differences.extend(other.differences);
        self.differences.truncate(SHOWN);
        for (name, counted) in other.kinds {
            let kind = self.kinds.entry(name).or_default();
            kind.calls += counted.calls;
            kind.took += counted.took;
            kind.errors += counted.errors;
        }
    }
}

impl Display for Figures {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = self.calls();
        writeln!(
            to,
            "{} sequences, {calls} calls, {} pages, {:.1} s",
            self.sequences,
            self.pages,
            self.took.as_secs_f64()
        )?;
        writeln!(to, "  {:<20}{:>8}{:>12}{:>12}{:>12}", "call", "times", "with effect", "without", "errors")?;
        for (name, Kind { calls, took, errors }) in &self.kinds {
            writeln!(to, "  {name:<20}{calls:>8}{took:>12}{:>12}{errors:>12}", calls - took - errors)?;
        }
        write!(to, "  differences: {}", self.differing)
    }
}
