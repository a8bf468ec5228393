//! The packages of npm that tests need: pinned in `tests/package-lock.json`, installed once, below `target/`.

use super::place;
use super::process::Process;
use super::python::Tools;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

const INSTALL_LIMIT: Duration = Duration::from_mins(5);
const PINNED: [&str; 2] = ["package.json", "package-lock.json"];

pub(crate) struct Modules(PathBuf);

impl Modules {
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// Another run of the tests may be at the same thing: the caller has taken the turn.
    pub(crate) fn installed(tools: &Tools) -> Self {
        let pinned = PINNED.map(|name| {
            fs::read(place::repository().join("tests").join(name)).expect("the list of packages is in the repository")
        });
        let mut hasher = DefaultHasher::new();
        pinned.hash(&mut hasher);
        let folder = place::target_folder().join(format!("node-{:016x}", hasher.finish()));
        // npm writes into the folder as it goes: the mark is written last.
        let complete = folder.join("complete");
        if !complete.exists() {
            fs::create_dir_all(&folder).expect("a folder below target/ is created");
            for (name, content) in PINNED.iter().zip(&pinned) {
                fs::write(folder.join(name), content).expect("the list is copied");
            }
            let npm = Process::start("npm-install", tools.program("npm"), |command| {
                command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
                command.current_dir(&folder).env("PATH", tools.search_path());
            });
            npm.finish(INSTALL_LIMIT);
            fs::write(&complete, "").expect("the mark is written");
        }
        Self(folder.join("node_modules"))
    }
}
