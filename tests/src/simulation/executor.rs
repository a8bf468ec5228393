//! Invocations: boxed futures with an id, the life that Lambda gives them, and a flag that says who was woken.
//! There is no other executor: no thread, no timer, no runtime.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// Set by a waker: the future it belongs to can go on.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A future that goes on only when it is told to.
pub(super) struct Task<T> {
    future: Pin<Box<dyn Future<Output = T>>>,
    woken: Arc<Woken>,
    waker: Waker,
}

impl<T> Task<T> {
    pub(super) fn new(future: impl Future<Output = T> + 'static) -> Self {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        Self { future: Box::pin(future), waker: Waker::from(woken.clone()), woken }
    }

    /// Goes on as far as it can without an answer. What it ends with, if it ends.
    pub(super) fn run(&mut self) -> Option<T> {
        while self.woken.0.swap(false, Ordering::Relaxed) {
            if let Poll::Ready(end) = self.future.as_mut().poll(&mut Context::from_waker(&self.waker)) {
                return Some(end);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{StreamExt, stream};

    #[test]
    fn a_task_goes_on_when_it_was_woken_and_not_before() {
        let (give, taken) = futures_util::future::abortable(std::future::pending::<()>());
        let mut task = Task::new(give);
        assert!(task.run().is_none());
        assert!(task.run().is_none(), "nobody has woken it");
        taken.abort();
        assert_eq!(task.run(), Some(Err(futures_util::future::Aborted)));
    }

    #[test]
    fn futures_within_a_task_are_all_driven() {
        let many = stream::iter(0..100_u32).map(|number| async move { number }).buffer_unordered(32);
        assert_eq!(Task::new(many.fold(0, |sum, number| async move { sum + number })).run(), Some(4_950));
    }
}
