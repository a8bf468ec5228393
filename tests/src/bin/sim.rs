//! `cargo sim`: runs schedules of the simulation and says what came of them. One seed is told step by step.
//! It calls nobody and keeps nothing; its end says whether everything held.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it prints is what it is for")]

use std::{env, process::ExitCode, str::FromStr, time::Instant};
use tests::simulation::{Break, Telling, find, many, run};

const HELP: &str = "\
The simulation: interleavings, faults and clocks from a seed, over the real use
cases and the memory ports, and a checker that looks at what the receiver got.

Usage: cargo sim [options]

  --schedules N   run so many schedules                     [default: 20000]
  --from SEED     beginning with this seed                      [default: 0]
  --seed SEED     run this one alone, and tell every step of it
  --break NAME    leave this rule out: with --seed or --breaks
  --breaks        leave each rule out in turn, and say when that is found
  -h, --help      print this";

/// What is asked for.
struct Asked {
    schedules: u64,
    from: u64,
    seed: Option<u64>,
    broken: Option<Break>,
    breaks: bool,
}

fn main() -> ExitCode {
    match parse(env::args().skip(1)) {
        Ok(None) => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        Ok(Some(asked)) => {
            let held = match asked.seed {
                Some(seed) => tell(seed, asked.broken),
                None if asked.breaks => look_for_breaks(&asked),
                None => count(&asked),
            };
            if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("cargo sim: {error} (`cargo sim --help` says what there is)");
            ExitCode::from(2)
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Asked>, String> {
    let mut asked = Asked { schedules: 20_000, from: 0, seed: None, broken: None, breaks: false };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--schedules" => asked.schedules = value("--schedules", arguments.next())?,
            "--from" => asked.from = value("--from", arguments.next())?,
            "--seed" => asked.seed = Some(value("--seed", arguments.next())?),
            "--break" => {
                let name = arguments.next().unwrap_or_default();
                let broken = Break::ALL.iter().find(|broken| broken.name() == name);
                asked.broken = Some(*broken.ok_or(format!("there is no break {name:?}: see --breaks"))?);
            }
            "--breaks" => asked.breaks = true,
            "-h" | "--help" => return Ok(None),
            other => return Err(format!("there is no {other:?}")),
        }
    }
    Ok(Some(asked))
}

fn value<T: FromStr>(name: &str, text: Option<String>) -> Result<T, String> {
    text.and_then(|text| text.parse().ok()).ok_or_else(|| format!("{name} wants a whole number"))
}

/// One schedule, step by step.
fn tell(seed: u64, broken: Option<Break>) -> bool {
    let outcome = run(seed, broken, Telling::EveryStep);
    for line in &outcome.lines {
        println!("{line}");
    }
    println!("seed {seed}: trace {:016x}", outcome.trace_hash);
    for violation in &outcome.violations {
        println!("VIOLATED: {}: {}", violation.rule, violation.detail);
    }
    outcome.violations.is_empty()
}

fn count(asked: &Asked) -> bool {
    let seeds = asked.from..asked.from + asked.schedules;
    let began = Instant::now();
    let all = many(seeds.clone());
    let took = began.elapsed();
    let figures = &all.figures;
    println!("seeds {} to {}: {} schedules", seeds.start, seeds.end.saturating_sub(1), figures.schedules);
    println!("  {} messages, {} of them brought more than once", figures.messages, figures.redelivered);
    println!("  {} bundles and {} single messages arrived", figures.bundles, figures.singles);
    println!("  {} requests to the receiver, {} of them repeated", figures.requests, figures.repeated);
    println!("  {} port calls", figures.port_calls);
    let list = |counts: &std::collections::BTreeMap<&'static str, u64>| {
        counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    println!("  invocations: {}", list(&figures.invocations));
    println!("  faults: {}", list(&figures.faults));
    println!("  outages: {}", list(&figures.outages));
    for (seed, violation) in all.violations.iter().take(20) {
        println!("  seed {seed} VIOLATED: {}: {}", violation.rule, violation.detail);
    }
    println!("  {} violations", all.violations.len());
    println!("  {} ms per thousand schedules", took.as_millis() * 1_000 / u128::from(asked.schedules.max(1)));
    all.violations.is_empty()
}

fn look_for_breaks(asked: &Asked) -> bool {
    let seeds = asked.from..asked.from + asked.schedules;
    let mut all_found = true;
    println!("| break | seed | schedules until found | what did not hold |\n|---|---|---|---|");
    let wanted = |broken: &&Break| asked.broken.is_none_or(|only| only == **broken);
    for broken in Break::ALL.iter().filter(wanted) {
        match find(*broken, &seeds) {
            Some(found) => {
                let (seed, schedules, rule) = (found.seed, found.schedules, found.violation.rule);
                println!("| {}: {} | {seed} | {schedules} | {rule} |", broken.name(), broken.rule());
            }
            None => {
                all_found = false;
                println!("| {}: {} | | NOT FOUND | |", broken.name(), broken.rule());
            }
        }
    }
    all_found
}
