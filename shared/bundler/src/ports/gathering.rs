//! What listing a webhook's open buckets asks of the table. It writes nothing.

use super::{Answer, Page};
use crate::{
    id::{WebhookId, WorkspaceId},
    table::bucket::BucketRow,
    timestamp::Timestamp,
};
use std::future::Future;

/// `Query` of one page of a webhook's rows in a window's end and a shard, in order of sort keys, behind `after`, which need
/// not be a key of an item, but begins as every one of the webhook's does; of `most` items, or as many as a request returns.
/// Eventually consistent: a message that has just come shows at the next look.
pub trait ReadGathering: Sync {
    fn read_gathering(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        due: Timestamp,
        shard: u16,
        after: Option<&str>,
        most: u16,
    ) -> impl Future<Output = Answer<Page<BucketRow>>> + Send;
}
