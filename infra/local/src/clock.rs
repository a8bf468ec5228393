//! The clock that everything here goes by: it runs as fast as it is told to, and stops at a limit until the limit is
//! raised. Whoever raises it has done what was to be done at that moment, so that nothing is missed however fast time
//! runs and however slow the machine is. It never runs backwards.

use bundler::{ports, timestamp::Timestamp};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{self, Instant};

/// Clones are the same clock.
#[derive(Clone)]
pub(crate) struct Clock(Arc<Mutex<State>>);

struct State {
    /// What the clock showed at `since`.
    base: Timestamp,
    since: Instant,
    /// Seconds of the clock in a real second.
    speed: u32,
    limit: Timestamp,
}

impl Clock {
    /// A clock that stands at `start`.
    pub(crate) fn new(start: Timestamp, speed: u32) -> Self {
        Self(Arc::new(Mutex::new(State { base: start, since: Instant::now(), speed, limit: start })))
    }

    /// Lets the clock run up to `moment`, and waits until it is there.
    pub(crate) async fn run_to(&self, moment: Timestamp) {
        let wait = {
            let mut state = self.state();
            state.settle();
            state.limit = state.limit.max(moment);
            moment.since(state.base) / state.speed
        };
        // A little longer, for what a division leaves over: the clock waits at its limit.
        time::sleep(wait + Duration::from_micros(1)).await;
    }

    /// From now on a real second is so many seconds, at least one.
    pub(crate) fn set_speed(&self, speed: u32) {
        let mut state = self.state();
        state.settle();
        state.speed = speed.max(1);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ports::Clock for Clock {
    fn now(&self) -> Timestamp {
        self.state().now()
    }
}

impl State {
    fn now(&self) -> Timestamp {
        self.base.plus(self.since.elapsed() * self.speed).min(self.limit)
    }

    /// Begins to count anew from what the clock shows, so that no real time spent at the limit is made up for.
    fn settle(&mut self) {
        self.base = self.now();
        self.since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bundler::ports::Clock as _;

    fn start() -> Timestamp {
        Timestamp::parse("2026-03-02T08:50:00Z").expect("a moment")
    }

    fn after(seconds: u64) -> Timestamp {
        start().plus(Duration::from_secs(seconds))
    }

    #[tokio::test(start_paused = true)]
    async fn a_real_second_is_as_many_seconds_as_the_speed_says() {
        let clock = Clock::new(start(), 60);
        let began = Instant::now();
        clock.run_to(after(600)).await;
        assert_eq!(clock.now(), after(600));
        assert_eq!(began.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn the_clock_stops_at_its_limit_and_does_not_make_up_for_it() {
        let clock = Clock::new(start(), 60);
        time::sleep(Duration::from_secs(5)).await;
        assert_eq!(clock.now(), start(), "nobody has let it run");
        clock.run_to(after(60)).await;
        time::sleep(Duration::from_secs(100)).await;
        assert_eq!(clock.now(), after(60));
        let began = Instant::now();
        clock.run_to(after(120)).await;
        assert_eq!(began.elapsed().as_secs(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_given_up_leaves_the_clock_running() {
        let clock = Clock::new(start(), 1);
        let _ = time::timeout(Duration::from_secs(20), clock.run_to(after(60))).await;
        assert_eq!(clock.now(), after(20));
        clock.set_speed(40);
        clock.run_to(after(60)).await;
        assert_eq!(clock.now(), after(60));
    }

    #[tokio::test(start_paused = true)]
    async fn it_never_runs_backwards() {
        let clock = Clock::new(start(), 1_000);
        clock.run_to(after(1_000)).await;
        clock.run_to(after(10)).await;
        assert_eq!(clock.now(), after(1_000));
        clock.set_speed(0);
        assert_eq!(clock.now(), after(1_000));
    }
}
