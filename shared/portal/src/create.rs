//! `POST …/webhooks`: a workspace's webhook, where there is none.

use crate::{
    Ports, RandomBytes,
    door::Visit,
    reply::{Outcome, refuse},
    view::{Created, WebhookView, etag},
    wanted::{self, Need},
};
use bundler::{
    api::Reply,
    health::Health,
    id::WebhookId,
    ports::CreateWebhook,
    settings::{Settings, Webhook},
    signature::SigningSecret,
    window::Granularity,
};

/// The secret is in this answer, and in no other.
pub(crate) async fn create<P: Ports>(visit: Visit<P>) -> Outcome {
    let ports = visit.ports();
    let secret = SigningSecret::from_bytes(ports.random().random_bytes()?);
    let blank = Settings::new(String::new(), Granularity::None, secret.clone());
    let wanted = wanted::read(&visit.object()?, &blank, Need::UrlAndGranularity, |url| ports.check_url(url))?;
    let (id, settings) = (WebhookId::first(), wanted.into_settings(blank));
    if !ports.table().put_new_settings(&visit.workspace, &id, &settings).await? {
        return Err(refuse(409, "the workspace has this webhook: change it"));
    }
    let webhook = WebhookView::of(&id, &settings, &Health::default(), visit.caller.now);
    let created = Created { webhook, secret: secret.reveal().to_owned() };
    let revisions = Webhook { settings, health: Health::default(), turn: None }.revisions();
    let place = format!("/v1/workspaces/{}/webhooks/{id}", visit.workspace);
    Ok(Reply::json(201, &created).with("location", place).with("etag", etag(revisions)))
}
