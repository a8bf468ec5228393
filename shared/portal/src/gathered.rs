//! The chats that have gathered something, listed.

use crate::{
    Ports,
    door::Visit,
    reply::{Outcome, refuse},
    show,
    view::counted,
};
use bundler::{
    api::Reply,
    gathering::{self, Gathered, OpenBucket},
    limits,
};
use serde::Serialize;

/// `GET …/chats`: those that have gathered something. Of one that gathers nothing there are none.
pub(crate) async fn list<P: Ports>(visit: Visit<P>) -> Outcome {
    let after = visit.caller.parameter("after");
    if after.is_some_and(|after| !gathering::is_place(after)) {
        return Err(refuse(400, "after must be what an answer has said"));
    }
    let (id, _) = show::read(&visit).await?;
    let (portal, most) = (&visit.caller.portal, limits::PORTAL_CHATS);
    let (table, clock) = (portal.ports.table(), portal.ports.clock());
    let gathered = gathering::list(table, clock, portal.unit, &visit.workspace, &id, most, after).await?;
    Ok(Reply::json(200, &GatheredView::from(gathered)))
}

#[derive(Serialize)]
struct GatheredView {
    total: TotalView,
    chats: Vec<OpenBucketView>,
    after: Option<String>,
}

#[derive(Serialize)]
struct TotalView {
    count: u64,
    more: bool,
}

#[derive(Serialize)]
struct OpenBucketView {
    chat_id: String,
    name: String,
    is_group: bool,
    messages: u64,
    is_exact: bool,
    window_end: String,
}

impl From<Gathered> for GatheredView {
    fn from(gathered: Gathered) -> Self {
        let Gathered { chats, total, after } = gathered;
        let (count, more) = counted(total);
        Self { total: TotalView { count, more }, chats: chats.into_iter().map(Into::into).collect(), after }
    }
}

impl From<OpenBucket> for OpenBucketView {
    fn from(bucket: OpenBucket) -> Self {
        let OpenBucket { chat: chat_id, name, is_group, messages, is_exact, window_end } = bucket;
        Self { chat_id, name, is_group, messages, is_exact, window_end: window_end.rfc3339() }
    }
}
