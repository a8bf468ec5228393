//! Gates: a request of a use case waits at one until the scheduler lets it take effect, and again until it is answered.
//! A gate decides nothing itself, and knows no time.

use super::world::World;
use bundler::ports::{Answer, PortError};
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// Locks what only one thread of a schedule ever asks for.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request that has been made and not answered.
pub(super) struct Waiting {
    pub(super) number: u64,
    pub(super) invocation: u32,
    pub(super) name: &'static str,
    /// What it is about, if anybody will read it.
    pub(super) about: String,
    /// When it was made, milliseconds.
    pub(super) since: u64,
    pub(super) stage: Stage,
    /// Nobody waits for its answer any more, and it takes effect at this moment.
    pub(super) lands: Option<u64>,
    pub(super) request: Box<dyn Held>,
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Asked,
    /// It has taken effect, and its answer is on its way.
    Answering,
    /// It has taken effect, and its answer is lost on its way.
    Losing(&'static str),
    /// It has taken effect, and is about to do so again, because the client has tried it again.
    Repeating,
}

/// A request as the scheduler holds it.
pub(super) trait Held: Send {
    /// Lets it take effect. Of a batch the entry at `refused` is not taken.
    fn take_effect(&mut self, world: &World, refused: Option<usize>);
    /// Answers it with what its last effect came to.
    fn answer(&mut self);
    /// Answers it with trouble, whatever it came to.
    fn fail(&mut self, code: &'static str);
}

struct Typed<R, E> {
    doing: &'static str,
    effect: E,
    result: Option<Answer<R>>,
    slot: Arc<Mutex<Slot<R>>>,
}

struct Slot<R> {
    answer: Option<Answer<R>>,
    waker: Option<Waker>,
}

/// What a use case waits at.
pub(super) struct Gate<R>(Arc<Mutex<Slot<R>>>);

/// A request and the gate that it is answered at.
pub(super) fn gate<R, E>(doing: &'static str, effect: E) -> (Box<dyn Held>, Gate<R>)
where
    R: Send + 'static,
    E: FnMut(&World, Option<usize>) -> Answer<R> + Send + 'static,
{
    let slot = Arc::new(Mutex::new(Slot { answer: None, waker: None }));
    (Box::new(Typed { doing, effect, result: None, slot: slot.clone() }), Gate(slot))
}

impl<R, E> Typed<R, E> {
    fn tell(&self, answer: Answer<R>) {
        let mut slot = lock(&self.slot);
        slot.answer = Some(answer);
        if let Some(waker) = slot.waker.take() {
            waker.wake();
        }
    }
}

impl<R: Send, E: FnMut(&World, Option<usize>) -> Answer<R> + Send> Held for Typed<R, E> {
    fn take_effect(&mut self, world: &World, refused: Option<usize>) {
        self.result = Some((self.effect)(world, refused));
    }

    fn answer(&mut self) {
        if let Some(result) = self.result.take() {
            self.tell(result);
        }
    }

    fn fail(&mut self, code: &'static str) {
        self.tell(Err(PortError { doing: self.doing, code: code.to_owned() }));
    }
}

impl<R> Future for Gate<R> {
    type Output = Answer<R>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer<R>> {
        let mut slot = lock(&self.0);
        match slot.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                slot.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
