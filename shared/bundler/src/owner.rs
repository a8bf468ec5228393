//! What a person does about a webhook: enabling it, switching it, setting it otherwise. However much is changed at once,
//! settings and health are written together, with lines for who looks back, or not at all; nothing here calls a receiver.

use crate::{
    header::CustomHeaders,
    health::{Enabling, Health},
    id::{WebhookId, WorkspaceId},
    limits,
    ports::{Answer, Clock, OwnerTable, PortError},
    schedule::Schedule,
    settings::{Settings, SuccessRule, Switch, Webhook},
    signature::SigningSecret,
    table::action::{Action, ActionKind},
    timestamp::Timestamp,
};
use std::slice;

/// What a person wants.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// Of one that is disabled.
    Enable(Enabling),
    /// Whether it can be called is decided before each attempt.
    Url(String),
    Concurrency(u16),
    Switch(Switch),
    /// Of the first webhook of a workspace: another one beside it.
    Add(WebhookId, Box<Settings>),
    /// It begins when every function is sure to know of it.
    Schedule(Schedule),
    Success(SuccessRule),
    Headers(CustomHeaders),
    /// Who gets the e-mails; nobody, for none.
    OwnerEmail(Option<String>),
    /// What signs from now on, beside what signed until now.
    Secret(SigningSecret),
}

/// A webhook as a person has changed it, with the revisions that were read: what is written if they still stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub workspace: WorkspaceId,
    pub webhook: WebhookId,
    pub settings: Settings,
    pub health: Health,
    pub actions: Vec<Action>,
    /// A new webhook, written with what names it.
    pub added: Option<(WebhookId, Box<Settings>)>,
}

/// Why nothing is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    NoWebhook,
    /// Only one that is disabled is enabled.
    NotDisabled,
    /// It is that way.
    AsItWas,
    /// The workspace has a webhook of this name.
    Exists,
    /// A workspace has at most ten.
    TooMany,
    /// It is not as it was when the person looked at it.
    Outdated,
}

impl Refusal {
    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoWebhook => "there is no such webhook",
            Self::NotDisabled => "the webhook is not disabled",
            Self::AsItWas => "the webhook is as it is wanted",
            Self::Exists => "the workspace has a webhook of this name",
            Self::TooMany => "the workspace has as many webhooks as it can have: 10",
            Self::Outdated => "the webhook has changed meanwhile",
        }
    }
}

/// Changes a webhook as a person wants, whatever it has become meanwhile.
pub async fn change<T: OwnerTable, C: Clock>(
    table: &T,
    clock: &C,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    wanted: &Change,
) -> Answer<Result<Changed, Refusal>> {
    for _ in 0..limits::HEALTH_TRIES {
        let Some(read) = table.read_webhook(workspace, webhook).await? else { return Ok(Err(Refusal::NoWebhook)) };
        match change_as_read(table, clock, workspace, webhook, read, slice::from_ref(wanted)).await? {
            Err(Refusal::Outdated) => {}
            decided => return Ok(decided),
        }
    }
    Err(PortError { doing: "changing a webhook", code: "others were always faster".to_owned() })
}

