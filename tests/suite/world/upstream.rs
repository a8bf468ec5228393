//! What upstreams ask of a world's table.

use super::Wire;
use bundler::{
    id::{MessageId, WorkspaceId},
    ports::{Answer, FirstSeen, PutUpstream, ReadUpstream},
    timestamp::Timestamp,
    upstream::Upstream,
};

impl<T: ReadUpstream> ReadUpstream for Wire<T> {
    async fn read_upstream(&self, workspace: &WorkspaceId) -> Answer<Upstream> {
        self.tape.pass("read_upstream", self.inner.read_upstream(workspace)).await
    }
}

impl<T: PutUpstream> PutUpstream for Wire<T> {
    async fn put_upstream(&self, workspace: &WorkspaceId, upstream: &Upstream) -> Answer<bool> {
        self.tape.pass("put_upstream", self.inner.put_upstream(workspace, upstream)).await
    }
}

impl<T: FirstSeen> FirstSeen for Wire<T> {
    async fn first_seen(&self, workspace: &WorkspaceId, message: &MessageId, now: Timestamp) -> Answer<Timestamp> {
        self.tape.pass("first_seen", self.inner.first_seen(workspace, message, now)).await
    }
}
