//! `POST /v1/workspaces/{workspace}/messages`: one native event, or an array of up to 100.
//!
//! Who calls is checked first. Then each event is taken or refused by itself; the reply says what happened to each, in
//! the order in which they were sent. An answer of 5xx means that something is to be sent again, and that sending all of
//! it again does no harm.

use super::{
    Call, Reply,
    body::{self, Shape},
    results::{self, End, Status, Taken, unknown_workspace},
};
use crate::{
    cache::RootSecretCache,
    event::Event,
    id::{KeyPart, WebhookId, WorkspaceId},
    ingest::{Ingest, Outcome, Timing},
    limits,
    log::{Level, Line, Log},
    native::{self, FieldError},
    ports::{Enqueue, GatherTable, ReadRootSecret},
    problem::Problem,
    timestamp::Timestamp,
};
use futures_util::{StreamExt, stream};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What answering needs: the use case, the secret, and where lines go.
pub struct IngestApi<'a, T, Q, S, L> {
    pub ingest: Ingest<'a, T, Q>,
    pub secret: &'a S,
    pub keys: &'a RootSecretCache,
    pub log: &'a L,
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
        results::reply(shape, taken)
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
            .text("outcome", Status::of(&outcome).name());
        if let Outcome::Failed(error) = &outcome {
            line = line.text("error", error.to_string());
        }
        self.log.log(line);
        Taken { message_id: Some(message_id), end: End::Outcome(outcome) }
    }
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
