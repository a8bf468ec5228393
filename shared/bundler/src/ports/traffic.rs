//! What counting a webhook's log asks of the table. Nothing of what was sent or answered comes through here.

use super::{Answer, Page};
use crate::{
    id::{WebhookId, WorkspaceId},
    table::{attempt::Attempted, traffic::CountedDay},
    timestamp::Timestamp,
};
use std::future::Future;

/// The reads: all of them eventually consistent. What is so fresh is counted anew each time, and a day that does not show
/// is counted once more.
pub trait ReadTraffic: Sync {
    /// `Query` of one page of a webhook's log, in order of sort keys, behind `after` and up to `until`, which is behind it.
    /// Neither need be a key of an item.
    fn read_log(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        after: &str,
        until: &str,
    ) -> impl Future<Output = Answer<Page<Attempted>>> + Send;

    /// `Query` of the days that were counted and begin at `from` or later, a page of them: it holds those of years.
    fn read_counted_days(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        from: Timestamp,
    ) -> impl Future<Output = Answer<Page<CountedDay>>> + Send;
}

/// What keeps a count.
pub trait KeepTraffic: ReadTraffic {
    /// `PutItem`: in the place of what was counted of the day before.
    fn put_counted_day(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        counted: &CountedDay,
    ) -> impl Future<Output = Answer<()>> + Send;
}
