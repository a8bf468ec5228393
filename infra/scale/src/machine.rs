//! Virtual time: a clock that leaps to the next thing that happens. Requests are under way side by side, as many as the
//! use case has; each invocation has a processor that does one thing at a time. Nothing here sleeps.

use crate::model::Model;
use bundler::timestamp::Timestamp;
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
    /// When each processor has done what it was given.
    processed: Vec<Duration>,
    /// Who is to be woken, by when and in the order in which they asked.
    sleepers: BTreeMap<(Duration, u64), Waker>,
    asked: u64,
}

/// One invocation's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Processor(usize);

impl Machine {
    pub(crate) fn new(began: Timestamp, model: Model) -> Self {
        Self { began, model, state: Mutex::default() }
    }

    /// Since the beginning.
    pub(crate) fn elapsed(&self) -> Duration {
        self.lock().now
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.began.plus(self.elapsed())
    }

    pub(crate) fn processor(&self) -> Processor {
        let mut state = self.lock();
        state.processed.push(Duration::ZERO);
        Processor(state.processed.len() - 1)
    }

    /// One request: prepared by the processor, under way for its time, and done when the processor is done with its
    /// answer. `sending` and `reading` are the processor's time for the two, besides what every request takes.
    pub(crate) async fn request<R>(
        &self,
        processor: Processor,
        sending: Duration,
        answer: impl Future<Output = R>,
        reading: impl FnOnce(&R) -> Duration,
    ) -> R {
        let sent = self.process(processor, self.model.work("a_request", 1) + sending);
        self.until(sent + self.model.lasts("request")).await;
        let answer = answer.await;
        let read = self.process(processor, reading(&answer));
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

    /// Ready when it is so late.
    pub(crate) async fn until(&self, moment: Duration) {
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

    fn leap(&self) {
        let mut state = self.lock();
        let Some(((moment, _), waker)) = state.sleepers.pop_first() else {
            unreachable!("what is run here waits for time alone")
        };
        state.now = moment;
        drop(state);
        waker.wake();
    }

    /// Gives a processor work behind what it has; when it will be done.
    fn process(&self, processor: Processor, work: Duration) -> Duration {
        let mut state = self.lock();
        let now = state.now;
        let processed = &mut state.processed[processor.0];
        *processed = now.max(*processed) + work;
        *processed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Computing;
    use futures_util::future::join_all;

    fn machine(computing: Computing) -> Machine {
        Machine::new(Timestamp::EPOCH, Model::read(computing))
    }

    #[test]
    fn requests_are_under_way_side_by_side_and_one_behind_the_other_where_they_wait_for_each_other() {
        let machine = machine(Computing::Free);
        let processor = machine.processor();
        let request = || machine.request(processor, Duration::ZERO, async {}, |()| Duration::ZERO);
        machine.run(join_all((0..100).map(|_| request())));
        assert_eq!(machine.elapsed(), Duration::from_millis(10));
        machine.run(async {
            for _ in 0..100 {
                request().await;
            }
        });
        assert_eq!(machine.elapsed(), Duration::from_millis(1_010));
    }

    #[test]
    fn a_processor_does_one_thing_at_a_time_and_two_do_two() {
        let time = |processors: usize| {
            let machine = machine(Computing::Shared);
            let processors: Vec<_> = (0..processors).map(|_| machine.processor()).collect();
            let request = |index: usize| {
                machine.request(processors[index % processors.len()], Duration::ZERO, async {}, |()| {
                    Duration::from_secs(1)
                })
            };
            machine.run(join_all((0..8).map(request)));
            machine.elapsed().as_secs()
        };
        assert_eq!([time(1), time(2), time(8)], [8, 4, 1]);
    }
}
