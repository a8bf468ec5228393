//! What waits for a webhook, and what a person wants sent again.

use crate::{
    Ports, RandomBytes,
    change::{self, enabling},
    door::{Visit, no_webhook},
    fields::{self, Fields},
    reply::{Outcome, Refused, refuse},
    show,
    view::{Enqueued, HeldView, Replayed},
};
use bundler::{
    again::{self, Again, Refusal, Span},
    api::Reply,
    flush::look_at_waiting,
    health::State,
    id::push_hex,
    limits,
    owner::Change,
    settings::Switch,
    timestamp::Timestamp,
};

/// `GET …/held`.
pub(crate) async fn show<P: Ports>(visit: Visit<P>) -> Outcome {
    let (id, read) = show::read(&visit).await?;
    let table = visit.ports().table();
    let waits = look_at_waiting(table, &visit.workspace, &id, &read.health, visit.caller.now).await?;
    // Of any other, what is held goes out by itself, or when it is switched on.
    let actions: &[&str] = match (read.settings.switch, &read.health.state) {
        (Switch::On, State::Disabled { .. }) => &["deliver", "discard"],
        (Switch::Off, _) | (Switch::On, State::Healthy | State::Failing { .. } | State::Draining { .. }) => &[],
    };
    Ok(Reply::json(200, &HeldView::of(waits.count, waits.oldest, actions)))
}

/// `POST …/held`: of one that is disabled, which enables it. Of any other there is nothing to be decided.
pub(crate) async fn decide<P: Ports>(visit: Visit<P>) -> Outcome {
    let body = visit.object()?;
    let mut fields = Fields::of(&body);
    let action = fields.required("action", |value| enabling(value.as_str()));
    let enabling = fields.end(action)?;
    let (_, read) = show::read(&visit).await?;
    if read.settings.switch == Switch::Off {
        return Err(refuse(409, "the webhook is switched off: what is held goes out when it is switched on"));
    }
    let (id, changed) = change::change(&visit, &Change::Enable(enabling)).await?;
    Ok(change::reply(&id, &changed, &visit))
}

/// `POST …/resend`: one document, whatever became of it.
pub(crate) async fn resend<P: Ports>(visit: Visit<P>) -> Outcome {
    let body = visit.object()?;
    let mut fields = Fields::of(&body);
    let webhook_id = fields.required("webhook_id", |value| {
        let id = fields::text(value)?;
        if id.len() <= limits::ID_CHARS { Ok(id) } else { Err("is too long".to_owned()) }
    });
    let sent_at = fields.required("sent_at", fields::moment);
    let (webhook_id, sent_at) = fields.end(webhook_id.zip(sent_at))?;
    send_again(&visit, webhook_id, sent_at).await?;
    Ok(Reply::json(202, &Enqueued { outcome: "enqueued" }))
}

/// Sends the delivery again that a document with this id was sent for at that time.
pub(crate) async fn send_again<P: Ports>(
    visit: &Visit<P>,
    webhook_id: &str,
    sent_at: Timestamp,
) -> Result<(), Refused> {
    let mut nonce = String::new();
    push_hex(&mut nonce, "", &visit.ports().random().random_bytes()?[..16]);
    again(visit)?.resend(webhook_id, sent_at, &nonce).await?.map_err(refused)
}

/// `POST …/replay`: all that was given up in a span.
pub(crate) async fn replay<P: Ports>(visit: Visit<P>) -> Outcome {
    let body = visit.object()?;
    let mut fields = Fields::of(&body);
    let from = fields.required("from", fields::moment);
    let until = fields.required("until", fields::moment);
    let after = fields.optional("after", |value| match value.as_str() {
        Some(after)
            if (1..=limits::AFTER_CHARS).contains(&after.len()) && after.bytes().all(|it| it.is_ascii_graphic()) =>
        {
            Ok(after.to_owned())
        }
        Some(_) | None => Err("must be what an answer has said".to_owned()),
    });
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        fields.wrong("/until".to_owned(), "must be later than /from".to_owned());
    }
    let (from, until) = fields.end(from.zip(until))?;
    let sent = replay_span(&visit, &Span { from, until, after }).await?;
    let (references, gone, unreadable, after) = (sent.references, sent.gone, sent.unreadable, sent.after);
    Ok(Reply::json(202, &Replayed { references, gone, unreadable, after }))
}

/// Sends all of it again, or as much as there is time for.
pub(crate) async fn replay_span<P: Ports>(visit: &Visit<P>, span: &Span) -> Result<again::Replayed, Refused> {
    let deadline = visit.caller.now.plus(limits::PORTAL_REPLAY);
    again(visit)?.replay(span, deadline).await?.map_err(refused)
}

/// Sending again by the ports that there are.
type AgainBy<'a, P> = Again<'a, <P as Ports>::Table, <P as Ports>::Queue, <P as Ports>::Clock>;

fn again<P: Ports>(visit: &Visit<P>) -> Result<AgainBy<'_, P>, Refused> {
    let ports = visit.ports();
    Ok(Again {
        table: ports.table(),
        queue: ports.queue(),
        clock: ports.clock(),
        workspace: visit.workspace.clone(),
        webhook: visit.webhook()?,
    })
}

fn refused(refusal: Refusal) -> Refused {
    match refusal {
        Refusal::NoWebhook => no_webhook(),
        Refusal::SwitchedOff => refuse(409, "the webhook is switched off"),
        Refusal::Disabled => refuse(409, "the webhook is disabled: enable it first"),
        Refusal::NoDelivery => refuse(404, "no document with this id was sent at that time"),
        Refusal::Test => refuse(409, "this was a test: send another one"),
        Refusal::Gone => refuse(410, "its messages are gone"),
    }
}
