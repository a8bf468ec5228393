//! Virtual time: a clock that leaps to the next thing that happens. Requests are under way side by side, as many as the
//! use case has; the processor does one thing at a time. It runs one future to its end, and sleeps never.

use crate::model::Model;
use bundler::{ports::Clock, timestamp::Timestamp};
use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

pub(crate) struct Machine {
    began: Timestamp,
    pub(crate) model: Model,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Since the beginning.
    now: Duration,
    /// When the processor has done what it was given.
    processed: Duration,
    /// Who is to be woken, by when and in the order in which they asked.
    sleepers: BTreeMap<(Duration, u64), Waker>,
    asked: u64,
    under_way: usize,
    most_under_way: usize,
}

impl Machine {
    pub(crate) fn new(began: Timestamp, model: Model) -> Self {
        Self { began, model, state: Mutex::default() }
    }

    /// Since the beginning.
    pub(crate) fn elapsed(&self) -> Duration {
        self.lock().now
    }

    /// Nothing happens until then.
    pub(crate) fn wait_until(&self, moment: Duration) {
        let mut state = self.lock();
        state.now = state.now.max(moment);
    }

    /// The most requests that were ever under way at once.
    pub(crate) fn most_under_way(&self) -> usize {
        self.lock().most_under_way
    }

    /// One request: prepared by the processor, under way for its time, and done when the processor is done with its
    /// answer. `sending` and `reading` are the processor's time for the two.
    pub(crate) async fn request<R>(
        &self,
        sending: Duration,
        answer: impl Future<Output = R>,
        reading: impl FnOnce(&R) -> Duration,
    ) -> R {
        let sent = self.process(self.model.work("a_request", 1) + sending);
        self.until(sent).await;
        self.count(|state| {
            state.under_way += 1;
            state.most_under_way = state.most_under_way.max(state.under_way);
        });
        self.until(sent + self.model.request()).await;
        self.count(|state| state.under_way -= 1);
        let answer = answer.await;
        let read = self.process(reading(&answer));
        self.until(read).await;
        answer
    }

    /// Runs a future to its end, leaping to whatever happens next each time that it waits.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            self.leap();
        }
    }

    fn leap(&self) {
        let mut state = self.lock();
        let Some(((moment, _), waker)) = state.sleepers.pop_first() else {
            unreachable!("a future of the sweep waits for requests alone")
        };
        state.now = moment;
        drop(state);
        waker.wake();
    }

    /// Gives the processor work behind what it has; when it will be done.
    fn process(&self, work: Duration) -> Duration {
        let mut state = self.lock();
        state.processed = state.processed.max(state.now) + work;
        state.processed
    }

    async fn until(&self, moment: Duration) {
        std::future::poll_fn(|context| {
            let mut state = self.lock();
            if state.now >= moment {
                return Poll::Ready(());
            }
            let place = state.asked;
            state.asked += 1;
            state.sleepers.insert((moment, place), context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn count(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        self.began.plus(self.elapsed())
    }
}
