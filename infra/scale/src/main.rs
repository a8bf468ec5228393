//! `cargo scale`: what a sweep costs and how long it takes, from a thousand due bundles to a million. It runs the real
//! sweep over ten million stored messages, whose rows are computed when they are asked for, in virtual time: a request
//! lasts what `model.json` says, and nobody waits for it here. Requests and units are counted by AWS's published rules.
//! `cargo scale --fair`: what webhooks that are dead, slow or huge cost the others.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the tables are what this tool is for")]

mod fair;
mod invocation;
mod machine;
mod model;
mod population;
mod report;
mod run;
#[cfg(test)]
mod tests;
mod world;

use crate::{
    model::{Computing, Model},
    population::{Generated, Population, Tenants},
    run::{Ran, Start, run},
};

use std::process::ExitCode;

const STORED: usize = 10_000_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            print_sweeps();
            ExitCode::SUCCESS
        }
        ["--fair"] => print_fairness(),
        _ => {
            eprintln!("usage: cargo scale [--fair]");
            ExitCode::FAILURE
        }
    }
}

/// What webhooks that are dead, slow or huge cost the others; a failure if it is more than they may.
fn print_fairness() -> ExitCode {
    let (tables, broken) = fair::compare();
    println!("{tables}");
    for what in &broken {
        println!("NOT AS IT HAS TO BE: {what}");
    }
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print_sweeps() {
    for value in Model::read(Computing::Shared).given() {
        println!("{:<32}{:>14}  {}", value.name, value.value, value.why);
    }
    println!("\nDue bundles among {STORED} stored messages, 3 messages a bundle, 1,000 workspaces");
    println!("{}", report::heads());
    let mut kinds = Vec::new();
    for due in [1_000, 10_000, 100_000, 1_000_000] {
        eprintln!("scale: {due} bundles");
        let rows = Generated::of(Population::even(due, STORED));
        for start in [Start::OnTime, Start::Late] {
            let [free, shared] = [Computing::Free, Computing::Shared].map(|computing| run(&rows, computing, start));
            println!("{}", report::row(due, start, &free, &shared));
            if start == Start::OnTime {
                kinds.push((due, shared));
            }
        }
    }
    println!("\nThe same on time, by what was asked for: requests / read units / write units / queue requests");
    println!("{}", report::kinds(&kinds));

    println!("10,000 due bundles among");
    println!("{}", report::heads());
    for stored in [100_000, 1_000_000, STORED] {
        let rows = Generated::of(Population::even(10_000, stored));
        let [free, shared] = [Computing::Free, Computing::Shared].map(|computing| run(&rows, computing, Start::OnTime));
        println!("{}", report::row(stored, Start::OnTime, &free, &shared));
    }

    println!("\n100,000 due bundles of so many workspaces");
    println!("{}", report::heads());
    for workspaces in [100, 1_000, 10_000, 100_000] {
        let tenants = vec![Tenants { name: "small", workspaces, bundles: 100_000 / workspaces }];
        let rows = Generated::of(Population { tenants, ..Population::even(0, STORED) });
        let [free, shared] = [Computing::Free, Computing::Shared].map(|computing| run(&rows, computing, Start::Late));
        println!("{}", report::row(workspaces, Start::Late, &free, &shared));
    }

    println!("\nOne workspace with 200,000 due bundles beside 1,000 with 10 each, on time");
    let ran = beside_a_huge_one();
    for (tenants, until) in &ran.until {
        println!("{tenants:<8} last reference on the queue after {:>10.1} s", until.as_secs_f64());
    }
    println!("{} ticks, {} references twice", ran.ticks.len(), ran.repeated);
}

fn beside_a_huge_one() -> Ran {
    let huge = Tenants { name: "huge", workspaces: 1, bundles: 200_000 };
    let small = Tenants { name: "small", workspaces: 1_000, bundles: 10 };
    let rows = Generated::of(Population { tenants: vec![huge, small], ..Population::even(0, STORED) });
    run(&rows, Computing::Shared, Start::OnTime)
}
