//! What a chat has gathered: shown before it goes out, and sent before its window ends; and the whole chat, erased.

use crate::{
    Ports,
    door::{Visit, no_webhook},
    reply::{Outcome, Refused, refuse},
    view::{ErasedView, Flushed, PreviewView},
};
use bundler::{
    api::Reply,
    cut::{self, FlushNow, Preview},
    delivery::Lane,
    document,
    erase::{Erase, Erased, Place},
    id::{ChatId, KeyPart},
    limits,
};
use serde_json::value::RawValue;

/// `GET …/chats/{chat}/preview`: the very documents that would be sent now.
pub(crate) async fn preview<P: Ports>(visit: Visit<P>) -> Outcome {
    let (lane, portal) = (lane(&visit)?, &visit.caller.portal);
    let (table, clock) = (portal.ports.table(), portal.ports.clock());
    let (window, bundle, unreadable) = match cut::preview(table, clock, portal.unit, &lane).await? {
        Preview::Gathered { window, bundle, unreadable } => (window, bundle, unreadable),
        Preview::NothingGathered => return Err(nothing_gathered()),
        Preview::NotAggregating => return Err(not_aggregating()),
        Preview::NoWebhook => return Err(no_webhook()),
    };
    let (parts, messages) = (bundle.documents.len(), bundle.events.len());
    let mut room = limits::PORTAL_ANSWER_BYTES;
    let texts = (0..parts).map_while(|part| document::part_of(&bundle, part, &portal.platform));
    let documents = texts.map_while(|(body, _)| {
        // The first is shown however long it is.
        let fits = room == limits::PORTAL_ANSWER_BYTES || body.len() <= room;
        room = room.saturating_sub(body.len());
        let text = String::from_utf8(body).ok().filter(|_| fits)?;
        RawValue::from_string(text).ok()
    });
    let documents = documents.collect();
    let window_end = window.end.rfc3339();
    Ok(Reply::json(200, &PreviewView { window_end, messages, parts, documents, unreadable }))
}

/// `POST …/chats/{chat}/flush`.
pub(crate) async fn flush<P: Ports>(visit: Visit<P>) -> Outcome {
    let (lane, portal) = (lane(&visit)?, &visit.caller.portal);
    let flushed = cut::flush_now(portal.ports.table(), portal.ports.clock(), portal.unit, &lane).await?;
    let shown = |outcome, arrived_until, window_end| Reply::json(202, &Flushed { outcome, arrived_until, window_end });
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
    let (chat, portal) = (chat(&visit)?, &visit.caller.portal);
    let from = visit
        .caller
        .parameter("after")
        .map(|after| Place::parse(after).ok_or_else(|| refuse(400, "after must be what an answer has said")));
    let from = from.transpose()?;
    let (table, clock, workspace) = (portal.ports.table(), portal.ports.clock(), visit.workspace.clone());
    let deadline = visit.caller.now.plus(limits::PORTAL_REPLAY);
    let erase = Erase { table, clock, unit: portal.unit, workspace, chat };
    let Erased { items, after } = erase.erase(from, deadline).await?;
    Ok(Reply::json(200, &ErasedView { erased: items, after: after.map(|place| place.to_text()) }))
}

fn lane<P: Ports>(visit: &Visit<P>) -> Result<Lane, Refused> {
    let chat = chat(visit)?;
    Ok(Lane { workspace: visit.workspace.clone(), webhook: visit.webhook()?, chat })
}

/// The chat of the path, which is any that upstream may name.
fn chat<P: Ports>(visit: &Visit<P>) -> Result<KeyPart, Refused> {
    let chat = ChatId::parse(visit.caller.place("chat"));
    let chat = chat.map_err(|detail| refuse(404, format!("there is no such chat: its id {detail}")))?;
    Ok(KeyPart::of(chat.as_str()))
}

fn nothing_gathered() -> Refused {
    refuse(404, "nothing has been gathered for this chat that has not gone out")
}

fn not_aggregating() -> Refused {
    refuse(409, "the webhook gathers nothing: each message is sent at once")
}
