//! The ports of upstreams: what a workspace has set of them, and what they are known by.

use super::Answer;
use crate::{
    id::WorkspaceId,
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
