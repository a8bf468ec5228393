//! The simulation: the real use cases over the memory ports, in one thread, with a scheduler that decides from a seed
//! what runs next at every port call, what fails, who dies, and how time passes. A checker holds what the receiver was
//! sent against what was accepted. The same seed is the same schedule, to the last step.
//!
//! - `plan`: what a seed decides beforehand; `schedule`, `steps`, `happenings`, `faults`: what it decides on the way
//! - `executor`, `gate`: invocations, and the gates that their requests wait at; `ports` and its neighbours: the ports
//! - `check`: what has to hold; [`Break`]: rules left out on purpose, each of which has to be found

mod breaks;
mod check;
mod check_health;
mod executor;
mod faults;
mod figures;
mod files;
mod gate;
mod gather;
mod happenings;
mod health;
mod history;
mod invocation;
mod many;
mod person;
mod plan;
mod ports;
mod schedule;
mod send;
mod steps;
mod sweep;
mod world;

pub use breaks::Break;
pub use check::Violation;
pub use figures::Figures;
pub use many::{Found, Many, find, many};

use bundler::health::State;
use schedule::Schedule;

/// What came of one schedule.
pub struct Outcome {
    /// Of everything that the scheduler did.
    pub trace_hash: u64,
    pub violations: Vec<Violation>,
    pub figures: Figures,
    /// Every step in readable words, if it was asked for.
    pub lines: Vec<String>,
}

/// Whether anybody will read what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    Nothing,
    EveryStep,
}

/// Runs the schedule of a seed, with a rule left out if there is one.
pub fn run(seed: u64, broken: Option<Break>, telling: Telling) -> Outcome {
    let mut schedule = Schedule::new(seed, broken, telling == Telling::EveryStep);
    let ended = schedule.run();
    let mut violations = check::check(&schedule);
    if let Err(detail) = ended {
        violations.push(Violation { rule: "a schedule comes to an end", detail });
    }
    schedule.count();
    let lines = schedule.trace.lines.take().unwrap_or_default();
    Outcome { trace_hash: schedule.trace.hash, violations, figures: schedule.figures, lines }
}

impl Schedule {
    fn count(&mut self) {
        let book = gate::lock(&self.world.book);
        let figures = &mut self.figures;
        figures.schedules = 1;
        figures.port_calls = self.world.requests() + book.passed;
        figures.messages = self.done.len() as u64;
        figures.redelivered = self.brought.iter().filter(|brought| brought.len() > 1).count() as u64;
        figures.requests = book.attempts.len() as u64;
        for history in book.healths.values() {
            for (.., health) in history {
                let name = match health.state {
                    State::Healthy => "healthy again",
                    State::Failing { probe: None, .. } => "first errors",
                    State::Failing { .. } => "probes and their errors",
                    State::Draining { .. } => "drained",
                    State::Disabled { .. } => "disabled",
                };
                *figures.outages.entry(name).or_default() += 1;
            }
        }
        *figures.outages.entry("mails").or_default() += book.mails.len() as u64;
        *figures.outages.entry("sent again by a person").or_default() += self.resent.len() as u64;
        let (mut ids, mut arrived) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
        for attempt in &book.attempts {
            figures.repeated += u64::from(!ids.insert(&attempt.webhook_id));
            if attempt.status == Some(200) && arrived.insert(&attempt.webhook_id) {
                figures.singles += u64::from(attempt.is_alone);
                figures.bundles += u64::from(!attempt.is_alone);
            }
        }
    }
}
