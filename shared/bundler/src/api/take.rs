//! Taking events in, whichever way they came: those of one chat in their order, chats at the same time, a line for each.
//! One that cannot be read or that panics harms no other.

use super::{
    body::Shape,
    ingest::IngestApi,
    results::{End, Status, Taken},
};
use crate::{
    event::Incoming,
    id::{KeyPart, WorkspaceId},
    ingest::{IngestFiles, Outcome, Timing},
    limits,
    log::{Level, Line, Log},
    native::{self, FieldError},
    ports::{Enqueue, GatherTable, PortError, ReadRootSecret},
    timestamp::Timestamp,
};
use futures_util::{FutureExt, StreamExt, stream};
use std::{collections::BTreeMap, panic::AssertUnwindSafe};

/// Whose events are taken.
#[derive(Clone, Copy)]
pub(super) enum Whose<'a> {
    /// This workspace's alone: its path was called, with a key that opens it.
    Of(&'a WorkspaceId),
    /// Each is its own workspace's: IAM has decided who may bring them.
    Anyones,
}

impl<T: GatherTable, Q: Enqueue, F: IngestFiles, S: ReadRootSecret, L: Log> IngestApi<'_, T, Q, F, S, L> {
    /// Takes all events in, each of them brought to its end, and says what happened to each in the order they came in.
    pub(super) async fn take(&self, now: Timestamp, whose: Whose<'_>, shape: Shape, events: Vec<&str>) -> Vec<Taken> {
        let (mut taken, mut read_ones) = (Vec::with_capacity(events.len()), Vec::with_capacity(events.len()));
        for (index, text) in events.into_iter().enumerate() {
            match read(text, whose, &shape.pointer(index)) {
                Ok(incoming) => read_ones.push((index, incoming)),
                Err(errors) => {
                    self.log.log(rejected(whose, &errors));
                    taken.push((index, Taken { message_id: None, end: End::Invalid(errors) }));
                }
            }
        }
        taken.extend(self.take_read(now, read_ones).await);
        taken.sort_unstable_by_key(|(index, _)| *index);
        taken.into_iter().map(|(_, taken)| taken).collect()
    }

    /// Takes events in that have been read, each beside its place in what was sent, and says what happened to each.
    pub(super) async fn take_read(&self, now: Timestamp, events: Vec<(usize, Incoming)>) -> Vec<(usize, Taken)> {
        let mut taken = Vec::with_capacity(events.len());
        let mut chats: BTreeMap<(WorkspaceId, String), Vec<(usize, Incoming)>> = BTreeMap::new();
        for (index, incoming) in events {
            let event = &incoming.event;
            let chat = (event.workspace.clone(), event.chat.id.as_str().to_owned());
            chats.entry(chat).or_default().push((index, incoming));
        }
        let chats = chats.into_values().map(|events| async move {
            let mut taken = Vec::with_capacity(events.len());
            for (index, incoming) in events {
                taken.push((index, self.take_one(now, incoming).await));
            }
            taken
        });
        let mut running = stream::iter(chats).buffer_unordered(limits::INGEST_CONCURRENCY);
        while let Some(chat) = running.next().await {
            taken.extend(chat);
        }
        taken
    }

    async fn take_one(&self, now: Timestamp, incoming: Incoming) -> Taken {
        let event = &incoming.event;
        let (workspace, chat) = (event.workspace.clone(), KeyPart::of(event.chat.id.as_str()));
        let message_id = event.message.id.as_str().to_owned();
        let outcome = AssertUnwindSafe(self.ingest.ingest(now, incoming)).catch_unwind().await.unwrap_or_else(|_| {
            Outcome::Failed(PortError { doing: "taking a message in", code: "Panicked".to_owned() })
        });
        let (level, message) = match &outcome {
            // A line for each would cost a fifth of what storing the message does: the sender tells of what goes out.
            Outcome::Accepted(Timing::OnTime) => (Level::Debug, "message accepted"),
            Outcome::Accepted(Timing::Late) => (Level::Info, "message accepted late"),
            Outcome::Accepted(Timing::AtOnce) => (Level::Debug, "message accepted and enqueued"),
            Outcome::Duplicate => (Level::Info, "message was here before"),
            Outcome::DuplicateDiffers => (Level::Warn, "message was here before, and said something else"),
            Outcome::SwitchedOff => (Level::Info, "message not stored: the webhook is switched off"),
            Outcome::NotWanted => (Level::Debug, "message not stored: no webhook wants it"),
            Outcome::Refused(_) => (Level::Warn, "message rejected"),
            Outcome::Failed(_) => (Level::Error, "message not stored"),
        };
        let mut line = Line::new(level, message)
            .text("workspace.id", workspace.as_str())
            .text("chat.id", chat.as_str())
            .text("message_id", KeyPart::of(&message_id).in_line())
            .text("outcome", Status::of(&outcome).name());
        if let Outcome::Failed(error) = &outcome {
            line = line.text("error", error.to_string());
        }
        self.log.log(line);
        Taken { message_id: Some(message_id), end: End::Outcome(outcome) }
    }
}

fn rejected(whose: Whose<'_>, errors: &[FieldError]) -> Line {
    let line = Line::new(Level::Warn, "event rejected")
        .number("errors", errors.len() as u64)
        .text("outcome", Status::Rejected.name());
    match whose {
        Whose::Of(workspace) => line.text("workspace.id", workspace.as_str()),
        // What does not read names no workspace that could be believed.
        Whose::Anyones => line,
    }
}

/// An event's text, which may be anything, that stands at `pointer` in what was sent.
fn read(text: &str, whose: Whose<'_>, pointer: &str) -> Result<Incoming, Vec<FieldError>> {
    let wrong = |place: &str, detail: &str| {
        vec![FieldError { pointer: format!("{pointer}{place}"), detail: detail.to_owned() }]
    };
    if text.len() > limits::EVENT_BYTES {
        return Err(wrong("", &format!("must have at most {} bytes", limits::EVENT_BYTES)));
    }
    // A call's body has been found to be JSON; what is left there is a number or a nesting beyond what is read.
    let value = serde_json::from_str(text).map_err(|_| wrong("", "is not JSON that can be read"))?;
    let incoming = native::incoming(&value, pointer)?;
    match whose {
        Whose::Of(workspace) if &incoming.event.workspace != workspace => {
            Err(wrong("/workspace_id", "must be the workspace of the path"))
        }
        Whose::Of(_) | Whose::Anyones => Ok(incoming),
    }
}
