//! What a caller is told of the events it sent: of each by itself, and of the call as a whole.

use super::{Reply, body::Shape};
use crate::{
    ingest::{Outcome, Refusal},
    native::FieldError,
    problem::Problem,
};
use serde::Serialize;

/// One event's end, before it is told.
pub(super) struct Taken {
    /// Nothing where the event does not read.
    pub(super) message_id: Option<String>,
    pub(super) end: End,
}

pub(super) enum End {
    Invalid(Vec<FieldError>),
    Outcome(Outcome),
}

impl Taken {
    pub(super) fn status(&self) -> Status {
        match &self.end {
            End::Invalid(_) => Status::Rejected,
            End::Outcome(outcome) => Status::of(outcome),
        }
    }
}

/// What happened to an event, in the caller's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Accepted,
    Duplicate,
    Ignored,
    Rejected,
    Failed,
}

impl Status {
    pub(super) fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Accepted(_) => Self::Accepted,
            Outcome::Duplicate | Outcome::DuplicateDiffers => Self::Duplicate,
            Outcome::SwitchedOff | Outcome::NotWanted => Self::Ignored,
            Outcome::Refused(_) => Self::Rejected,
            Outcome::Failed(_) => Self::Failed,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Ignored => "ignored",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }
}

#[derive(Serialize)]
struct EventResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

#[derive(Serialize)]
struct Results {
    #[serde(flatten)]
    problem: Option<Problem>,
    results: Vec<EventResult>,
}

/// One event: its own status, or its problem. An array: 202 and what happened to each; 503 if something is to be sent
/// again; 422 if nothing of it will ever be taken.
pub(super) fn reply(shape: Shape, taken: Vec<Taken>) -> Result<Reply, Problem> {
    let mut results: Vec<EventResult> =
        taken.into_iter().enumerate().map(|(index, taken)| result(&shape.pointer(index), taken)).collect();
    if shape == Shape::One
        && let Some(problem) = results.iter_mut().find_map(|result| result.problem.take())
    {
        return Err(problem);
    }
    let whole = if results.iter().any(|result| result.status == Status::Failed) {
        Problem::new(503, "not every event could be stored: send them again, the stored ones will be recognised")
    } else if results.iter().all(|result| result.status == Status::Rejected) {
        Problem::new(422, "every event was rejected")
    } else {
        return Ok(Reply::json(202, &Results { problem: None, results }));
    };
    let status = whole.status;
    let reply = Reply::extended_problem(status, &Results { problem: Some(whole), results });
    Ok(if status == 503 { reply.with("retry-after", "1") } else { reply })
}

fn result(pointer: &str, taken: Taken) -> EventResult {
    let status = taken.status();
    let problem = match taken.end {
        End::Invalid(errors) => Some(Problem::fields(errors)),
        End::Outcome(outcome) => problem(pointer, outcome),
    };
    EventResult { message_id: taken.message_id, status, problem }
}

fn problem(pointer: &str, outcome: Outcome) -> Option<Problem> {
    match outcome {
        Outcome::Refused(Refusal::UnknownWorkspace) => Some(unknown_workspace()),
        Outcome::Refused(Refusal::Field(error)) => {
            Some(Problem::fields(vec![FieldError { pointer: format!("{pointer}{}", error.pointer), ..error }]))
        }
        Outcome::Failed(error) => Some(Problem::new(503, error.to_string())),
        Outcome::Accepted(_)
        | Outcome::Duplicate
        | Outcome::DuplicateDiffers
        | Outcome::SwitchedOff
        | Outcome::NotWanted => None,
    }
}

pub(super) fn unknown_workspace() -> Problem {
    Problem::new(404, "unknown workspace: it has no webhook")
}
