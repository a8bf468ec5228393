//! Where the end-to-end tests work: everything they write is below `target/end-to-end`, and one run at a time is there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

static TURN: Mutex<()> = Mutex::new(());
static RUN: LazyLock<Run> = LazyLock::new(Run::begin);

struct Run {
    folder: PathBuf,
    /// Held until the process ends. The operating system lets go of it, so a killed run blocks no later one.
    _lock: File,
}

/// Waits until no other end-to-end test of this run is at work. Each takes all of a small machine's processors.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This run's own folder, empty at first. It is kept after the run, to be looked into.
pub(crate) fn run_folder() -> &'static Path {
    &RUN.folder
}

/// The home directory of the tools. It is kept from run to run, because a changed path of a cache rebuilds all.
pub(crate) fn home_folder() -> PathBuf {
    folder("home")
}

/// A folder for what is installed once and kept.
pub(crate) fn target_folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("cargo's folder for tests is below its target folder")
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the repository")
}

/// A file that stands next to the harness.
pub(crate) fn script(name: &str) -> PathBuf {
    repository().join("tests/suite/end_to_end").join(name)
}

impl Run {
    fn begin() -> Self {
        let lock = File::create(folder("").join("lock")).expect("the lock file is created");
        lock.lock().expect("the lock is taken as soon as another run in this checkout has ended");
        let run = folder("run");
        fs::remove_dir_all(&run).expect("what the last run left is removed");
        Self { folder: folder("run"), _lock: lock }
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = target_folder().join("end-to-end").join(name);
    fs::create_dir_all(&folder).expect("a folder below target/ is created");
    folder
}
