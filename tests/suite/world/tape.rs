//! Every request that a use case makes, in order, and which of them do not work out. A lost request never arrived; of a
//! lost answer only the answer is missing. A crash loses one of either and everything after it. A slow tape makes the
//! clock go on with every request.

use super::HandClock;
use bundler::ports::{Answer, PortError};
use std::{future::Future, sync::Mutex, time::Duration};

/// What a fault takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loses {
    Request,
    Answer,
}

pub(crate) struct Tape {
    clock: HandClock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: Vec<&'static str>,
    pace: Duration,
    fault: Option<(&'static str, usize, Loses)>,
    crash: Option<(usize, Loses)>,
    /// Of the process that comes after the one that dies.
    next_crash: Option<(usize, Loses)>,
    refused_entry: Option<usize>,
    panics: Option<(&'static str, usize)>,
    any_lost: bool,
}

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Through,
    Lost(Loses),
}

impl Tape {
    pub(crate) fn new(clock: HandClock) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// Every request takes so long from now on.
    pub(crate) fn slow(&self, pace: Duration) {
        self.lock().pace = pace;
    }

    /// The requests since the last look.
    pub(crate) fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.lock().calls)
    }

    /// The request `name` fails once, after `passes` of them.
    pub(crate) fn fail(&self, name: &'static str, passes: usize, loses: Loses) {
        self.lock().fault = Some((name, passes, loses));
    }

    /// The process dies: after `passes` requests from now nothing goes through any more.
    pub(crate) fn crash(&self, passes: usize, loses: Loses) {
        self.lock().crash = Some((passes, loses));
    }

    /// The process after the one that dies dies too, after `passes` requests of its own and of those after it.
    pub(crate) fn crash_again(&self, passes: usize, loses: Loses) {
        self.lock().next_crash = Some((passes, loses));
    }

    /// The code panics once at the request `name`, after `passes` of them.
    pub(crate) fn panic_at(&self, name: &'static str, passes: usize) {
        self.lock().panics = Some((name, passes));
    }

    /// The next batch is taken but for this entry.
    pub(crate) fn refuse_entry(&self, index: usize) {
        self.lock().refused_entry = Some(index);
    }

    /// Everything works again. Whether anything was lost since the last repair.
    pub(crate) fn repair(&self) -> bool {
        let mut state = self.lock();
        (state.fault, state.crash, state.refused_entry) = (None, None, None);
        std::mem::take(&mut state.any_lost)
    }

    /// The next invocation is another process, if the last one died.
    pub(crate) fn revive(&self) {
        if self.lock().any_lost {
            self.repair();
            let mut state = self.lock();
            state.crash = state.next_crash.take();
        }
    }

    pub(crate) fn take_refused_entry(&self) -> Option<usize> {
        self.lock().refused_entry.take()
    }

    /// One request.
    pub(crate) async fn pass<R>(&self, name: &'static str, request: impl Future<Output = Answer<R>>) -> Answer<R> {
        let lost = || PortError { doing: "standing in for a service", code: "Lost".to_owned() };
        match self.verdict(name) {
            Verdict::Through => request.await,
            Verdict::Lost(Loses::Request) => Err(lost()),
            Verdict::Lost(Loses::Answer) => {
                request.await?;
                Err(lost())
            }
        }
    }

    /// Notes a request, and says what becomes of it.
    pub(crate) fn verdict(&self, name: &'static str) -> Verdict {
        let mut state = self.lock();
        state.calls.push(name);
        self.clock.pass(state.pace);
        if state.panics(name) {
            drop(state);
            panic!("the tape was told to panic");
        }
        let lost = state.crashes().or_else(|| state.fails(name));
        state.any_lost |= lost.is_some();
        lost.map_or(Verdict::Through, Verdict::Lost)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("a tape")
    }
}

impl State {
    fn crashes(&mut self) -> Option<Loses> {
        let (passes, loses) = self.crash?;
        if passes > 0 {
            self.crash = Some((passes - 1, loses));
            return None;
        }
        self.crash = Some((0, Loses::Request));
        Some(loses)
    }

    fn panics(&mut self, name: &str) -> bool {
        let Some((panicking, passes)) = self.panics.filter(|(panicking, _)| *panicking == name) else { return false };
        self.panics = (passes > 0).then(|| (panicking, passes.saturating_sub(1)));
        passes == 0
    }

    fn fails(&mut self, name: &str) -> Option<Loses> {
        let (failing, passes, loses) = self.fault.filter(|(failing, ..)| *failing == name)?;
        self.fault = (passes > 0).then(|| (failing, passes.saturating_sub(1), loses));
        (passes == 0).then_some(loses)
    }
}
