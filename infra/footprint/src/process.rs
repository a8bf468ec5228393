//! A function as a process of this machine: started, watched through `/proc` until it has nothing left to do, ended at
//! that point. Linux alone.

use crate::Result;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a process has to lie still to count as waiting, in looks that are this far apart.
const STILL_LOOKS: usize = 3;
const LOOK_EVERY: Duration = Duration::from_millis(10);
const STILL_WITHIN: Duration = Duration::from_mins(1);

pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a command whose output goes to a file.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let output = File::create(log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let child =
            command.spawn().map_err(|error| format!("starting {}: {error}", command.get_program().display()))?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// How the process ended, if it did so by itself.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// The last lines of what it wrote.
    pub(crate) fn last_words(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }

    /// Returns when every thread sleeps and none has woken between several looks. What it waits for must not come
    /// meanwhile; then nothing is left to happen, and its count of instructions is that of this point exactly.
    pub(crate) fn wait_until_still(&self) -> Result<()> {
        let end = Instant::now() + STILL_WITHIN;
        let (mut before, mut looks) = (None, 0);
        while Instant::now() < end {
            let now = self.sleepers()?;
            looks = if now.is_some() && now == before { looks + 1 } else { 0 };
            if looks == STILL_LOOKS {
                return Ok(());
            }
            before = now;
            thread::sleep(LOOK_EVERY);
        }
        Err(format!("the function did not come to rest within {} s", STILL_WITHIN.as_secs()).into())
    }

    /// The most memory that it has had resident so far.
    pub(crate) fn peak_bytes(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let peak = field(&status, "VmHWM").and_then(|value| value.strip_suffix(" kB")?.parse::<u64>().ok());
        Ok(peak.ok_or("/proc names no peak of memory")? * 1024)
    }

    /// Ends it by a signal that no Lambda function handles, at which valgrind still writes what it has counted. (At
    /// SIGTERM a function might begin to shut down, and that would be counted too.)
    pub(crate) fn end(mut self) -> Result<()> {
        let kill = format!("kill -s USR2 {}", self.child.id());
        if !Command::new("sh").args(["-c", &kill]).status()?.success() {
            return Err("ending a function: kill failed".into());
        }
        self.child.wait()?;
        Ok(())
    }

    /// Each thread with the number of times it has been put to sleep or aside; `None` if one of them is at work.
    fn sleepers(&self) -> Result<Option<Vec<String>>> {
        let mut sleepers = Vec::new();
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread that ends between the listing and the look is work as well.
            let Ok(status) = fs::read_to_string(thread?.path().join("status")) else { return Ok(None) };
            if !field(&status, "State").is_some_and(|state| state.starts_with('S')) {
                return Ok(None);
            }
            let names = ["Pid", "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"];
            sleepers.extend(names.map(|name| field(&status, name).unwrap_or_default().to_owned()));
        }
        Ok(Some(sleepers))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A value from one of `/proc`'s lines `name:   value`.
fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}
