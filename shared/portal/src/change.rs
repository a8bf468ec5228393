//! What a person changes of a webhook: its settings, its secret, and that it is disabled.

use crate::{
    Ports, RandomBytes,
    door::{Visit, no_webhook},
    fields::Fields,
    reply::{Outcome, Refused, refuse},
    show,
    view::{self, etag},
    wanted::{self, Need},
};
use bundler::{
    api::Reply,
    health::Enabling,
    id::WebhookId,
    limits,
    owner::{self, Change, Changed, Refusal},
    ports::Clock,
    settings::Webhook,
    signature::SigningSecret,
};

/// `PATCH …/webhooks/{webhook}`: all of it, or nothing; and nothing, if somebody was faster.
pub(crate) async fn patch<P: Ports>(visit: Visit<P>) -> Outcome {
    let (id, read) = show::read(&visit).await?;
    let expected = visit.caller.headers.get("if-match").map(|value| value.to_str().unwrap_or_default());
    let expected = expected.ok_or_else(|| refuse(428, "send If-Match with the ETag of what you have seen"))?;
    if expected != "*" && expected != etag(read.revisions()) {
        return Err(refused(Refusal::Outdated));
    }
    let ports = visit.ports();
    let wanted = wanted::read(&visit.object()?, &read.settings, Need::Nothing, |url| ports.check_url(url))?;
    let before = read.clone();
    let changes = wanted.into_changes();
    match owner::change_as_read(ports.table(), ports.clock(), &visit.workspace, &id, read, &changes).await? {
        Ok(changed) => Ok(reply(&id, &changed, &visit)),
        Err(Refusal::AsItWas) => Ok(show::reply(&id, &before, visit.caller.now)),
        Err(refusal) => Err(refused(refusal)),
    }
}

/// `POST …/webhooks/{webhook}/secret`: another secret signs from now on.
pub(crate) async fn rotate_secret<P: Ports>(visit: Visit<P>) -> Outcome {
    let (secret, _) = new_secret(&visit).await?;
    let until = visit.ports().clock().now().plus(limits::SECRET_OVERLAP);
    Ok(Reply::json(200, &view::Secret { secret, former_signs_until: until.rfc3339() }))
}

/// Another secret, and the webhook that signs with it.
pub(crate) async fn new_secret<P: Ports>(visit: &Visit<P>) -> Result<(String, Changed), Refused> {
    let secret = SigningSecret::from_bytes(visit.ports().random().random_bytes()?);
    let (_, changed) = change(visit, &Change::Secret(secret.clone())).await?;
    Ok((secret.reveal().to_owned(), changed))
}

/// `POST …/webhooks/{webhook}/enable`: with what is to become of what is held.
pub(crate) async fn enable<P: Ports>(visit: Visit<P>) -> Outcome {
    let body = visit.object()?;
    let mut fields = Fields::of(&body);
    let held = fields.required("held", |value| enabling(value.as_str()));
    let enabling = fields.end(held)?;
    let (id, changed) = change(&visit, &Change::Enable(enabling)).await?;
    Ok(reply(&id, &changed, &visit))
}

pub(crate) fn enabling(held: Option<&str>) -> Result<Enabling, String> {
    match held {
        Some("deliver") => Ok(Enabling::Deliver),
        Some("discard") => Ok(Enabling::StartFresh),
        Some(_) | None => Err("must be \"deliver\" or \"discard\"".to_owned()),
    }
}

/// Makes one change, whatever the webhook has become meanwhile.
pub(crate) async fn change<P: Ports>(visit: &Visit<P>, wanted: &Change) -> Result<(WebhookId, Changed), Refused> {
    let id = visit.webhook()?;
    let ports = visit.ports();
    let changed = owner::change(ports.table(), ports.clock(), &visit.workspace, &id, wanted).await?;
    Ok((id, changed.map_err(refused)?))
}

/// The webhook as it stands now.
pub(crate) fn reply<P: Ports>(id: &WebhookId, changed: &Changed, visit: &Visit<P>) -> Reply {
    let webhook = Webhook { settings: changed.settings.risen(), health: changed.health.risen(), turn: None };
    show::reply(id, &webhook, visit.caller.now)
}

pub(crate) fn refused(refusal: Refusal) -> Refused {
    match refusal {
        Refusal::NoWebhook => no_webhook(),
        Refusal::NotDisabled | Refusal::AsItWas | Refusal::Exists | Refusal::TooMany => refuse(409, refusal.words()),
        Refusal::Outdated => refuse(412, "the webhook has changed meanwhile: look at it again"),
    }
}
