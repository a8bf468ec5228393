//! Plays sequences on memory and on each emulator, several at a time, and judges what came of it.

#![expect(clippy::print_stdout, reason = "what was compared is printed, for those who ask for it")]

use super::{
    compare::{Side, difference, shown, shrink},
    emulators::Emulator,
    report::{Figures, SHOWN},
};
use crate::world::run;
use std::{
    fmt::Debug,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Instant,
};

/// Ports that sequences of calls are played on, and their adapters.
pub(crate) trait Ports {
    type Call: Clone + Debug;
    type Memory: Side<Call = Self::Call>;
    type Aws: Side<Call = Self::Call>;

    const NAME: &'static str;
    /// The kinds of calls that write whatever stands there.
    const UNCONDITIONAL: &'static [&'static str];

    /// The sequence of a seed.
    fn sequence(seed: u64) -> Vec<Self::Call>;

    /// What can be played of a sequence on an emulator; see `gaps`.
    fn playable(emulator: Emulator, calls: Vec<Self::Call>) -> Vec<Self::Call>;

    /// The port's method, or what else it is; nothing for what is no call.
    fn kind(call: &Self::Call) -> Option<&'static str>;

    fn memory() -> Self::Memory;

    async fn aws(emulator: Emulator, name: &str) -> Self::Aws;
}

/// Plays the sequences of the seeds below `end`, on all emulators at the same time. Prints what was compared, and fails
/// if anything differs, or if a kind of call was not tried in both ways.
pub(crate) fn conform<P: Ports>(end: u64) {
    let figures: Vec<_> = thread::scope(|scope| {
        let emulators = Emulator::ALL.map(|emulator| (emulator, scope.spawn(move || play_on::<P>(emulator, end))));
        emulators.into_iter().map(|(of, figures)| (of, figures.join().expect("it does not panic"))).collect()
    });
    for (emulator, figures) in &figures {
        println!("\n== {}, memory and AWS ({}): {figures}", P::NAME, emulator.name());
    }
    for (emulator, figures) in &figures {
        let (name, shown) = (emulator.name(), figures.differences.join("\n\n"));
        assert!(figures.differing == 0, "{} sequences differ on {name}:\n\n{shown}", figures.differing);
        if emulator.share(end) == end {
            let one_sided = figures.one_sided(P::UNCONDITIONAL);
            assert!(one_sided.is_empty(), "calls that always or never did something: {one_sided:?}");
        }
    }
}

fn play_on<P: Ports>(emulator: Emulator, end: u64) -> Figures {
    let (began, next, end) = (Instant::now(), AtomicU64::new(0), emulator.share(end));
    let mut whole = Figures::default();
    thread::scope(|scope| {
        let seeds = || {
            let next = || next.fetch_add(1, Ordering::Relaxed);
            std::iter::repeat_with(next).take_while(|seed| *seed < end)
        };
        let work = |worker| scope.spawn(move || run(play::<P>(emulator, &format!("conformance-{worker}"), seeds())));
        let workers: Vec<_> = (0..emulator.workers()).map(work).collect();
        for worker in workers {
            whole.join(worker.join().expect("a worker does not panic"));
        }
    });
    whole.took = began.elapsed();
    whole
}

/// One sequence after the other.
async fn play<P: Ports>(emulator: Emulator, name: &str, seeds: impl Iterator<Item = u64>) -> Figures {
    let (mut memory, mut aws) = (P::memory(), P::aws(emulator, name).await);
    let mut figures = Figures::default();
    for seed in seeds {
        let calls = P::playable(emulator, P::sequence(seed));
        let played = memory.play(&calls).await;
        figures.add(calls.iter().filter_map(P::kind), &played);
        if difference(&played, &aws.play(&calls).await).is_some() {
            figures.differing += 1;
            if figures.differences.len() < SHOWN {
                let shrunk = shrink(&mut memory, &mut aws, calls).await;
                let text = shrunk.map(|(calls, difference)| shown(seed, &calls, &difference));
                figures.differences.push(text.unwrap_or_else(|| format!("seed {seed} differs, but not when repeated")));
            }
        }
    }
    figures
}
