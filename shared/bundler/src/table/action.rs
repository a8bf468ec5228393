//! What a person has done about a webhook, and when it was disabled: a line each, for who looks back. Its key says all of
//! it; it never holds what was set.

use super::item::{Item, ItemError, ItemKey, wrong};
use crate::{
    health::{Health, State, Why},
    id::{WebhookId, WorkspaceId},
    limits,
    timestamp::Timestamp,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    pub at: Timestamp,
    pub kind: ActionKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionKind {
    UrlChanged,
    ConcurrencyChanged,
    SwitchedOn,
    SwitchedOff,
    /// The workspace has another webhook, beside this one.
    WebhookAdded,
    ScheduleChanged,
    SuccessChanged,
    HeadersChanged,
    /// Somebody else gets the e-mails, or nobody.
    OwnerChanged,
    SecretReplaced,
    /// What was held goes out.
    Enabled,
    /// It was enabled, and what was held is dropped.
    StartedFresh,
    /// Too many errors in a row have disabled it.
    Disabled,
    /// Its receiver has said that it is gone, which has disabled it.
    Gone,
}

impl ActionKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::UrlChanged => "url_changed",
            Self::ConcurrencyChanged => "concurrency_changed",
            Self::SwitchedOn => "switched_on",
            Self::SwitchedOff => "switched_off",
            Self::WebhookAdded => "webhook_added",
            Self::ScheduleChanged => "schedule_changed",
            Self::SuccessChanged => "success_changed",
            Self::HeadersChanged => "headers_changed",
            Self::OwnerChanged => "owner_changed",
            Self::SecretReplaced => "secret_replaced",
            Self::Enabled => "enabled",
            Self::StartedFresh => "started_fresh",
            Self::Disabled => "disabled",
            Self::Gone => "gone",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        let all = [
            Self::UrlChanged,
            Self::ConcurrencyChanged,
            Self::SwitchedOn,
            Self::SwitchedOff,
            Self::WebhookAdded,
            Self::ScheduleChanged,
            Self::SuccessChanged,
            Self::HeadersChanged,
            Self::OwnerChanged,
            Self::SecretReplaced,
            Self::Enabled,
            Self::StartedFresh,
            Self::Disabled,
            Self::Gone,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }
}

impl From<Why> for ActionKind {
    fn from(why: Why) -> Self {
        match why {
            Why::Errors => Self::Disabled,
            Why::Gone => Self::Gone,
        }
    }
}

/// The partition key of a webhook's actions, in order of time.
pub fn partition(workspace: &WorkspaceId, webhook: &WebhookId) -> String {
    format!("act#{workspace}#{webhook}")
}

impl Action {
    /// That the webhook is disabled, if it is.
    pub fn of_disabling(health: &Health) -> Option<Self> {
        match health.state {
            State::Disabled { since, why, stopped: _ } => Some(Self { at: since, kind: why.into() }),
            State::Healthy | State::Failing { .. } | State::Draining { .. } => None,
        }
    }

    pub fn to_item(self, workspace: &WorkspaceId, webhook: &WebhookId) -> Item {
        let sk = format!("{}#{}", self.at.key(), self.kind.name());
        Item::new(ItemKey { pk: partition(workspace, webhook), sk }).expires(self.at.plus(limits::ATTEMPT_LIFE))
    }

    pub fn from_item(item: &Item) -> Result<Self, ItemError> {
        let read = item.key.sk.split_once('#');
        read.and_then(|(at, kind)| Some(Self { at: Timestamp::parse_key(at)?, kind: ActionKind::parse(kind)? }))
            .ok_or_else(|| wrong("sk", "is not an action's"))
    }
}
