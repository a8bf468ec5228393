//! What a chat has gathered: shown before it goes out, and sent before its window ends; and the whole chat, erased.

use crate::{
    Ports,
    door::{Visit, no_webhook},
    reply::{Outcome, Refused, refuse},
    view::{ErasedView, Flushed, PreviewView},
};
use bundler::{
    api::Reply,
    bundle::Bundle,
    cut::{self, FlushNow, Preview},
    delivery::Lane,
    document,
    erase::{Erase, Erased, Place},
    event::{Chat, ChatKind, Event},
    file::{KnownFiles, Links},
    id::{ChatId, KeyPart},
    limits,
    window::Window,
};
use serde_json::value::RawValue;

/// What a chat has gathered.
pub(crate) struct Found {
    pub(crate) window: Window,
    pub(crate) bundle: Bundle,
    /// To the files of its messages, from now on.
    links: Links,
    pub(crate) unreadable: u64,
}

impl Found {
    fn chat(&self) -> Option<&Chat> {
        self.bundle.events.last().map(|event| &event.chat)
    }

    /// Of the chat, as the latest message has it.
    pub(crate) fn name(&self) -> String {
        self.chat().map_or_else(String::new, |chat| chat.full_name.clone())
    }

    pub(crate) fn is_group(&self) -> bool {
        self.chat().is_some_and(|chat| chat.kind == ChatKind::Group)
    }

    /// The first of its documents, as many as fit an answer; of them the first, however long it is.
    pub(crate) fn documents(&self, platform: &str) -> Vec<String> {
        let mut room = limits::PORTAL_ANSWER_BYTES;
        let files = |event: &Event| self.links.of(event);
        let parts = 0..self.bundle.documents.len();
        let texts = parts.map_while(|part| document::part_of(&self.bundle, part, platform, &files));
        let documents = texts.map_while(|body| {
            let fits = room == limits::PORTAL_ANSWER_BYTES || body.len() <= room;
            room = room.saturating_sub(body.len());
            String::from_utf8(body).ok().filter(|_| fits)
        });
        documents.collect()
    }
}

/// `GET …/chats/{chat}/preview`: the very documents that would be sent now.
pub(crate) async fn preview<P: Ports>(visit: Visit<P>) -> Outcome {
    let found = look(&visit, &lane(&visit)?).await?;
    let documents = found.documents(&visit.caller.portal.platform);
    let view = PreviewView {
        window_end: found.window.end.rfc3339(),
        messages: found.bundle.events.len(),
        parts: found.bundle.documents.len(),
        documents: documents.into_iter().filter_map(|document| RawValue::from_string(document).ok()).collect(),
        unreadable: found.unreadable,
    };
    Ok(Reply::json(200, &view))
}

/// Looks at what a chat has gathered.
pub(crate) async fn look<P: Ports>(visit: &Visit<P>, lane: &Lane) -> Result<Found, Refused> {
    let portal = &visit.caller.portal;
    match cut::preview(portal.ports.table(), portal.ports.clock(), portal.unit, lane).await? {
        Preview::Gathered { window, bundle, unreadable } => {
            let files = KnownFiles::of_messages(portal.ports.table(), lane, &bundle.events).await?;
            let links = files.mint(portal.ports.copies(), &bundle.events).await?;
            Ok(Found { window, bundle, links, unreadable })
        }
        Preview::NothingGathered => Err(nothing_gathered()),
        Preview::NotAggregating => Err(not_aggregating()),
        Preview::NoWebhook => Err(no_webhook()),
    }
}

/// `POST …/chats/{chat}/flush`.
pub(crate) async fn flush<P: Ports>(visit: Visit<P>) -> Outcome {
    Ok(Reply::json(202, &cut(&visit, &lane(&visit)?).await?))
}

/// Has what a chat has gathered go out.
pub(crate) async fn cut<P: Ports>(visit: &Visit<P>, lane: &Lane) -> Result<Flushed, Refused> {
    let portal = &visit.caller.portal;
    let flushed = cut::flush_now(portal.ports.table(), portal.ports.clock(), portal.unit, lane).await?;
    let shown = |outcome, arrived_until, window_end| Flushed { outcome, arrived_until, window_end };
    match flushed {
        FlushNow::Cut(cut) => Ok(shown("cut", Some(cut.rfc3339()), None)),
        FlushNow::EndsSoon(end) => Ok(shown("window_ends_soon", None, Some(end.rfc3339()))),
        FlushNow::NothingGathered => Err(nothing_gathered()),
        FlushNow::NotAggregating => Err(not_aggregating()),
        FlushNow::CutTooOften => Err(refuse(409, "this chat has been flushed too often in this window")),
        FlushNow::NoWebhook => Err(no_webhook()),
    }
}

/// `DELETE …/chats/{chat}`: for every webhook of the workspace.
pub(crate) async fn erase<P: Ports>(visit: Visit<P>) -> Outcome {
    let (chat, portal) = (part(visit.caller.place("chat"))?, &visit.caller.portal);
    let from = visit
        .caller
        .parameter("after")
        .map(|after| Place::parse(after).ok_or_else(|| refuse(400, "after must be what an answer has said")));
    let from = from.transpose()?;
    let (table, clock, workspace) = (portal.ports.table(), portal.ports.clock(), visit.workspace.clone());
    let deadline = visit.caller.now.plus(limits::PORTAL_REPLAY);
    let erase = Erase { table, copies: portal.ports.copies(), clock, unit: portal.unit, workspace, chat };
    let Erased { items, after } = erase.erase(from, deadline).await?;
    Ok(Reply::json(200, &ErasedView { erased: items, after: after.map(|place| place.to_text()) }))
}

fn lane<P: Ports>(visit: &Visit<P>) -> Result<Lane, Refused> {
    lane_of(visit, visit.caller.place("chat"))
}

pub(crate) fn lane_of<P: Ports>(visit: &Visit<P>, chat: &str) -> Result<Lane, Refused> {
    Ok(Lane { workspace: visit.workspace.clone(), webhook: visit.webhook()?, chat: part(chat)? })
}

/// A chat is any that upstream may name.
fn part(chat: &str) -> Result<KeyPart, Refused> {
    let chat = ChatId::parse(chat);
    let chat = chat.map_err(|detail| refuse(404, format!("there is no such chat: its id {detail}")))?;
    Ok(KeyPart::of(chat.as_str()))
}

fn nothing_gathered() -> Refused {
    refuse(404, "nothing has been gathered for this chat that has not gone out")
}

fn not_aggregating() -> Refused {
    refuse(409, "the webhook gathers nothing: each message is sent at once")
}
