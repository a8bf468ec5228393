//! Requests as their pages show them.

use super::sentence;
use crate::{Ports, door::Visit, reply::Refused};
use bundler::{
    attempt::{Attempt, Body},
    id::KeyPart,
    limits,
    recent::{self, Named},
    timestamp::Timestamp,
};
use page::{Answer, Row, Tried};
use serde::Deserialize;
use std::borrow::Cow;

/// What a page needs of a document.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    chat: Chat<'a>,
}

#[derive(Deserialize)]
struct Chat<'a> {
    #[serde(borrow)]
    full_name: Cow<'a, str>,
}

pub(super) fn row(attempt: &Attempt) -> Row {
    Row {
        id: id(attempt),
        webhook_id: attempt.webhook_id(),
        started: attempt.started,
        duration_ms: attempt.duration_ms,
        chat: chat(attempt),
        attempt: attempt.document.attempt,
        part: attempt.document.part + 1,
        parts: attempt.document.parts,
        status: attempt.result.as_ref().ok().map(|response| response.status),
        error: error(attempt),
        missing_files: attempt.missing_files.clone(),
    }
}

pub(super) fn tried(attempt: Attempt) -> Tried {
    let row = row(&attempt);
    let answer = attempt.result.ok().map(|response| Answer {
        headers: response.headers,
        body: response.body,
        is_cut: response.body_is_cut,
    });
    Tried { row, url: attempt.url, headers: attempt.request_headers, body: attempt.request_body, answer }
}

/// Where a request is found again. Needs no escaping in a path.
fn id(attempt: &Attempt) -> String {
    let (due, started) = (attempt.key.due().key(), attempt.started.key());
    format!("{due}~{started}~{}~{}", attempt.webhook_id(), attempt.document.attempt)
}

/// What such an id names.
pub(super) fn named(id: &str) -> Option<Named<'_>> {
    let mut parts = id.split('~');
    let due = Timestamp::parse_key(parts.next()?)?;
    let started = Timestamp::parse_key(parts.next()?)?;
    // Longer ones fit no key.
    let webhook_id = parts.next().filter(|id| id.len() <= limits::ID_CHARS)?;
    let attempt = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some(Named { due, started, webhook_id, attempt })
}

/// The chat's name as it was sent; of a body that is not kept, its id.
fn chat(attempt: &Attempt) -> String {
    if attempt.key.lane.is_test() {
        return "Test".to_owned();
    }
    let document = match &attempt.request_body {
        Body::Text(text) => serde_json::from_str::<Document<'_>>(text).ok(),
        Body::Base64(_) | Body::Gathered { .. } | Body::LeftOut { .. } => None,
    };
    let name = document.map(|document| document.chat.full_name.into_owned()).filter(|name| !name.trim().is_empty());
    name.unwrap_or_else(|| chat_id(&attempt.key.lane.chat))
}

/// As upstream names it, if its key still says so.
pub(super) fn chat_id(key: &KeyPart) -> String {
    key.to_id().unwrap_or_else(|| "a chat".to_owned())
}

/// What went wrong, in plain words.
fn error(attempt: &Attempt) -> Option<String> {
    attempt.error?;
    Some(match &attempt.result {
        Err(failure) => sentence(&failure.detail),
        Ok(response) => {
            let reason = axum::http::StatusCode::from_u16(response.status).ok().and_then(|it| it.canonical_reason());
            let status = [Some(response.status.to_string().as_str()), reason]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ");
            match response.status {
                200..=299 => format!("It answered with status {status}, and 200 alone is a success here."),
                300..=399 => format!("It answered with a redirect ({status}), and none is followed."),
                _ => format!("It answered with status {status}."),
            }
        }
    })
}

/// The same attempts, each with its body.
pub(super) async fn whole<P: Ports>(visit: &Visit<P>, attempt: Attempt) -> Result<Attempt, Refused> {
    Ok(recent::whole(visit.ports().table(), attempt, &visit.caller.portal.platform).await?)
}
