//! Other programs, each in a process group of its own that ends with the value that stands for it, and with the tests.

use super::{place, python};
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::iter;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How many of a failed command's last lines a panic shows.
const SHOWN_LINES: usize = 40;

/// A program that runs. To drop it is to end it, with every process that it started.
pub(crate) struct Process {
    name: String,
    output: PathBuf,
    /// The supervisor ends the group when this end is closed.
    lifeline: Option<ChildStdin>,
    /// A receiver alone cannot be in a static.
    ended: Mutex<Receiver<ExitStatus>>,
}

impl Process {
    /// Starts what `prepare` makes of the program's command. What it prints goes to a file of the run's folder.
    pub(crate) fn start(name: &str, program: impl AsRef<OsStr>, prepare: impl FnOnce(&mut Command)) -> Self {
        let output = place::run_folder().join(format!("{name}.log"));
        let mut command = Command::new("python3");
        command.arg("-I").arg(place::script("supervise.py")).arg(program);
        prepare(&mut command);
        let file = File::create(&output).expect("a log file is created");
        let same_file = file.try_clone().expect("a file can be written to from two ends");
        // A group of its own: an interrupt at the terminal is for the tests, whose end then closes the lifeline.
        command.process_group(0).stdin(Stdio::piped()).stdout(file).stderr(same_file);
        let mut supervisor = match command.spawn() {
            Ok(supervisor) => supervisor,
            Err(error) if error.kind() == ErrorKind::NotFound => panic!("{}", python::NEEDED),
            Err(error) => panic!("{name} was not started: {error}"),
        };
        let lifeline = supervisor.stdin.take();
        let (end, ended) = mpsc::channel();
        thread::spawn(move || end.send(supervisor.wait().expect("a child process can be waited for")));
        Self { name: name.to_owned(), output, lifeline, ended: Mutex::new(ended) }
    }

    /// Waits for a good end and returns what the command printed; panics on a bad end, and on none in time.
    pub(crate) fn finish(self, within: Duration) -> String {
        match self.ended_within(within) {
            Some(status) if status.success() => self.printed(),
            Some(status) => panic!("{} failed, {status}; it ended with\n{}", self.name, self.last_lines()),
            None => panic!("{} had not ended after {within:?}; so far\n{}", self.name, self.last_lines()),
        }
    }

    /// The status of a command that has ended before the time was over.
    pub(crate) fn ended_within(&self, within: Duration) -> Option<ExitStatus> {
        match self.ended.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(within) {
            Ok(status) => Some(status),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("{} ended before", self.name),
        }
    }

    pub(crate) fn last_lines(&self) -> String {
        let printed = self.printed();
        let lines: Vec<_> = printed.lines().collect();
        lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
    }

    pub(crate) fn printed(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.output).expect("its log file is there")).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.lifeline = None;
        // An error says that the end was seen before.
        let _ = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner).recv();
    }
}

/// The search path with a folder of programs in front.
pub(crate) fn search_path(first: &Path) -> OsString {
    let rest = env::var_os("PATH").unwrap_or_default();
    env::join_paths(iter::once(first.to_owned()).chain(env::split_paths(&rest)))
        .expect("a folder's name can stand in a search path")
}
