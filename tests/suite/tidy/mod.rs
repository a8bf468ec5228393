//! The repository's own files, held to the house's rules. Reads them as text; changes nothing.

mod dependencies;
mod sources;
mod template;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// What is tracked, and what would be if it were added now.
fn files() -> BTreeSet<String> {
    let listed = run("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let there = |path: &&str| root().join(path).is_file();
    listed.split('\0').filter(|path| !path.is_empty()).filter(there).map(str::to_owned).collect()
}

fn files_ending(end: &str) -> Vec<String> {
    files().into_iter().filter(|path| path.ends_with(end)).collect()
}

/// `faults` are where a rule is broken.
fn check(faults: &[String], rule: &str) {
    assert!(faults.is_empty(), "{rule}:\n{}", faults.join("\n"));
}
