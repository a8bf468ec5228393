//! The page of a webhook: everything that it shows is read here, at the same time.

use super::{
    add, html, lead_to, not_done, rows,
    seen::{self, Seen},
    state, typed,
};
use crate::{
    Ports,
    door::Visit,
    reply::{Outcome, Refused},
};
use bundler::{
    flush::look_at_waiting,
    gathering,
    id::WebhookId,
    limits,
    mail::Count,
    recent,
    traffic::{self, Traffic},
    window::Granularity,
};
use futures_util::future::{try_join_all, try_join4};
use page::{
    Bucket, Clock, Coming, Form, Gathering, Happening, MailRefused, Said, Savings, Secret, WebhookPage, What, paths,
};

/// What a page says of what somebody has done, and shows this once.
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) said: Option<Said>,
    /// The form with what was typed.
    pub(super) form: Option<Form>,
    pub(super) secret: Option<String>,
}

impl Told {
    pub(super) const NOTHING: Self = Self { status: 200, said: None, form: None, secret: None };

    /// What was wished for is not done, and why, if that is something that the page can say.
    pub(super) fn not_done(refused: Refused) -> Result<Self, Refused> {
        Ok(Self { status: 409, ..Said::NotDone(not_done(refused)?).into() })
    }
}

impl From<Said> for Told {
    fn from(said: Said) -> Self {
        Self { said: Some(said), ..Self::NOTHING }
    }
}

/// `GET /workspaces/{workspace}`: the first webhook, or the form to have one.
pub(super) async fn first<P: Ports>(visit: Visit<P>) -> Outcome {
    let all = seen::webhooks(&visit).await?;
    if all.0.is_empty() {
        return Ok(html(200, &add::blank(&visit, &all)));
    }
    match all.about(&WebhookId::first()) {
        Some(seen) => page(&visit, seen, Told::NOTHING).await,
        None => Err(crate::door::no_webhook()),
    }
}

/// `GET …/webhooks/{webhook}`.
pub(super) async fn show<P: Ports>(visit: Visit<P>) -> Outcome {
    let seen = seen::webhook(&visit).await?;
    page(&visit, seen, Told::NOTHING).await
}

/// `GET` of what a form does: back to the page that it stands on.
pub(super) async fn back<P: Ports>(visit: Visit<P>) -> Outcome {
    Ok(lead_to(paths::webhook(visit.workspace.as_str(), visit.webhook()?.as_str())))
}

/// The page, with what is to be told.
pub(super) async fn page<P: Ports>(visit: &Visit<P>, seen: Seen, told: Told) -> Outcome {
    let (table, workspace, now) = (visit.ports().table(), &visit.workspace, visit.caller.now);
    let (settings, health) = (&seen.webhook.settings, &seen.webhook.health);
    let waits = async { Ok::<_, Refused>(look_at_waiting(table, workspace, &seen.id, health, now).await?) };
    let all = try_join4(waits, activity(visit, &seen), carried(visit, &seen), gathering(visit, &seen)).await?;
    let (waits, activity, traffic, gathering) = all;
    let savings = savings(&traffic);
    let zone = settings.schedule.last().zone;
    let days = traffic.days.iter().rev().take(CHART_DAYS).rev();
    let days = days.map(|day| page::Day {
        calls: day.calls,
        errors: day.errors,
        label: Clock { zone, now }.short(day.begins),
    });
    let mail_refused = settings.owner_email.as_ref().zip(health.mail_refused.as_ref());
    let page = WebhookPage {
        frame: seen.frame(visit),
        said: told.said,
        state: state::of(settings, health, waits.count, savings),
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
        days: days.collect(),
        savings,
        activity,
        gathering,
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

/// How many days the picture of calls and errors has.
const CHART_DAYS: usize = 14;
/// How many of the chats that gather are shown.
const CHATS: usize = 20;

/// What it has carried of late: as many days as there is time to count.
async fn carried<P: Ports>(visit: &Visit<P>, seen: &Seen) -> Result<Traffic, Refused> {
    let (ports, zone) = (visit.ports(), seen.webhook.settings.schedule.last().zone);
    let deadline = visit.caller.now.plus(limits::PORTAL_COUNTING);
    let (table, clock) = (ports.table(), ports.clock());
    Ok(traffic::count(table, clock, &visit.workspace, &seen.id, zone, limits::TRAFFIC_DAYS, deadline).await?)
}

fn savings(traffic: &Traffic) -> Savings {
    let sum = |number: fn(&traffic::Day) -> u64| traffic.days.iter().map(number).sum();
    Savings {
        days: traffic.days.len() as u64,
        messages: sum(|day| day.messages),
        calls: sum(|day| day.calls),
        errors: sum(|day| day.errors),
    }
}

/// The chats whose messages gather; nothing, where each message is sent at once.
async fn gathering<P: Ports>(visit: &Visit<P>, seen: &Seen) -> Result<Option<Gathering>, Refused> {
    let (ports, unit) = (visit.ports(), visit.caller.portal.unit);
    let schedule = &seen.webhook.settings.schedule;
    if schedule.last().granularity == Granularity::None
        && schedule.at(visit.caller.now).granularity == Granularity::None
    {
        return Ok(None);
    }
    // All that a look brings, so that those are shown whose windows end first.
    let most = limits::GATHERING_ROWS;
    let found = gathering::list(ports.table(), ports.clock(), unit, &visit.workspace, &seen.id, most, None).await?;
    let chats = found.chats.into_iter().take(CHATS).map(|open| Bucket {
        messages: if open.is_exact { Count::Exactly(open.messages) } else { Count::MoreThan(open.messages) },
        chat: open.chat,
        name: open.name,
        is_group: open.is_group,
        closes: open.window_end,
    });
    Ok(Some(Gathering { chats: chats.collect(), all: found.total }))
}
