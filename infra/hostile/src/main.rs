//! `cargo hostile`: receivers that do everything wrong, on this machine, against the client that calls receivers. Each
//! request has to end in time, within memory, with the right class of error, and without being led anywhere else.
//! Nothing leaves this machine. Names of receivers, as arguments, try these alone and say more of each.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table is what this tool is for")]

mod certificates;
mod crowd;
mod memory;
mod peer;
mod place;
mod probe;
mod receivers;
mod table;

use receivers::Receiver;
use std::{env, error::Error, process::ExitCode, time::Instant};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The argument before the name of the one receiver that a process is for.
const ONE: &str = "--one";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("hostile: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is well.
fn run() -> Result<bool> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [one, name] if one == ONE => {
            println!("{}", probe::run(named(name)?, || println!("{}", crowd::READY))?.to_line());
            Ok(true)
        }
        [] => all(&receivers::all(), false),
        names => all(&names.iter().map(|name| named(name)).collect::<Result<Vec<_>>>()?, true),
    }
}

fn named(name: &str) -> Result<&'static Receiver> {
    let found = receivers::all().into_iter().find(|receiver| receiver.name == name);
    found.ok_or_else(|| format!("no receiver is called {name}; without a name, all are tried").into())
}

fn all(receivers: &[&'static Receiver], with_details: bool) -> Result<bool> {
    let began = Instant::now();
    let proxy = place::Canary::new()?;
    let outcomes = crowd::run(receivers, proxy.port)?;
    println!("{}", table::heading());
    let mut right = 0;
    for (receiver, outcome) in receivers.iter().zip(&outcomes) {
        let (line, is_right) = table::row(receiver, outcome);
        println!("{line}");
        if let (Ok(outcome), true) = (outcome, with_details) {
            println!("  {}", outcome.detail);
        }
        right += usize::from(is_right);
    }
    let (all, by_proxy) = (receivers.len(), proxy.connections());
    let seconds = began.elapsed().as_secs_f64();
    println!("{right} of {all} right, {by_proxy} calls to the proxy that their environment names, {seconds:.1} s");
    Ok(right == all && by_proxy == 0)
}
