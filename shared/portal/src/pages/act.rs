//! What the other forms of a webhook's pages do. Each is answered by its page, which says what has become of it.

use super::{
    requests, rows,
    seen::{self, Seen},
    typed::Typed,
    webhook::{self, Told},
};
use crate::{
    Ports,
    change::{self, enabling},
    chats,
    door::Visit,
    held,
    reply::{Outcome, Refused, refuse},
    trial,
};
use bundler::{
    again::Span,
    delivery::Lane,
    flush::look_at_waiting,
    health::Enabling,
    limits,
    owner::{Change, Changed},
    settings::{Switch, Webhook},
    timestamp::Timestamp,
};
use page::Said;
use std::time::Duration;

/// `POST …/enable`: with what is to become of what is held.
pub(super) async fn enable<P: Ports>(visit: Visit<P>) -> Outcome {
    let typed = Typed::of(&visit.body);
    let enabling = enabling(Some(typed.text("held"))).map_err(|_| no_such_form())?;
    let seen = seen::webhook(&visit).await?;
    let (workspace, health) = (&visit.workspace, &seen.webhook.health);
    let waits = look_at_waiting(visit.ports().table(), workspace, &seen.id, health, visit.caller.now).await?;
    let said = match enabling {
        Enabling::Deliver => Said::Enabled { released: waits.count },
        Enabling::StartFresh => Said::StartedFresh { dropped: waits.count },
    };
    changed(&visit, seen, &Change::Enable(enabling), said).await
}

/// `POST …/switch`.
pub(super) async fn switch<P: Ports>(visit: Visit<P>) -> Outcome {
    let (switch, said) = match Typed::of(&visit.body).text("to") {
        "on" => (Switch::On, Said::SwitchedOn),
        "off" => (Switch::Off, Said::SwitchedOff),
        _ => return Err(no_such_form()),
    };
    let seen = seen::webhook(&visit).await?;
    changed(&visit, seen, &Change::Switch(switch), said).await
}

/// `POST …/secret`: shown on this one page.
pub(super) async fn secret<P: Ports>(visit: Visit<P>) -> Outcome {
    let seen = seen::webhook(&visit).await?;
    let (secret, changed) = change::new_secret(&visit).await?;
    let told = Told { secret: Some(secret), ..Said::SecretMade.into() };
    webhook::page(&visit, seen.now(after(&changed)), told).await
}

/// `POST …/test`: the receiver's answer is on this one page.
pub(super) async fn test<P: Ports>(visit: Visit<P>) -> Outcome {
    let attempt = trial::send(&visit).await?;
    let said = Said::Tested(Box::new(rows::tried(attempt)));
    webhook::page(&visit, seen::webhook(&visit).await?, said.into()).await
}

/// `POST …/resend`: from the page of a request. The list of requests answers it, in which it will stand.
pub(super) async fn resend<P: Ports>(visit: Visit<P>) -> Outcome {
    let typed = Typed::of(&visit.body);
    let sent_at = Timestamp::parse(typed.text("sent_at")).ok_or_else(no_such_form)?;
    let told = match held::send_again(&visit, typed.text("webhook_id"), sent_at).await {
        Ok(()) => Said::SentAgain.into(),
        Err(refused) => Told::not_done(refused)?,
    };
    requests::list(&visit, told).await
}

/// `POST …/replay`: what was given up within so many days.
pub(super) async fn replay<P: Ports>(visit: Visit<P>) -> Outcome {
    let days = Typed::of(&visit.body).text("days").parse().ok().filter(|days| (1..=30).contains(days));
    let now = visit.caller.now;
    let from =
        now.minus(days.map(|days: u64| Duration::from_secs(days * limits::DAY_SECONDS)).ok_or_else(no_such_form)?);
    let told = match held::replay_span(&visit, &Span { from, until: now, after: None }).await {
        Ok(sent) => {
            Said::Replayed { deliveries: sent.references, gone: sent.gone, is_all: sent.after.is_none() }.into()
        }
        Err(refused) => Told::not_done(refused)?,
    };
    webhook::page(&visit, seen::webhook(&visit).await?, told).await
}

/// `POST …/flush`: what a chat has gathered.
pub(super) async fn flush<P: Ports>(visit: Visit<P>) -> Outcome {
    let typed = Typed::of(&visit.body);
    let lane = chats::lane_of(&visit, typed.text("chat"))?;
    let told = match flushed(&visit, &lane).await {
        Ok(chat) => Said::Flushed { chat }.into(),
        Err(refused) => Told::not_done(refused)?,
    };
    webhook::page(&visit, seen::webhook(&visit).await?, told).await
}

/// The name of the chat that goes out: of what it has gathered, before that is cut off.
async fn flushed<P: Ports>(visit: &Visit<P>, lane: &Lane) -> Result<String, Refused> {
    let found = chats::look(visit, lane).await?;
    chats::cut(visit, lane).await?;
    Ok(found.name())
}

/// Changes the webhook, and shows what it is then; or says why it is as it was.
async fn changed<P: Ports>(visit: &Visit<P>, seen: Seen, wanted: &Change, said: Said) -> Outcome {
    match change::change(visit, wanted).await {
        Ok((_, changed)) => webhook::page(visit, seen.now(after(&changed)), said.into()).await,
        Err(refused) => webhook::page(visit, seen, Told::not_done(refused)?).await,
    }
}

/// The webhook as it stands once it is written.
pub(super) fn after(changed: &Changed) -> Webhook {
    Webhook { settings: changed.settings.risen(), health: changed.health.risen(), turn: None }
}

fn no_such_form() -> Refused {
    refuse(422, "a field of the form is missing or is none of what it offers")
}
