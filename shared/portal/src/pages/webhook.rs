//! The page of a webhook: everything that it shows is read here, at the same time.

use super::{
    Shown, add, html, lead_to, rows,
    seen::{self, Seen},
    state::{self, Carried},
    typed,
};
use crate::{Ports, door::Visit, reply::Refused};
use bundler::{flush::look_at_waiting, id::WebhookId, limits, recent};
use futures_util::future::{try_join, try_join_all};
use page::{Coming, Form, Happening, MailRefused, Said, Savings, Secret, WebhookPage, What, paths};

/// What a page says of what somebody has done, and shows this once.
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) said: Option<Said>,
    /// The form with what was typed.
    pub(super) form: Option<Form>,
    pub(super) secret: Option<String>,
}

impl From<Said> for Told {
    fn from(said: Said) -> Self {
        Self { status: 200, said: Some(said), form: None, secret: None }
    }
}

/// `GET /workspaces/{workspace}`: the first webhook, or the form to have one.
pub(super) async fn first<P: Ports>(visit: Visit<P>) -> Shown {
    let all = seen::webhooks(&visit).await?;
    if all.0.is_empty() {
        return Ok(html(200, &add::blank(&visit, &all)));
    }
    match all.about(&WebhookId::first()) {
        Some(seen) => page(&visit, seen, NOTHING).await,
        None => Err(crate::door::no_webhook()),
    }
}

/// `GET …/webhooks/{webhook}`.
pub(super) async fn show<P: Ports>(visit: Visit<P>) -> Shown {
    let seen = seen::webhook(&visit).await?;
    page(&visit, seen, NOTHING).await
}

const NOTHING: Told = Told { status: 200, said: None, form: None, secret: None };

/// `GET` of what a form does: back to the page that it stands on.
pub(super) async fn back<P: Ports>(visit: Visit<P>) -> Shown {
    Ok(lead_to(paths::webhook(visit.workspace.as_str(), visit.webhook()?.as_str())))
}

/// The page, with what is to be told.
pub(super) async fn page<P: Ports>(visit: &Visit<P>, seen: Seen, told: Told) -> Shown {
    let (table, workspace, now) = (visit.ports().table(), &visit.workspace, visit.caller.now);
    let (settings, health) = (&seen.webhook.settings, &seen.webhook.health);
    let waits = async { Ok::<_, Refused>(look_at_waiting(table, workspace, &seen.id, health, now).await?) };
    let (waits, activity) = try_join(waits, activity(visit, &seen)).await?;
    let carried = Carried { days: 30, calls: 0, messages: 0 };
    let mail_refused = settings.owner_email.as_ref().zip(health.mail_refused.as_ref());
    let page = WebhookPage {
        frame: seen.frame(visit),
        said: told.said,
        state: state::of(settings, health, waits.count, carried),
        mail_refused: mail_refused.map(|(address, refused)| MailRefused {
            address: address.clone(),
            at: refused.at,
            reason: refused.code.clone(),
        }),
        settling_until: health.settling_until.filter(|_| health.is_settling(now)),
        form: told.form.unwrap_or_else(|| typed::form(settings)),
        coming: settings
            .schedule
            .begins_after(now)
            .map(|begins| Coming { granularity: settings.schedule.last().granularity, begins }),
        secret: Secret {
            shown: told.secret,
            former_signs_until: settings.replaced.first().map(|former| former.ends).filter(|ends| now < *ends),
        },
        disable_at: visit.caller.portal.disable_at,
        days: Vec::new(),
        savings: Savings { days: 30, messages: 0, calls: 0, errors: 0 },
        activity,
        gathering: None,
    };
    Ok(html(told.status, &page))
}

/// The last ten, each request with the name of its chat.
async fn activity<P: Ports>(visit: &Visit<P>, seen: &Seen) -> Result<Vec<Happening>, Refused> {
    let table = visit.ports().table();
    let (happenings, _) = recent::actions(table, &visit.workspace, &seen.id, limits::RECENT_ACTIONS).await?;
    let shown = happenings.into_iter().map(|happening| async move {
        let at = happening.at();
        let what = match happening {
            recent::Happening::Sent(attempt) => What::Sent(rows::row(&rows::whole(visit, *attempt).await?)),
            recent::Happening::Done(action) => What::Done(action.kind),
        };
        Ok::<_, Refused>(Happening { at, what })
    });
    try_join_all(shown).await
}
