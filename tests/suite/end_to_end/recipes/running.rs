//! The receivers of `infra/recipes`, each as a process of its own, as somebody would start it.

use super::letter::Letter;
use crate::end_to_end::process::Process;
use crate::end_to_end::python::Tools;
use crate::end_to_end::{build, http, place};
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

const READY_LIMIT: Duration = Duration::from_mins(1);
const READY_PAUSE: Duration = Duration::from_millis(20);
const READY: &str = "listening on http://";

static RUST: LazyLock<PathBuf> = LazyLock::new(|| build::tool("recipe_receiver", "/infra/recipes/rust/"));

#[derive(Clone, Copy, Debug)]
pub(super) enum Recipe {
    Python,
    Node,
    Rust,
}

pub(super) const ALL: [Recipe; 3] = [Recipe::Python, Recipe::Node, Recipe::Rust];

/// A receiver that runs until this is dropped. What it keeps stays.
pub(super) struct Running {
    process: Process,
    pub(super) address: SocketAddr,
    folder: PathBuf,
}

impl Recipe {
    /// Runs with these secrets, and keeps what it gets in a folder of this name.
    pub(super) fn run(self, name: &str, secrets: &str) -> Running {
        self.run_with(name, secrets, &[], &[])
    }

    pub(super) fn run_with(self, name: &str, secrets: &str, options: &[&str], environment: &[(&str, &str)]) -> Running {
        let folder = place::run_folder().join(format!("recipe-{name}-{self:?}"));
        let (program, script) = match self {
            Self::Python => ("python3".into(), Some("python/receiver.py")),
            Self::Node => (Tools::installed().program("node"), Some("node/receiver.mjs")),
            Self::Rust => (RUST.clone(), None),
        };
        let process = Process::start(&format!("recipe-{name}-{self:?}"), program, |command| {
            command.args(script.map(recipe)).arg("0").arg(&folder).args(options);
            command.env("WEBHOOK_SECRET", secrets).envs(environment.iter().copied());
            // Nothing is written beside the scripts.
            command.env("PYTHONDONTWRITEBYTECODE", "1");
        });
        let deadline = Instant::now() + READY_LIMIT;
        let address = loop {
            let ended = process.ended_within(READY_PAUSE);
            assert!(ended.is_none() && Instant::now() < deadline, "{self:?} does not run:\n{}", process.last_lines());
            if let Some(address) = process.printed().strip_suffix('\n').and_then(|line| line.strip_prefix(READY)) {
                break address.parse().expect("an address");
            }
        };
        Running { process, address, folder }
    }
}

impl Running {
    /// The status that it answers with.
    pub(super) fn send(&self, letter: &Letter) -> u16 {
        let headers: Vec<_> = letter.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = http::request(self.address, "POST /hook", &headers, &letter.body);
        answer.unwrap_or_else(|error| panic!("no answer: {error}\n{}", self.process.last_lines())).status()
    }

    /// What it has printed since it was ready, a line for each document.
    pub(super) fn lines(&self) -> Vec<String> {
        self.process.printed().lines().skip(1).map(str::to_owned).collect()
    }

    /// Waits until it has printed this; panics if it does not.
    pub(super) fn wait_for_line(&self, line: &str) {
        let deadline = Instant::now() + READY_LIMIT;
        while !self.lines().iter().any(|printed| printed == line) {
            let ended = self.process.ended_within(READY_PAUSE);
            assert!(ended.is_none() && Instant::now() < deadline, "not printed: {line}\n{}", self.process.last_lines());
        }
    }

    /// Where it keeps this document and its files.
    pub(super) fn folder_of(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    /// The files that it has kept, by path below its folder; what is beside its folder does not belong to it.
    pub(super) fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        let mut kept = BTreeMap::new();
        collect(&self.folder, "", &mut kept);
        kept
    }
}

fn collect(folder: &Path, below: &str, kept: &mut BTreeMap<String, Vec<u8>>) {
    // It makes its folder with the first document.
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.expect("a folder can be read");
        let name = entry.file_name().into_string().expect("names are UTF-8");
        let path = format!("{below}{name}");
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), kept);
        } else {
            kept.insert(path, fs::read(entry.path()).expect("a file can be read"));
        }
    }
}

/// A file of the recipes.
pub(super) fn recipe(name: &str) -> PathBuf {
    place::repository().join("infra/recipes").join(name)
}
