//! `POST …/webhooks`: a workspace's first webhook, where there is none, or another one beside it.

use crate::{
    Ports, RandomBytes,
    change::refused,
    door::Visit,
    reply::{Outcome, Refused, refuse},
    view::{Created, WebhookView, etag},
    wanted::{self, Need},
};
use bundler::{
    api::Reply,
    health::Health,
    id::WebhookId,
    native::FieldError,
    owner::{self, Change, Refusal},
    ports::{CreateWebhook, ReadWebhook},
    problem::Problem,
    settings::{Settings, Webhook},
    signature::SigningSecret,
    window::Granularity,
};
use serde_json::Value;

/// The secret is in this answer, and in no other.
pub(crate) async fn create<P: Ports>(visit: Visit<P>) -> Outcome {
    let Made { id, settings, secret } = make(&visit, visit.object()?).await?;
    let webhook = WebhookView::of(&id, &settings, &Health::default(), visit.caller.now);
    let place = format!("/v1/workspaces/{}/webhooks/{id}", visit.workspace);
    let revisions = Webhook { settings, health: Health::default(), turn: None }.revisions();
    Ok(Reply::json(201, &Created { webhook, secret }).with("location", place).with("etag", etag(revisions)))
}

/// A new webhook.
pub(crate) struct Made {
    pub(crate) id: WebhookId,
    pub(crate) settings: Settings,
    pub(crate) secret: String,
}

/// Makes the webhook that somebody wishes for, by the name in `webhook`: without one, the first.
pub(crate) async fn make<P: Ports>(visit: &Visit<P>, mut wish: Value) -> Result<Made, Refused> {
    let ports = visit.ports();
    let secret = SigningSecret::from_bytes(ports.random().random_bytes()?);
    let blank = Settings::new(String::new(), Granularity::None, secret.clone());
    let named = wish.as_object_mut().and_then(|wish| wish.remove("webhook"));
    let wanted = wanted::read(&wish, &blank, Need::UrlAndGranularity, |url| ports.check_url(url))?;
    let id = named.map_or_else(|| Ok(WebhookId::first()), |name| id(&name))?;
    let settings = wanted.into_settings(blank);
    if id == WebhookId::first() {
        if !ports.table().put_new_settings(&visit.workspace, &id, &settings).await? {
            return Err(refuse(409, "the workspace has this webhook: change it"));
        }
    } else {
        // One that its workspace does not name stands there as well.
        if ports.table().read_webhook(&visit.workspace, &id).await?.is_some() {
            return Err(refused(Refusal::Exists));
        }
        let beside = Change::Add(id.clone(), Box::new(settings.clone()));
        let first = WebhookId::first();
        let added = owner::change(ports.table(), ports.clock(), &visit.workspace, &first, &beside).await?;
        added.map_err(refused)?;
    }
    Ok(Made { id, settings, secret: secret.reveal().to_owned() })
}

fn id(name: &Value) -> Result<WebhookId, Refused> {
    let read = name.as_str().ok_or("must be a text".to_owned());
    let read = read.and_then(WebhookId::parse);
    read.map_err(|detail| {
        Refused::Problem(Problem::fields(vec![FieldError { pointer: "/webhook".to_owned(), detail }]))
    })
}
