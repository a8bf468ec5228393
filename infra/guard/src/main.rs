//! `cargo guard`: the address rule against IANA's registries, for every IPv4 address there is and for as much of IPv6
//! as tells rules apart. It calls no address and changes nothing.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table is what this tool is for")]

mod registry;
mod v4;
mod v6;

use registry::{Family, Reachable, Row};
use std::{process::ExitCode, time::Instant};
use v4::Tally;

/// Random addresses of each IPv6 row and of each stretch between them.
const RANDOM_V6: usize = 100_000;
/// Random IPv4 addresses that are tried in every dress.
const DRESSED: usize = 1_000_000;

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(differences) => {
            eprintln!("guard: {differences} differences");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("guard: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a line for each comparison, and returns how many addresses are judged wrongly.
fn run() -> Result<u64, String> {
    let (rows_v4, rows_v6) = (registry::rows(Family::V4)?, registry::rows(Family::V6)?);
    for (name, rows) in [("IPv4", &rows_v4), ("IPv6", &rows_v6)] {
        let of = |reachable| rows.iter().filter(|row: &&Row| row.reachable == reachable).count();
        println!(
            "{name} registry: {} rows, all of them blocked; globally reachable: {} no, {} yes, {} empty, {} no column",
            rows.len(),
            of(Reachable::No),
            of(Reachable::Yes),
            of(Reachable::Empty),
            of(Reachable::NoColumn)
        );
    }
    println!(
        "{:<34} {:>13} {:>13} {:>13} {:>11} {:>7}",
        "", "addresses", "blocked", "public", "differences", "seconds"
    );
    let stretches = registry::stretches(&rows_v4, Family::V4);
    let random = &mut v6::Random(2026);
    let differences = [
        timed("IPv4, every address", || v4::all(&stretches, progress)),
        timed("IPv6, edges and random", || v6::edges_and_random(&rows_v6, RANDOM_V6, random)),
        timed("IPv4 in IPv6's dresses", || v6::dressed(&rows_v4, DRESSED, random)),
    ];
    Ok(differences.into_iter().sum())
}

fn progress(done: u32) {
    if done.is_multiple_of(32) {
        eprintln!("guard: {done} of 256 parts of IPv4");
    }
}

fn timed(name: &str, compare: impl FnOnce() -> Tally) -> u64 {
    let began = Instant::now();
    let tally = compare();
    println!(
        "{name:<34} {:>13} {:>13} {:>13} {:>11} {:>7.1}",
        grouped(tally.addresses),
        grouped(tally.blocked),
        grouped(tally.addresses - tally.blocked),
        grouped(tally.differences),
        began.elapsed().as_secs_f64()
    );
    if let Some(address) = tally.first_difference {
        eprintln!("guard: {name}: wrong about {address}");
    }
    tally.differences
}

/// Thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 592_709_632].map(super::grouped), ["0", "999", "592,709,632"]);
    }
}
