//! The ports of upstreams: what a workspace has set of them, and what they are known by.

use super::Answer;
use crate::{
    id::{MessageId, WorkspaceId},
    timestamp::Timestamp,
    upstream::{Credentials, Upstream},
};
use std::future::Future;

/// What a workspace has set of its upstreams, for who only looks.
pub trait ReadUpstream: Sync {
    /// `GetItem`. Where nothing stands, the default, of revision 0.
    fn read_upstream(&self, workspace: &WorkspaceId) -> impl Future<Output = Answer<Upstream>> + Send;
}

/// What a workspace has set of its upstreams, for who changes it.
pub trait PutUpstream: ReadUpstream {
    /// `PutItem`, if what stands there has the revision before this one's, or, for revision 1, if nothing does. Returns
    /// whether it was written; must be a no-op otherwise.
    fn put_upstream(&self, workspace: &WorkspaceId, upstream: &Upstream) -> impl Future<Output = Answer<bool>> + Send;
}

/// Where what upstreams are known by is kept.
pub trait ReadCredentials: Sync {
    /// `GetSecretValue`.
    fn read_credentials(&self) -> impl Future<Output = Answer<Credentials>> + Send;
}

/// For messages that say not when they were sent: when they first came.
pub trait FirstSeen: Sync {
    /// `UpdateItem`, which changes nothing of what stands there: the moment of the first call for this message, which is
    /// `now`, if this is the first. It is forgotten after [`FIRST_SEEN_LIFE`](crate::limits::FIRST_SEEN_LIFE).
    fn first_seen(
        &self,
        workspace: &WorkspaceId,
        message: &MessageId,
        now: Timestamp,
    ) -> impl Future<Output = Answer<Timestamp>> + Send;
}

/// What upstreams that are not the platform's own ask of the table.
pub trait UpstreamTable: ReadUpstream + FirstSeen {}

impl<T: ReadUpstream + FirstSeen> UpstreamTable for T {}
