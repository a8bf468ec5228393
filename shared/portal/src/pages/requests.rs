//! A webhook's last requests, one of them opened, and what a chat's next documents would be.

use super::{
    html, rows,
    seen::{self, Seen},
    webhook::Told,
};
use crate::{
    Ports, chats,
    door::Visit,
    reply::{Outcome, Refused, refuse},
};
use bundler::{limits, mail::Count, recent};
use page::{Bucket, PreviewPage, RequestPage, RequestsPage};

/// `GET …/requests`.
pub(super) async fn all<P: Ports>(visit: Visit<P>) -> Outcome {
    list(&visit, Told::NOTHING).await
}

/// The list, with what is to be told.
pub(super) async fn list<P: Ports>(visit: &Visit<P>, told: Told) -> Outcome {
    let seen = seen::webhook(visit).await?;
    let (table, platform) = (visit.ports().table(), &visit.caller.portal.platform);
    let recent = recent::attempts(table, &visit.workspace, &seen.id, limits::LOG_ATTEMPTS, platform).await?;
    let rows = recent.attempts.iter().map(rows::row).collect();
    Ok(html(told.status, &RequestsPage { frame: seen.frame(visit), said: told.said, rows }))
}

/// `GET …/requests/{request}`.
pub(super) async fn one<P: Ports>(visit: Visit<P>) -> Outcome {
    let seen = seen::webhook(&visit).await?;
    let (table, platform) = (visit.ports().table(), &visit.caller.portal.platform);
    let named = rows::named(visit.caller.place("request")).ok_or_else(no_request)?;
    let found = recent::find(table, &visit.workspace, &seen.id, &named, platform).await?;
    let attempt = found.ok_or_else(no_request)?;
    let is_test = attempt.key.lane.is_test();
    let page = RequestPage { frame: seen.frame(&visit), said: None, tried: rows::tried(attempt), is_test };
    Ok(html(200, &page))
}

fn no_request() -> Refused {
    refuse(404, "there is no such request")
}

/// `GET …/preview?chat=…`.
pub(super) async fn preview<P: Ports>(visit: Visit<P>) -> Outcome {
    let seen = seen::webhook(&visit).await?;
    let chat = super::field(visit.caller.query.as_bytes(), "chat").unwrap_or_default().into_owned();
    let lane = chats::lane_of(&visit, &chat)?;
    match chats::look(&visit, &lane).await {
        Ok(found) => {
            let bucket = Bucket {
                chat,
                name: found.name(),
                is_group: found.is_group(),
                messages: Count::Exactly(found.bundle.events.len() as u64),
                closes: found.window.end,
            };
            Ok(shown(&visit, &seen, bucket, found.documents(&visit.caller.portal.platform)))
        }
        // That it has gathered nothing is what the page says.
        Err(Refused::Problem(_)) => {
            let now = visit.caller.now;
            let bucket = Bucket { name: chat.clone(), chat, is_group: false, messages: Count::Exactly(0), closes: now };
            Ok(shown(&visit, &seen, bucket, Vec::new()))
        }
        Err(other @ (Refused::Denied(_) | Refused::TooMany(..) | Refused::Trouble(_))) => Err(other),
    }
}

fn shown<P: Ports>(visit: &Visit<P>, seen: &Seen, bucket: Bucket, documents: Vec<String>) -> bundler::api::Reply {
    let status = if documents.is_empty() { 404 } else { 200 };
    html(status, &PreviewPage { frame: seen.frame(visit), bucket, documents })
}
