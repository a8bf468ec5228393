//! Many schedules, on all cores: threads over ranges of seeds. Each schedule runs in one thread and knows of no other.

use super::{Break, Figures, Telling, Violation, run};
use std::{
    num::NonZero,
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

/// Seeds that a thread takes at a time.
const SHARE: u64 = 64;

/// What came of many schedules.
#[derive(Default)]
pub struct Many {
    pub figures: Figures,
    /// By seed, the lowest first.
    pub violations: Vec<(u64, Violation)>,
}

/// Runs the schedules of these seeds.
pub fn many(seeds: Range<u64>) -> Many {
    let mut all = Many::default();
    for part in on_all_cores(&seeds, |_| false, |seed| run(seed, None, Telling::Nothing)) {
        for (seed, outcome) in part {
            all.figures.add(&outcome.figures);
            all.violations.extend(outcome.violations.into_iter().map(|violation| (seed, violation)));
        }
    }
    all.violations.sort_by_key(|(seed, _)| *seed);
    all
}

/// How a break was found.
pub struct Found {
    pub seed: u64,
    /// Schedules that were run until then.
    pub schedules: u64,
    pub violation: Violation,
}

/// Looks for the first seed whose schedule shows a break.
pub fn find(broken: Break, seeds: &Range<u64>) -> Option<Found> {
    let lowest = AtomicU64::new(u64::MAX);
    let is_over = |seed| seed > lowest.load(Ordering::Relaxed);
    let look = |seed| {
        let violation = run(seed, Some(broken), Telling::Nothing).violations.into_iter().next();
        if violation.is_some() {
            lowest.fetch_min(seed, Ordering::Relaxed);
        }
        violation
    };
    let found = on_all_cores(seeds, is_over, look).into_iter().flatten();
    let (seed, violation) =
        found.filter_map(|(seed, violation)| Some((seed, violation?))).min_by_key(|(seed, _)| *seed)?;
    Some(Found { seed, schedules: seed - seeds.start + 1, violation })
}

/// Does `work` for each seed until `is_over` says that a seed is not wanted any more.
fn on_all_cores<R: Send>(
    seeds: &Range<u64>,
    is_over: impl Fn(u64) -> bool + Sync,
    work: impl Fn(u64) -> R + Sync,
) -> Vec<Vec<(u64, R)>> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicU64::new(seeds.start);
    thread::scope(|scope| {
        let worker = || {
            let mut done = Vec::new();
            loop {
                let first = next.fetch_add(SHARE, Ordering::Relaxed);
                if first >= seeds.end || is_over(first) {
                    return done;
                }
                done.extend((first..seeds.end.min(first + SHARE)).map(|seed| (seed, work(seed))));
            }
        };
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("a schedule does not panic")).collect()
    })
}