/// Makes all of these changes to the webhook as it was `read`; or none, if it is not as it was any more.
pub async fn change_as_read<T: OwnerTable, C: Clock>(
    table: &T,
    clock: &C,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    read: Webhook,
    wanted: &[Change],
) -> Answer<Result<Changed, Refusal>> {
    let changed = match decide_all(workspace, webhook, read, wanted, clock.now()) {
        Ok(changed) => changed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let is_written = table.put_settings_and_health(&changed).await?;
    Ok(if is_written { Ok(changed) } else { Err(Refusal::Outdated) })
}

/// The webhook after the change.
pub fn decide(
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    read: Webhook,
    wanted: &Change,
    now: Timestamp,
) -> Result<Changed, Refusal> {
    decide_all(workspace, webhook, read, slice::from_ref(wanted), now)
}

/// The webhook after all of these changes. Those that change nothing are passed over, unless all are such.
pub fn decide_all(
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    read: Webhook,
    wanted: &[Change],
    now: Timestamp,
) -> Result<Changed, Refusal> {
    let Webhook { mut settings, mut health, turn: _ } = read;
    let (mut actions, mut added) = (Vec::new(), None);
    for change in wanted {
        // While it is disabled, its health says so. That it was is written down with what ends it, so that no crash loses
        // it.
        let disabled = Action::of_disabling(&health).filter(|_| matches!(change, Change::Enable(_)));
        match apply(webhook, &mut settings, &health, change, now) {
            Ok((kind, next)) => {
                if let Change::Add(name, new) = change {
                    added = Some((name.clone(), new.clone()));
                }
                health = next;
                actions.extend(disabled.into_iter().chain([Action { at: now, kind }]));
            }
            Err(Refusal::AsItWas) => {}
            Err(
                refusal @ (Refusal::NoWebhook
                | Refusal::NotDisabled
                | Refusal::Exists
                | Refusal::TooMany
                | Refusal::Outdated),
            ) => return Err(refusal),
        }
    }
    if actions.is_empty() {
        return Err(Refusal::AsItWas);
    }
    Ok(Changed { workspace: workspace.clone(), webhook: webhook.clone(), settings, health, actions, added })
}

/// Sets what is to be set, and says what that is called and what the health is after it.
fn apply(
    webhook: &WebhookId,
    settings: &mut Settings,
    health: &Health,
    wanted: &Change,
    now: Timestamp,
) -> Result<(ActionKind, Health), Refusal> {
    Ok(match wanted {
        Change::Enable(enabling) if Action::of_disabling(health).is_some() => {
            (of_enabling(*enabling), health.enabled(*enabling, now))
        }
        Change::Enable(_) => return Err(Refusal::NotDisabled),
        Change::Url(url) if *url != settings.url => {
            settings.url.clone_from(url);
            (ActionKind::UrlChanged, health.changed(now))
        }
        Change::Concurrency(concurrency) if *concurrency != settings.concurrency => {
            settings.concurrency = *concurrency;
            (ActionKind::ConcurrencyChanged, health.regrouped(now))
        }
        Change::Switch(switch) if *switch != settings.switch => {
            settings.switch = *switch;
            match switch {
                // What was held meanwhile goes out, unless we have disabled it as well: that is another choice.
                Switch::On => (ActionKind::SwitchedOn, health.changed(now)),
                Switch::Off => (ActionKind::SwitchedOff, health.clone()),
            }
        }
        Change::Add(name, _) if name == webhook || settings.others.contains(name) => return Err(Refusal::Exists),
        Change::Add(..) if settings.others.len() + 1 >= limits::WEBHOOKS => return Err(Refusal::TooMany),
        Change::Add(name, _) => {
            settings.others.push(name.clone());
            (ActionKind::WebhookAdded, health.clone())
        }
        Change::Schedule(schedule) if *schedule != settings.schedule.last() => {
            settings.schedule.change(now, *schedule);
            (ActionKind::ScheduleChanged, health.clone())
        }
        Change::Success(success) if *success != settings.success => {
            settings.success = *success;
            (ActionKind::SuccessChanged, health.clone())
        }
        Change::Headers(headers) if *headers != settings.headers => {
            settings.headers.clone_from(headers);
            (ActionKind::HeadersChanged, health.clone())
        }
        Change::OwnerEmail(address) if *address != settings.owner_email => {
            settings.owner_email.clone_from(address);
            (ActionKind::OwnerChanged, health.clone())
        }
        Change::Secret(secret) if !settings.secrets.contains(secret) => {
            settings.rotate(now, secret.clone());
            (ActionKind::SecretReplaced, health.clone())
        }
        Change::Url(_)
        | Change::Concurrency(_)
        | Change::Switch(_)
        | Change::Schedule(_)
        | Change::Success(_)
        | Change::Headers(_)
        | Change::OwnerEmail(_)
        | Change::Secret(_) => return Err(Refusal::AsItWas),
    })
}

fn of_enabling(enabling: Enabling) -> ActionKind {
    match enabling {
        Enabling::Deliver => ActionKind::Enabled,
        Enabling::StartFresh => ActionKind::StartedFresh,
    }
}
