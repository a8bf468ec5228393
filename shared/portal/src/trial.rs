//! A test delivery, and the receiver's answer at once. What calls the receiver is behind a port.

use crate::{
    Ports,
    door::{Visit, no_webhook},
    reply::{Outcome, Refused},
    view::RequestView,
};
use bundler::{api::Reply, attempt::Attempt, ports::SendTest};

/// `POST …/test`: in whatever state the webhook is.
pub(crate) async fn test<P: Ports>(visit: Visit<P>) -> Outcome {
    Ok(Reply::json(200, &RequestView::from(&send(&visit).await?)))
}

/// Has the sender send it.
pub(crate) async fn send<P: Ports>(visit: &Visit<P>) -> Result<Attempt, Refused> {
    let id = visit.webhook()?;
    let sent = visit.ports().tester().send_test(&visit.workspace, &id).await?;
    sent.ok_or_else(no_webhook)
}
