//! The settings page on this machine, in a state that somebody wants to see: the one-machine runner, as it is for
//! everybody. It ends with the value that stands for it.

use super::build;
use super::process::Process;
use serde_json::Value;
use std::time::{Duration, Instant};

const READY_LIMIT: Duration = Duration::from_mins(2);
const READY_PAUSE: Duration = Duration::from_millis(50);

/// A page that is up, and where everything of it is: the links that open it, and the keys.
pub(crate) struct Page {
    pub(crate) places: Value,
    _process: Process,
}

impl Page {
    /// The process has this name; `options` are the runner's.
    pub(crate) fn shown(name: &str, state: &str, options: &[&str]) -> Self {
        let process = Process::start(&format!("page-{name}"), build::local(), |command| {
            command.args(["--page", state, "--settings-port", "0"]).args(options);
        });
        let deadline = Instant::now() + READY_LIMIT;
        loop {
            let ended = process.ended_within(READY_PAUSE);
            assert!(ended.is_none() && Instant::now() < deadline, "no page is shown:\n{}", process.last_lines());
            if let Ok(places) = serde_json::from_str(&process.last_lines()) {
                return Self { places, _process: process };
            }
        }
    }

    pub(crate) fn place(&self, name: &str) -> &str {
        self.places[name].as_str().expect(name)
    }
}
