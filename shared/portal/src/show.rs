//! A webhook as it is.

use crate::{
    Ports,
    door::{Visit, no_webhook},
    reply::{Outcome, Refused},
    view::{WebhookView, Webhooks, etag},
};
use bundler::{api::Reply, id::WebhookId, ports::ReadWebhook, settings::Webhook, timestamp::Timestamp};

/// `GET …/webhooks`.
pub(crate) async fn all<P: Ports>(visit: Visit<P>) -> Outcome {
    let webhook = WebhookId::first();
    let read = visit.ports().table().read_webhook(&visit.workspace, &webhook).await?;
    let now = visit.caller.now;
    let webhooks = read.iter().map(|it| WebhookView::of(&webhook, &it.settings, &it.health, now)).collect();
    Ok(Reply::json(200, &Webhooks { webhooks }))
}

/// `GET …/webhooks/{webhook}`.
pub(crate) async fn one<P: Ports>(visit: Visit<P>) -> Outcome {
    let (webhook, read) = read(&visit).await?;
    Ok(reply(&webhook, &read, visit.caller.now))
}

/// The webhook that the path names.
pub(crate) async fn read<P: Ports>(visit: &Visit<P>) -> Result<(WebhookId, Webhook), Refused> {
    let webhook = visit.webhook()?;
    let read = visit.ports().table().read_webhook(&visit.workspace, &webhook).await?;
    Ok((webhook, read.ok_or_else(no_webhook)?))
}

pub(crate) fn reply(id: &WebhookId, webhook: &Webhook, now: Timestamp) -> Reply {
    let view = WebhookView::of(id, &webhook.settings, &webhook.health, now);
    Reply::json(200, &view).with("etag", etag(webhook.revisions()))
}
