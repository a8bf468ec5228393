//! All receivers at the same time, each in a process of its own, so that the memory of each is known and the slowest of
//! them takes as long as all. The processes' environment names a proxy, which none may use.

use crate::{ONE, Result, probe::Outcome, receivers::Receiver};
use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::{Condvar, Mutex, PoisonError},
    thread,
};

/// What a process says when its receiver stands and the request begins.
pub(crate) const READY: &str = "ready";
/// Processes that set up at the same time: making certificates is work, and a handshake has five seconds.
const AT_A_TIME: usize = 2;
const PROXIES: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Outcomes in the order of the receivers. Those that take longest go first.
pub(crate) fn run(receivers: &[&'static Receiver], proxy_port: u16) -> Result<Vec<Result<Outcome>>> {
    let program = env::current_exe()?;
    let permits = Permits { free: Mutex::new(AT_A_TIME), changed: Condvar::new() };
    let mut turns: Vec<_> = receivers.iter().enumerate().collect();
    turns.sort_by_key(|(_, receiver)| !receiver.is_slow());
    let mut outcomes = thread::scope(|scope| {
        let mut threads = Vec::new();
        for (at, receiver) in turns {
            let permit = permits.take();
            let program = &program;
            threads.push((at, scope.spawn(move || one(program, receiver, proxy_port, permit))));
        }
        let joined = threads.into_iter().map(|(at, thread)| {
            (at, thread.join().unwrap_or_else(|_| Err("whoever waited for its process panicked".into())))
        });
        joined.collect::<Vec<_>>()
    });
    outcomes.sort_by_key(|(at, _)| *at);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn one(program: &Path, receiver: &Receiver, proxy_port: u16, permit: Permit<'_>) -> Result<Outcome> {
    let mut command = Command::new(program);
    command.args([ONE, receiver.name]).stdout(Stdio::piped()).stderr(Stdio::piped());
    for proxy in PROXIES {
        command.env(proxy, format!("http://127.0.0.1:{proxy_port}"));
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    let mut process = command.spawn()?;
    let output = process.stdout.take().ok_or("a process without an output")?;
    let mut lines = BufReader::new(output).lines();
    let first = lines.next().transpose()?;
    drop(permit);
    let outcome = lines.next().transpose()?.as_deref().and_then(Outcome::from_line);
    let ended = process.wait_with_output()?;
    match outcome {
        Some(outcome) if first.as_deref() == Some(READY) => Ok(outcome),
        _ => Err(String::from_utf8_lossy(&ended.stderr).trim().into()),
    }
}

/// How many may still begin.
struct Permits {
    free: Mutex<usize>,
    changed: Condvar,
}

struct Permit<'a>(&'a Permits);

impl Permits {
    fn take(&self) -> Permit<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.changed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Permit(self)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.changed.notify_one();
    }
}
