//! The simulation as part of the tests: that it is deterministic, that it meets what it is to meet, that the system
//! holds, and that each rule left out on purpose is found.

use std::collections::BTreeSet;
use tests::simulation::{Break, Telling, Violation, find, many, run};

/// What every run of the tests looks at. `cargo sim --schedules` looks at more.
const SCHEDULES: u64 = 20_000;

#[test]
fn the_same_seed_is_the_same_schedule_to_the_last_step() {
    let mut hashes = BTreeSet::new();
    for seed in 0..300 {
        let (first, second) = (run(seed, None, Telling::Nothing), run(seed, None, Telling::Nothing));
        assert_eq!(first.trace_hash, second.trace_hash, "seed {seed}");
        assert_eq!(first.figures, second.figures, "seed {seed}");
        hashes.insert(first.trace_hash);
    }
    assert_eq!(hashes.len(), 300, "another seed is another schedule");
}

#[test]
fn telling_what_happens_changes_nothing_of_it() {
    for seed in 0..50 {
        let told = run(seed, None, Telling::EveryStep);
        assert_eq!(told.trace_hash, run(seed, None, Telling::Nothing).trace_hash, "seed {seed}");
        assert!(told.lines.len() > 50, "seed {seed}");
    }
}

#[test]
fn in_20_000_schedules_every_message_is_in_one_bundle_in_time_and_nothing_is_left_behind() {
    let all = many(0..SCHEDULES);
    let shown = |(seed, found): &(u64, Violation)| format!("cargo sim --seed {seed}: {}: {}", found.rule, found.detail);
    let violations: Vec<String> = all.violations.iter().take(20).map(shown).collect();
    assert!(violations.is_empty(), "{}", violations.join("\n"));

    // A schedule in which nothing happens holds as well: these happened, and not once.
    let figures = &all.figures;
    assert_eq!(figures.schedules, SCHEDULES);
    for (name, count) in [
        ("bundles", figures.bundles),
        ("singles", figures.singles),
        ("redelivered", figures.redelivered),
        ("repeated", figures.repeated),
    ] {
        assert!(count > SCHEDULES / 10, "{name}: {count}");
    }
    for name in [
        "answer lost",
        "batch late",
        "batch past its visibility",
        "batch twice",
        "deletion lost",
        "entry refused",
        "given up, effect later",
        "killed",
        "life_over",
        "request lost",
        "throttled",
        "tick between",
        "tried twice",
    ] {
        assert!(figures.faults.get(name).is_some_and(|count| *count >= 50), "{name}: {:?}", figures.faults);
    }
    for name in [
        "healthy again",
        "first errors",
        "probes and their errors",
        "drained",
        "disabled",
        "mails",
        "sent again by a person",
    ] {
        assert!(figures.outages.get(name).is_some_and(|count| *count >= 50), "{name}: {:?}", figures.outages);
    }
}

#[test]
fn each_rule_that_is_left_out_is_found_within_20_000_schedules() {
    for broken in Break::ALL {
        let found = find(*broken, &(0..SCHEDULES));
        let found = found.unwrap_or_else(|| panic!("{}: not found. {}", broken.name(), broken.rule()));
        // The schedule that shows it shows nothing when the rule is kept.
        assert!(run(found.seed, None, Telling::Nothing).violations.is_empty(), "seed {}", found.seed);
    }
}
