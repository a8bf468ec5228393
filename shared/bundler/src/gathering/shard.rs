//! What one shard of a window holds of a webhook: a page of rows, made into open buckets.

use super::{OpenBucket, place::Place};
use crate::{
    bundle,
    delivery::Lane,
    event::ChatKind,
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    ports::{Answer, ReadGathering},
    table::bucket::{self, BucketMessage, BucketRow},
};

/// What a request for a shard has brought.
pub(super) struct Shard {
    /// In order of keys.
    pub(super) chats: Vec<(KeyPart, OpenBucket)>,
    pub(super) rows: usize,
    /// Where its rest begins, if it has any.
    pub(super) rest: Option<Place>,
}

pub(super) async fn look<T: ReadGathering>(
    table: &T,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    place: &Place,
) -> Answer<Shard> {
    let after = place.behind.clone().map(|chat| {
        let lane = Lane { workspace: workspace.clone(), webhook: webhook.clone(), chat };
        bucket::behind(&bucket::prefix(&lane))
    });
    let most = limits::GATHERING_PAGE_ROWS;
    let page = table.read_gathering(workspace, webhook, place.due, place.shard, after.as_deref(), most).await?;
    let rows = page.rows.len();
    let mut chats = open_buckets(page.rows);
    let last = page.after.and_then(|after| KeyPart::parse(after.split('#').nth(2)?).ok());
    if let Some((chat, bucket)) = chats.last_mut() {
        bucket.is_exact = last.as_ref() != Some(chat);
    }
    let rest = last.map(|chat| Place { behind: Some(chat), ..place.clone() });
    Ok(Shard { chats, rows, rest })
}

/// The buckets that these rows are of, which stand in order of keys: of each chat its cuts first.
fn open_buckets(rows: Vec<BucketRow>) -> Vec<(KeyPart, OpenBucket)> {
    let mut chats: Vec<(KeyPart, OpenBucket)> = Vec::new();
    let mut cuts = None;
    for row in rows {
        let (message, moments) = match row {
            BucketRow::Cuts(stored) => {
                cuts = Some((stored.lane.chat, stored.moments));
                continue;
            }
            // What a pointer points to is gathered elsewhere.
            BucketRow::Pointer { .. } => continue,
            BucketRow::Message { message, stored_bytes: _ } => {
                let of_chat = cuts.as_ref().filter(|(chat, _)| *chat == message.slot.lane.chat);
                (message, of_chat.map_or(&[][..], |(_, moments)| moments))
            }
        };
        if !bundle::takes(moments, None, message.at) {
            continue;
        }
        let BucketMessage { slot, event, at: _ } = *message;
        let before = chats.pop_if(|(chat, _)| *chat == slot.lane.chat).map_or(0, |(_, bucket)| bucket.messages);
        let bucket = OpenBucket {
            chat: event.chat.id.as_str().to_owned(),
            name: event.chat.full_name,
            is_group: event.chat.kind == ChatKind::Group,
            messages: before + 1,
            is_exact: true,
            window_end: slot.due,
        };
        chats.push((slot.lane.chat, bucket));
    }
    chats
}
