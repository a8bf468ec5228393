//! The port that sends a test: the sender, as those see it who want one. It calls no receiver itself.

use super::Answer;
use crate::{
    attempt::Attempt,
    id::{WebhookId, WorkspaceId},
};
use std::future::Future;

/// The one function that calls receivers.
pub trait SendTest: Sync {
    /// `Invoke` of the sender, with its answer: a test of the webhook, as [`trial`](crate::trial) sends it; `None`, if
    /// there is no such webhook. It is not tried again by itself: after an error the test may have been sent.
    fn send_test(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
    ) -> impl Future<Output = Answer<Option<Attempt>>> + Send;
}
