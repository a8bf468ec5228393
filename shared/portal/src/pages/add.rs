//! A webhook is added: the first of a workspace, or another one beside it.

use super::{
    html, not_done,
    seen::{self, Webhooks},
    typed::{self, Typed},
    webhook::{self, Told},
};
use crate::{
    Ports, create,
    door::{Visit, no_webhook},
    reply::Outcome,
};
use bundler::{health::Health, settings::Webhook, window::Granularity};
use page::{AddPage, Field, Said};
use serde_json::json;

/// `GET …/webhooks`: the form.
pub(super) async fn show<P: Ports>(visit: Visit<P>) -> Outcome {
    let all = seen::webhooks(&visit).await?;
    Ok(html(200, &blank(&visit, &all)))
}

/// The form with nothing in it.
pub(super) fn blank<P: Ports>(visit: &Visit<P>, all: &Webhooks) -> AddPage {
    AddPage {
        frame: all.frame(visit),
        name: (!all.0.is_empty()).then(String::new),
        granularity: Granularity::Hours1,
        url: String::new(),
        owner_email: String::new(),
        errors: Vec::new(),
    }
}

/// `POST …/webhooks`: leads to the new webhook's page, which shows its secret this once.
pub(super) async fn add<P: Ports>(visit: Visit<P>) -> Outcome {
    let typed = Typed::of(&visit.body);
    let all = seen::webhooks(&visit).await?;
    let page = AddPage {
        granularity: Granularity::parse(typed.text("granularity")).unwrap_or(Granularity::Hours1),
        url: typed.text("url").to_owned(),
        owner_email: typed.text("owner_email").to_owned(),
        ..blank(&visit, &all)
    };
    let mut wish = json!({ "url": page.url, "granularity": typed.text("granularity") });
    if !page.owner_email.is_empty() {
        wish["owner_email"] = page.owner_email.as_str().into();
    }
    if page.name.is_some() {
        wish["webhook"] = typed.text("webhook").into();
    }
    let made = match create::make(&visit, wish).await {
        Ok(made) => made,
        Err(refused) => {
            let name = page.name.as_ref().map(|_| typed.text("webhook").to_owned());
            let errors = match typed::errors(refused) {
                Ok(errors) => errors,
                // Its name is taken, or there are ten.
                Err(refused) => vec![(Field::Name, not_done(refused)?)],
            };
            return Ok(html(422, &AddPage { name, errors, ..page }));
        }
    };
    let seen = seen::webhooks(&visit).await?.about(&made.id).ok_or_else(no_webhook)?;
    let webhook = Webhook { settings: made.settings, health: Health::default(), turn: None };
    let told = Told { secret: Some(made.secret), ..Said::Added.into() };
    webhook::page(&visit, seen.now(webhook), told).await
}
