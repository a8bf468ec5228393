//! What every page of a workspace shares: whose it is, who looks at it, by which clock.

use crate::{moment::Clock, paths, state::State};
use bundler::timestamp::Timestamp;

/// What every page of a workspace shares.
#[derive(Debug, Clone)]
pub struct Frame {
    /// What the platform calls itself, such as `TimelinesAI`.
    pub platform: String,
    pub workspace: String,
    /// The one that the page is about.
    pub webhook: String,
    /// All of the workspace, this one too.
    pub webhooks: Vec<Tab>,
    pub access: Access,
    pub clock: Clock,
    /// When the session ends; nothing, if it has no end.
    pub session_ends: Option<Timestamp>,
    /// Whether the workspace can have another webhook.
    pub may_add: bool,
    /// Where the 100 last requests are to be had as files.
    pub downloads: Downloads,
}

/// A webhook among others.
#[derive(Debug, Clone)]
pub struct Tab {
    pub webhook: String,
    pub state: State,
}

/// What who looks may do.
#[derive(Debug, Clone)]
pub enum Access {
    /// No page has a form.
    ReadOnly,
    /// Every form has this token.
    Full { csrf: String },
}

/// Addresses of files.
#[derive(Debug, Clone)]
pub struct Downloads {
    pub json: String,
    pub csv: String,
}

impl Frame {
    pub(crate) fn csrf(&self) -> Option<&str> {
        match &self.access {
            Access::Full { csrf } => Some(csrf),
            Access::ReadOnly => None,
        }
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.csrf().is_none()
    }

    /// Of the page.
    pub(crate) fn path(&self) -> String {
        paths::webhook(&self.workspace, &self.webhook)
    }

    pub(crate) fn tab_path(&self, tab: &Tab) -> String {
        paths::webhook(&self.workspace, &tab.webhook)
    }

    /// Of a form.
    pub(crate) fn action(&self, action: Action) -> String {
        format!("{}/{}", self.path(), action.name())
    }

    /// Whether there is a way to another webhook: the first is what the page is about then.
    pub(crate) fn shows_add(&self) -> bool {
        self.may_add && !self.is_read_only() && !self.webhooks.is_empty()
    }

    /// Of the page on which another webhook is added.
    pub(crate) fn add_path(&self) -> String {
        paths::webhooks(&self.workspace)
    }

    /// Of the page of WhatsApp accounts.
    pub(crate) fn accounts_path(&self) -> String {
        paths::accounts(&self.workspace)
    }

    /// Of the page as it is without what somebody has typed: what is about no webhook is about the accounts.
    pub(crate) fn saved_path(&self) -> String {
        if self.webhook.is_empty() { self.accounts_path() } else { self.path() }
    }

    pub(crate) fn requests_path(&self) -> String {
        format!("{}/requests", self.path())
    }

    pub(crate) fn request_path(&self, id: &str) -> String {
        format!("{}/{}", self.requests_path(), paths::segment(id))
    }

    pub(crate) fn preview_path(&self, chat: &str) -> String {
        format!("{}/preview?chat={}", self.path(), paths::segment(chat))
    }

    pub(crate) fn zone(&self) -> &'static str {
        self.clock.zone.name()
    }
}

/// What a form does: the last word of its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Save,
    Enable,
    Switch,
    Secret,
    Test,
    Resend,
    Replay,
    Flush,
}

impl Action {
    pub const ALL: [Self; 8] =
        [Self::Save, Self::Enable, Self::Switch, Self::Secret, Self::Test, Self::Resend, Self::Replay, Self::Flush];

    pub fn name(self) -> &'static str {
        match self {
            Self::Save => "save",
            Self::Enable => "enable",
            Self::Switch => "switch",
            Self::Secret => "secret",
            Self::Test => "test",
            Self::Resend => "resend",
            Self::Replay => "replay",
            Self::Flush => "flush",
        }
    }

    /// The names of the fields that its form can send.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Save => &[
                "csrf",
                "revision",
                "granularity",
                "url",
                "enabled",
                "time_zone",
                "daily_hour",
                "success",
                "concurrency",
                "direction",
                "chats",
                "accounts",
                "owner_email",
                "header_name",
                "header_value",
                "header_remove",
            ],
            Self::Enable => &["csrf", "held"],
            Self::Switch => &["csrf", "to"],
            Self::Secret | Self::Test => &["csrf"],
            Self::Resend => &["csrf", "webhook_id", "sent_at"],
            Self::Replay => &["csrf", "days"],
            Self::Flush => &["csrf", "chat"],
        }
    }
}
