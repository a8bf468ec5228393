//! `cargo footprint`: how large each function is and what it costs to start, beside the smallest function there is,
//! held against the budgets of `report`. It measures bytes and instructions, which a noisy machine cannot change, and
//! never milliseconds. `cargo footprint attachments` looks at that one alone; built without the others, which ask more
//! of shared libraries, it may be a little smaller. The functions run on this machine between a fake Lambda and a fake AWS; nothing leaves it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table is what this tool is for")]

mod aws;
mod binaries;
mod copy;
mod http;
mod inputs;
mod measure;
mod process;
mod report;
mod runtime_api;
mod script;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, thread};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The functions in the order of the table. The first one is what the others are compared with.
const FUNCTIONS: [&str; 6] = ["hello", "ingest", COPIES, "aggregator", "sender", "settings"];
/// The one that copies files, of up to a hundred megabytes.
const COPIES: &str = "attachments";

fn main() -> ExitCode {
    let broken = match run() {
        Ok(broken) => broken,
        Err(error) => vec![error.to_string()],
    };
    for line in &broken {
        eprintln!("footprint: {line}");
    }
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Builds, measures, prints, and returns one sentence for each budget that is broken.
fn run() -> Result<Vec<String>> {
    let valgrind = find_valgrind()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let names = chosen(&env::args().skip(1).collect::<Vec<_>>())?;
    let binaries = binaries::build(&root, &names)?;
    let target =
        binaries.first().and_then(|binary| binary.path.ancestors().nth(2)).ok_or("there is nothing to measure")?;
    let bench = measure::Bench::set_up(valgrind, &target.join("footprint"))?;

    // Compressing takes as long as measuring and disturbs no count, so both go on at once.
    let footprints = thread::scope(|scope| {
        let zips: Vec<_> = binaries.iter().map(|binary| scope.spawn(|| binaries::zip_bytes(&binary.path))).collect();
        let mut footprints = Vec::new();
        for (binary, zip) in binaries.iter().zip(zips) {
            eprintln!("footprint: measuring {}", binary.name);
            let run = bench.measure(binary)?;
            let zip_bytes = zip.join().map_err(|_| "compressing panicked")??;
            footprints.push(report::Footprint {
                name: binary.name,
                binary_bytes: binary.path.metadata()?.len(),
                zip_bytes,
                run,
            });
        }
        Result::Ok(footprints)
    })?;

    print!("{}", report::table(&footprints));
    let mut broken = report::broken_budgets(&footprints);
    if let Some(binary) = binaries.iter().find(|binary| binary.name == COPIES) {
        let (peak_bytes, copied) = bench.measure_copy(binary)?;
        print!("{}", report::copy_line(COPIES, peak_bytes, &copied));
        broken.extend(report::broken_copy_budgets(COPIES, peak_bytes, &copied));
    }
    Ok(broken)
}

/// The functions that the command line names, after the one that they are compared with; all, if it names none.
fn chosen(names: &[String]) -> Result<Vec<&'static str>> {
    if let Some(unknown) = names.iter().find(|name| !FUNCTIONS.contains(&name.as_str())) {
        return Err(format!("there is no function called {unknown}: {}", FUNCTIONS.join(", ")).into());
    }
    let (first, others) = (FUNCTIONS[0], &FUNCTIONS[1..]);
    let is_chosen = |name: &&str| names.is_empty() || names.iter().any(|chosen| chosen == name);
    Ok([first].into_iter().chain(others.iter().copied().filter(is_chosen)).collect())
}

fn find_valgrind() -> Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join("valgrind")).find(|file| file.is_file()).ok_or_else(|| {
        "valgrind is missing, and only it counts instructions. On Debian or Ubuntu: apt-get install valgrind; on \
         Fedora: dnf install valgrind"
            .into()
    })
}
