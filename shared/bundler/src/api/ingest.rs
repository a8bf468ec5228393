//! `POST /v1/workspaces/{workspace}/messages`: one native event, or an array of up to 100.
//!
//! Who calls is checked first. Then each event is taken or refused by itself; the reply says what happened to each, in
//! the order in which they were sent. An answer of 5xx means that something is to be sent again, and that sending all of
//! it again does no harm.

use super::{
    Call, Reply,
    body::{self, Shape},
};
use crate::{
    event::Event,
    id::{KeyPart, WebhookId, WorkspaceId},
    ingest::{Ingest, Outcome, Refusal, Timing},
    limits,
    log::{Level, Line, Log},
    native::{self, FieldError},
    ports::{Enqueue, GatherTable, ReadRootSecret},
    problem::Problem,
    signature::RootSecret,
    timestamp::Timestamp,
};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::value::RawValue;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// What answering needs: the use case, the secret, and where lines go.
pub struct IngestApi<'a, T, Q, S, L> {
    pub ingest: Ingest<'a, T, Q>,
    pub secret: &'a S,
    pub keys: &'a RootSecretCache,
    pub log: &'a L,
}

/// The root secret as a warm function knows it.
#[derive(Default)]
pub struct RootSecretCache(Mutex<Option<(Timestamp, RootSecret)>>);

/// What happened to one event, as the caller is told.
#[derive(Serialize)]
struct EventResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

#[derive(Serialize)]
struct Results {
    #[serde(flatten)]
    problem: Option<Problem>,
    results: Vec<EventResult>,
}

impl<T: GatherTable, Q: Enqueue, S: ReadRootSecret, L: Log> IngestApi<'_, T, Q, S, L> {
    pub async fn answer(&self, call: Call<'_>) -> Reply {
        self.try_answer(call).await.unwrap_or_else(|refused| {
            let line = Line::new(if refused.status < 500 { Level::Warn } else { Level::Error }, "call refused")
                .number("http.status", refused.status)
                .number("request.bytes", call.body.len() as u64);
            self.log.log(line);
            let reply = Reply::problem(&refused);
            match refused.status {
                401 => reply.with("www-authenticate", "Bearer"),
                405 => reply.with("allow", "POST"),
                503 => reply.with("retry-after", "1"),
                _ => reply,
            }
        })
    }

    async fn try_answer(&self, call: Call<'_>) -> Result<Reply, Problem> {
        let workspace = route(call)?;
        self.authenticate(call).await?;
        let workspace = WorkspaceId::parse(workspace)
            .map_err(|detail| Problem::new(404, format!("unknown workspace: its id {detail}")))?;
        let (shape, events) = body::events(call.body)?;
        match self.ingest.cache.read(self.ingest.table, call.now, &workspace, &WebhookId::first()).await {
            Ok(Some(_)) => {}
            Ok(None) => return Err(unknown_workspace()),
            Err(error) => return Err(Problem::new(503, format!("nothing was stored: {error}"))),
        }
        let taken = self.take(&workspace, call.now, shape, events).await;
        reply(shape, taken)
    }

    async fn authenticate(&self, call: Call<'_>) -> Result<(), Problem> {
        let key = call
            .authorization
            .and_then(bearer)
            .ok_or_else(|| Problem::new(401, "the Authorization header must be \"Bearer\" and the ingest key"))?;
        let secret = self.keys.read(self.secret, call.now).await;
        let secret = secret.map_err(|error| Problem::new(503, format!("nothing was stored: {error}")))?;
        if secret.is_ingest_key(key) { Ok(()) } else { Err(Problem::new(401, "the ingest key is not the right one")) }
    }

    /// Takes all events in: those of one chat in their order, chats at the same time. Every one is brought to its end.
    async fn take(&self, workspace: &WorkspaceId, now: Timestamp, shape: Shape, events: Vec<&RawValue>) -> Vec<Taken> {
        let mut taken: Vec<(usize, Taken)> = Vec::with_capacity(events.len());
        let mut chats: BTreeMap<String, Vec<(usize, Event)>> = BTreeMap::new();
        for (index, event) in events.into_iter().enumerate() {
            match read(event, workspace, &shape.pointer(index)) {
                Ok(event) => chats.entry(event.chat.id.as_str().to_owned()).or_default().push((index, event)),
                Err(errors) => {
                    self.log.log(line(Level::Warn, "event rejected", workspace).number("errors", errors.len() as u64));
                    taken.push((index, Taken { message_id: None, end: End::Invalid(errors) }));
                }
            }
        }
        let chats = chats.into_values().map(|events| async move {
            let mut taken = Vec::with_capacity(events.len());
            for (index, event) in events {
                taken.push((index, self.take_one(now, event).await));
            }
            taken
        });
        let mut running = stream::iter(chats).buffer_unordered(limits::INGEST_CONCURRENCY);
        while let Some(chat) = running.next().await {
            taken.extend(chat);
        }
        taken.sort_by_key(|(index, _)| *index);
        taken.into_iter().map(|(_, taken)| taken).collect()
    }

    async fn take_one(&self, now: Timestamp, event: Event) -> Taken {
        let (workspace, chat) = (event.workspace.clone(), KeyPart::of(event.chat.id.as_str()));
        let message_id = event.message.id.as_str().to_owned();
        let outcome = self.ingest.ingest(now, event).await;
        let (level, message) = match &outcome {
            Outcome::Accepted(Timing::OnTime) => (Level::Info, "message accepted"),
            Outcome::Accepted(Timing::Late) => (Level::Info, "message accepted late"),
            Outcome::Accepted(Timing::AtOnce) => (Level::Info, "message accepted and enqueued"),
            Outcome::Duplicate => (Level::Info, "message was here before"),
            Outcome::SwitchedOff => (Level::Info, "message not stored: the webhook is switched off"),
            Outcome::Refused(_) => (Level::Warn, "message rejected"),
            Outcome::Failed(_) => (Level::Error, "message not stored"),
        };
        let mut line = line(level, message, &workspace)
            .text("chat.id", chat.as_str())
            .text("message_id", KeyPart::of(&message_id).as_str())
            .text("outcome", status(&outcome));
        if let Outcome::Failed(error) = &outcome {
            line = line.text("error", error.to_string());
        }
        self.log.log(line);
        Taken { message_id: Some(message_id), end: End::Outcome(outcome) }
    }
}

