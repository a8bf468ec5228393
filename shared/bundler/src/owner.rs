//! What a person does about a webhook: enabling it, switching it, giving it another URL. Settings and health are written
//! together, with a line for who looks back, or not at all; nothing here calls a receiver.

use crate::{
    health::{Enabling, Health},
    id::{WebhookId, WorkspaceId},
    limits,
    ports::{Answer, Clock, OwnerTable, PortError},
    settings::{Settings, Switch, Webhook},
    table::action::{Action, ActionKind},
    timestamp::Timestamp,
};

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
        }
    }
}

/// Changes a webhook as a person wants.
pub async fn change<T: OwnerTable, C: Clock>(
    table: &T,
    clock: &C,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    wanted: &Change,
) -> Answer<Result<Changed, Refusal>> {
    for _ in 0..limits::HEALTH_TRIES {
        let Some(read) = table.read_webhook(workspace, webhook).await? else { return Ok(Err(Refusal::NoWebhook)) };
        let changed = match decide(workspace, webhook, read, wanted, clock.now()) {
            Ok(changed) => changed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if table.put_settings_and_health(&changed).await? {
            return Ok(Ok(changed));
        }
    }
    Err(PortError { doing: "changing a webhook", code: "others were always faster".to_owned() })
}

/// The webhook after the change.
pub fn decide(
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    read: Webhook,
    wanted: &Change,
    now: Timestamp,
) -> Result<Changed, Refusal> {
    let Webhook { mut settings, health, turn: _ } = read;
    let disabled = Action::of_disabling(&health);
    let mut added = None;
    let (kind, next) = match wanted {
        Change::Enable(enabling) if disabled.is_some() => (of_enabling(*enabling), health.enabled(*enabling, now)),
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
                Switch::Off => (ActionKind::SwitchedOff, health),
            }
        }
        Change::Add(name, _) if name == webhook || settings.others.contains(name) => return Err(Refusal::Exists),
        Change::Add(..) if settings.others.len() + 1 >= limits::WEBHOOKS => return Err(Refusal::TooMany),
        Change::Add(name, new) => {
            settings.others.push(name.clone());
            added = Some((name.clone(), new.clone()));
            (ActionKind::WebhookAdded, health)
        }
        Change::Url(_) | Change::Concurrency(_) | Change::Switch(_) => return Err(Refusal::AsItWas),
    };
    // While it is disabled, its health says so. That it was is written down with what ends it, so that no crash loses it.
    let over = disabled.filter(|_| matches!(wanted, Change::Enable(_)));
    let actions = over.into_iter().chain([Action { at: now, kind }]).collect();
    Ok(Changed { workspace: workspace.clone(), webhook: webhook.clone(), settings, health: next, actions, added })
}

fn of_enabling(enabling: Enabling) -> ActionKind {
    match enabling {
        Enabling::Deliver => ActionKind::Enabled,
        Enabling::StartFresh => ActionKind::StartedFresh,
    }
}
