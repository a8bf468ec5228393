//! The Python tools of the end-to-end and conformance tests: pinned in `tests/requirements.txt`, installed once, below `target/`.

use super::place;
use super::process::{self, Process};
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

pub(crate) const NEEDED: &str = "the end-to-end and conformance tests need Python 3.10 or later on the path as \
    `python3`, with its modules `venv` and `ensurepip` (on Debian or Ubuntu: apt install python3-venv); the tests that \
    do not need it run with `cargo quick`";

/// Downloading most of a gigabyte takes minutes on a slow line.
const INSTALL_LIMIT: Duration = Duration::from_mins(20);
const CHECK_LIMIT: Duration = Duration::from_mins(1);
const CHECK: &str = "import ensurepip, sys, venv; print(sys.version); sys.exit(sys.version_info < (3, 10))";

static TOOLS: LazyLock<Tools> = LazyLock::new(Tools::install);

/// An environment that holds the tools: `sam`, `ministack`, `moto_server`, `cargo-lambda`, `node`, `npm`.
pub(crate) struct Tools {
    programs: PathBuf,
}

impl Tools {
    pub(crate) fn installed() -> &'static Self {
        &TOOLS
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// The search path in which the tools come first.
    pub(crate) fn search_path(&self) -> OsString {
        process::search_path(&self.programs)
    }

    fn install() -> Self {
        let version = require_python();
        let requirements = place::repository().join("tests/requirements.txt");
        let pinned = fs::read_to_string(&requirements).expect("the list of tools is in the repository");
        let folder = place::target_folder().join(format!("python-{:016x}", fingerprint(&pinned, &version)));
        let tools = Self { programs: folder.join("bin") };
        // Written last: an installation that was broken off is begun again.
        let complete = folder.join("complete");
        if !complete.exists() {
            install(&tools, &folder, &requirements);
            fs::write(&complete, pinned).expect("the mark is written");
        }
        tools
    }
}

fn install(tools: &Tools, folder: &Path, requirements: &Path) {
    let environment = Process::start("python-environment", "python3", |command| {
        command.args(["-I", "-m", "venv", "--clear"]).arg(folder);
    });
    environment.finish(CHECK_LIMIT);
    let pip = Process::start("python-install", tools.program("python"), |command| {
        command.args(["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--requirement"]);
        command.arg(requirements);
    });
    pip.finish(INSTALL_LIMIT);
}

/// The version of a Python that can make an environment of its own; panics with what to install if there is none.
fn require_python() -> String {
    let process = Process::start("python-check", "python3", |command| {
        command.args(["-I", "-c", CHECK]);
    });
    let status = process.ended_within(CHECK_LIMIT);
    assert!(status.is_some_and(|status| status.success()), "{NEEDED}\n{}", process.last_lines());
    process.last_lines()
}

/// An environment belongs to the Python that made it, so a new Python makes a new one.
fn fingerprint(pinned: &str, version: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (pinned, version).hash(&mut hasher);
    hasher.finish()
}