impl RootSecretCache {
    /// The secret, read if it is not known or too old.
    pub async fn read<S: ReadRootSecret>(&self, port: &S, now: Timestamp) -> crate::ports::Answer<RootSecret> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read_at, secret)) = known
            && now.since(read_at) < limits::ROOT_SECRET_AGE
        {
            return Ok(secret);
        }
        let secret = port.read_root_secret().await?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, secret.clone()));
        Ok(secret)
    }
}

/// One event's end, before it is told.
struct Taken {
    message_id: Option<String>,
    end: End,
}

enum End {
    Invalid(Vec<FieldError>),
    Outcome(Outcome),
}

fn line(level: Level, message: &'static str, workspace: &WorkspaceId) -> Line {
    Line::new(level, message).text("workspace.id", workspace.as_str())
}

/// The workspace that the path names, not checked yet.
fn route(call: Call<'_>) -> Result<&str, Problem> {
    let parts: Vec<&str> = call.path.split('/').collect();
    match parts[..] {
        ["", "v1", "workspaces", workspace, "messages"] if call.method == "POST" => Ok(workspace),
        ["", "v1", "workspaces", _, "messages"] => Err(Problem::new(405, "messages are sent with POST")),
        _ => Err(Problem::new(404, "messages are sent to /v1/workspaces/{workspace}/messages")),
    }
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, key) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim()).filter(|key| !key.is_empty())
}

fn read(event: &RawValue, workspace: &WorkspaceId, pointer: &str) -> Result<Event, Vec<FieldError>> {
    let wrong = |place: &str, detail: &str| {
        vec![FieldError { pointer: format!("{pointer}{place}"), detail: detail.to_owned() }]
    };
    if event.get().len() > limits::EVENT_BYTES {
        return Err(wrong("", &format!("must have at most {} bytes", limits::EVENT_BYTES)));
    }
    // The body has been found to be JSON; what is left is a number or a nesting beyond what is read.
    let value = serde_json::from_str(event.get()).map_err(|_| wrong("", "is not JSON that can be read"))?;
    let event = native::parse(&value, pointer)?;
    if &event.workspace == workspace {
        Ok(event)
    } else {
        Err(wrong("/workspace_id", "must be the workspace of the path"))
    }
}

fn unknown_workspace() -> Problem {
    Problem::new(404, "unknown workspace: it has no webhook")
}

fn status(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted(_) => "accepted",
        Outcome::Duplicate => "duplicate",
        Outcome::SwitchedOff => "ignored",
        Outcome::Refused(_) => "rejected",
        Outcome::Failed(_) => "failed",
    }
}

/// One event: its own status, or its problem. An array: 202 and what happened to each; 503 if something is to be sent
/// again; 422 if nothing of it will ever be taken.
fn reply(shape: Shape, taken: Vec<Taken>) -> Result<Reply, Problem> {
    let mut results: Vec<EventResult> = Vec::with_capacity(taken.len());
    for (index, taken) in taken.into_iter().enumerate() {
        let (status, problem) = match taken.end {
            End::Invalid(errors) => ("rejected", Some(Problem::fields(errors))),
            End::Outcome(outcome) => {
                let status = status(&outcome);
                let problem = match outcome {
                    Outcome::Refused(Refusal::UnknownWorkspace) => Some(unknown_workspace()),
                    Outcome::Refused(Refusal::Field(mut error)) => {
                        error.pointer = format!("{}{}", shape.pointer(index), error.pointer);
                        Some(Problem::fields(vec![error]))
                    }
                    Outcome::Failed(error) => Some(Problem::new(503, error.to_string())),
                    Outcome::Accepted(_) | Outcome::Duplicate | Outcome::SwitchedOff => None,
                };
                (status, problem)
            }
        };
        results.push(EventResult { message_id: taken.message_id, status, problem });
    }
    if shape == Shape::One
        && let Some(problem) = results.iter_mut().find_map(|result| result.problem.take())
    {
        return Err(problem);
    }
    let whole = if results.iter().any(|result| result.status == "failed") {
        Some(Problem::new(503, "not every event could be stored: send them again, the stored ones will be recognised"))
    } else if results.iter().all(|result| result.status == "rejected") {
        Some(Problem::new(422, "every event was rejected"))
    } else {
        None
    };
    let Some(status) = whole.as_ref().map(|problem| problem.status) else {
        return Ok(Reply::json(202, &Results { problem: None, results }));
    };
    let reply = Reply::extended_problem(status, &Results { problem: whole, results });
    Ok(if status == 503 { reply.with("retry-after", "1") } else { reply })
}
