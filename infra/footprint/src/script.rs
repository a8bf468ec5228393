//! What the fakes answer during one run of a function, and what they tell the one who measures. A run is made to stop
//! at an exact point by leaving everything behind it unanswered: the function then waits, and its count stands still.

use crate::copy::Passage;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// The function has asked for its first event.
    FirstPoll,
    /// It has the answer to its first request to AWS, and has done with it all that it can without another answer. So
    /// the count holds a little more than the call, namely the way to the next one.
    FirstCall,
    /// It has handled its first event and asks for another.
    SecondPoll,
}

/// What a function asks of the fakes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Poll,
    /// The runtime API gets an event's result, or learns that there is none.
    Outcome(String),
    /// The operation that AWS is asked for, such as `GetItem`.
    Call(String),
}

/// What the one who measures gets to know.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Reached,
    Asked(Asked),
    /// A connection went wrong; said only if the point is not reached.
    Trouble(String),
}

pub(crate) struct Script {
    point: Point,
    pub(crate) event: String,
    /// The file that the event leads to, where there is one.
    pub(crate) copy: Option<Arc<Passage>>,
    seen: Mutex<Seen>,
    steps: Sender<Step>,
}

#[derive(Default)]
struct Seen {
    polls: usize,
    calls: usize,
}

impl Script {
    pub(crate) fn new(point: Point, event: String, copy: Option<Arc<Passage>>, steps: Sender<Step>) -> Self {
        Self { point, event, copy, seen: Mutex::default(), steps }
    }

    /// Notes a request that has fully arrived, and says whether to answer it.
    pub(crate) fn is_answered(&self, asked: Asked) -> bool {
        let mut seen = lock(&self.seen);
        let (is_answered, is_reached) = match (&asked, self.point) {
            (Asked::Poll, Point::FirstPoll) => (false, true),
            (Asked::Poll, Point::FirstCall) => (seen.calls == 0, false),
            (Asked::Poll, Point::SecondPoll) => (seen.polls == 0, seen.polls == 1),
            (Asked::Outcome(_), point) => (point == Point::SecondPoll, false),
            (Asked::Call(_), point) => (point != Point::FirstCall || seen.calls == 0, false),
        };
        match &asked {
            Asked::Poll => seen.polls += 1,
            Asked::Call(_) => seen.calls += 1,
            Asked::Outcome(_) => {}
        }
        self.tell(Step::Asked(asked));
        if is_reached {
            self.tell(Step::Reached);
        }
        is_answered
    }

    /// Notes that the answer to a call has been written.
    pub(crate) fn call_answered(&self) {
        if self.point == Point::FirstCall {
            self.tell(Step::Reached);
        }
    }

    /// Whether a connection that comes now is left without an answer from its first byte on.
    pub(crate) fn is_over(&self) -> bool {
        self.point == Point::FirstCall && lock(&self.seen).calls > 0
    }

    /// Nobody listens any more once the run is over, and that is no trouble.
    pub(crate) fn tell(&self, step: Step) {
        let _ = self.steps.send(step);
    }
}

/// The script that is being played: both fakes look here whenever a function connects.
#[derive(Clone, Default)]
pub(crate) struct Stage(Arc<Mutex<Option<Arc<Script>>>>);

impl Stage {
    pub(crate) fn play(&self, script: Script) {
        *lock(&self.0) = Some(Arc::new(script));
    }

    pub(crate) fn script(&self) -> Option<Arc<Script>> {
        lock(&self.0).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_run_to_the_first_call_answers_one_poll_and_one_call_and_holds_the_rest() {
        let (steps, told) = mpsc::channel();
        let script = Script::new(Point::FirstCall, String::new(), None, steps);
        assert!(script.is_answered(Asked::Poll));
        assert!(script.is_answered(Asked::Call("Query".into())));
        script.call_answered();
        assert!(!script.is_answered(Asked::Call("PutItem".into())));
        assert!(!script.is_answered(Asked::Outcome("{}".into())));
        assert!(!script.is_answered(Asked::Poll));
        assert!(script.is_over());
        assert_eq!(told.try_iter().nth(2), Some(Step::Reached));
    }

    #[test]
    fn a_run_to_the_first_poll_holds_it() {
        let (steps, told) = mpsc::channel();
        assert!(!Script::new(Point::FirstPoll, String::new(), None, steps).is_answered(Asked::Poll));
        assert_eq!(told.try_iter().last(), Some(Step::Reached));
    }
}
