//! One function's three runs: under callgrind to its first poll, under callgrind to the end of its first call to AWS,
//! and by itself through a whole event for its memory. The function that copies files runs once more, with the largest.

use crate::Result;
use crate::aws::{self, FakeAws};
use crate::binaries::Binary;
use crate::copy::{Copied, Passage};
use crate::inputs;
use crate::process::Process;
use crate::runtime_api;
use crate::script::{Asked, Point, Script, Stage, Step};
use bundler::limits::ATTACHMENTS_LIFE;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long a function may take to reach a point: as long as a file's copying may. Under valgrind a function is some
/// fifty times slower than alone.
const REACH_WITHIN: Duration = ATTACHMENTS_LIFE;
/// In the bench's folder: the certificates that the functions trust.
const ROOTS: &str = "roots.pem";
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What the runs of one function gave.
pub(crate) struct Run {
    pub(crate) peak_bytes: u64,
    pub(crate) first_poll_instructions: u64,
    pub(crate) first_call: Option<FirstCall>,
}

pub(crate) struct FirstCall {
    pub(crate) operation: String,
    pub(crate) instructions: u64,
}

/// The fakes, and what the functions run under.
pub(crate) struct Bench {
    valgrind: PathBuf,
    folder: PathBuf,
    stage: Stage,
    runtime_api: SocketAddr,
    aws: FakeAws,
}

impl Bench {
    /// `folder` keeps callgrind's files and the functions' output, to be looked at afterwards.
    pub(crate) fn set_up(valgrind: PathBuf, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let stage = Stage::default();
        let (runtime_api, aws) = (runtime_api::start(stage.clone())?, aws::start(stage.clone())?);
        fs::write(folder.join(ROOTS), &aws.root_pem)?;
        Ok(Self { valgrind, folder: folder.to_owned(), stage, runtime_api, aws })
    }

    pub(crate) fn measure(&self, binary: &Binary) -> Result<Run> {
        let (process, calls) = self.run_to(Point::SecondPoll, binary, None, &mut Command::new(&binary.path))?;
        let peak_bytes = process.peak_bytes()?;
        process.end()?;
        let first_call = match calls.into_iter().next() {
            Some(operation) => Some(FirstCall { operation, instructions: self.count(Point::FirstCall, binary)? }),
            None => None,
        };
        Ok(Run { peak_bytes, first_poll_instructions: self.count(Point::FirstPoll, binary)?, first_call })
    }

    /// The peak of memory in bytes, and what was copied up to then: the largest file there is. Nothing but it is an error.
    pub(crate) fn measure_copy(&self, binary: &Binary) -> Result<(u64, Copied)> {
        let passage = Passage::open()?;
        let mut command = Command::new(&binary.path);
        let (process, _) = self.run_to(Point::SecondPoll, binary, Some(&passage), &mut command)?;
        let peak_bytes = process.peak_bytes()?;
        let copied = passage.end().map_err(|error| {
            format!(
                "{}: {error}
its output ends with:
{}",
                binary.name,
                process.last_words()
            )
        })?;
        process.end()?;
        Ok((peak_bytes, copied))
    }

    /// The instructions that the whole process has run when it reaches the point.
    fn count(&self, point: Point, binary: &Binary) -> Result<u64> {
        let file = self.folder.join(format!("{}.{point:?}.callgrind", binary.name));
        let mut command = Command::new(&self.valgrind);
        command.args(["--tool=callgrind", "--vgdb=no", "--quiet"]);
        command.arg(format!("--callgrind-out-file={}", file.display())).arg(&binary.path);
        let (process, _) = self.run_to(point, binary, None, &mut command)?;
        process.wait_until_still()?;
        process.end()?;
        let totals = fs::read_to_string(&file)?;
        let total = totals.lines().find_map(|line| line.strip_prefix("totals: ")?.parse().ok());
        total.ok_or_else(|| format!("callgrind wrote no total to {}", file.display()).into())
    }

    /// Starts the command with the function's environment and event, and returns when it has reached the point,
    /// together with the operations that it asked AWS for on the way.
    fn run_to(
        &self,
        point: Point,
        binary: &Binary,
        copy: Option<&Arc<Passage>>,
        command: &mut Command,
    ) -> Result<(Process, Vec<String>)> {
        let (steps, told) = mpsc::channel();
        self.stage.play(Script::new(point, inputs::event(binary.name)?, copy.cloned(), steps));
        command.env_clear().envs(inputs::environment(self.runtime_api, self.aws.port));
        if copy.is_some() {
            command.envs(inputs::OF_A_LOCAL_SOURCE);
        }
        // Without it the first poll is reached with the roots of production, and no call comes before that.
        if point != Point::FirstPoll {
            command.env("AWS_CA_BUNDLE", self.folder.join(ROOTS));
        }
        let log = self.folder.join(format!("{}.{point:?}.log", binary.name));
        let mut process = Process::start(command, &log)?;
        match follow(point, &told, &mut process) {
            Ok(calls) => Ok((process, calls)),
            Err(error) => Err(format!(
                "{}, on the way to {point:?}: {error}\nits output ends with:\n{}",
                binary.name,
                process.last_words()
            )
            .into()),
        }
    }
}

/// Listens until the point is reached; an error says what happened instead.
fn follow(point: Point, told: &Receiver<Step>, process: &mut Process) -> Result<Vec<String>> {
    let end = Instant::now() + REACH_WITHIN;
    let (mut calls, mut troubles) = (Vec::new(), Vec::new());
    while Instant::now() < end {
        match told.recv_timeout(LOOK_EVERY) {
            Ok(Step::Reached) => return Ok(calls),
            Ok(Step::Asked(Asked::Call(operation))) => calls.push(operation),
            Ok(Step::Asked(Asked::Outcome(outcome))) if outcome.starts_with("error") => return Err(outcome.into()),
            Ok(Step::Asked(Asked::Outcome(outcome))) if point == Point::FirstCall && calls.is_empty() => {
                return Err(format!("it called nobody; its outcome is {outcome}").into());
            }
            Ok(Step::Asked(Asked::Poll | Asked::Outcome(_))) => {}
            Ok(Step::Trouble(trouble)) => troubles.push(trouble),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                if let Some(status) = process.ended()? {
                    return Err(format!("it ended with {status}; {}", troubles.join("; ")).into());
                }
            }
        }
    }
    Err(format!("not reached within {} s; {}", REACH_WITHIN.as_secs(), troubles.join("; ")).into())
}
