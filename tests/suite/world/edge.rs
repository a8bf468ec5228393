//! What the edge gives to a use case, made by hand: the time, and a place for its lines.

use bundler::{
    log::{Line, Log},
    ports::Clock,
    timestamp::Timestamp,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// A clock that stands still until it is set.
#[derive(Clone)]
pub(crate) struct HandClock(Arc<Mutex<Timestamp>>);

impl HandClock {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    pub(crate) fn set(&self, now: Timestamp) {
        *self.0.lock().expect("a clock") = now;
    }

    pub(crate) fn pass(&self, span: Duration) {
        self.set(self.now().plus(span));
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("a clock")
    }
}

/// What was logged, each line as the edge would write it.
pub(crate) struct Lines {
    clock: HandClock,
    lines: Mutex<Vec<String>>,
}

impl Lines {
    pub(crate) fn new(clock: HandClock) -> Self {
        Self { clock, lines: Mutex::default() }
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.lines.lock().expect("lines").clone()
    }
}

impl Log for Lines {
    fn log(&self, line: Line) {
        self.lines.lock().expect("lines").push(line.render(self.clock.now(), "world"));
    }
}
