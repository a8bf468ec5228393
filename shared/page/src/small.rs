//! The pages of one sentence: a portal link's landing, what became of a link or a session, and what is not there.

use crate::words::{Icon, Mood};
use askama::Template;

/// A page of one sentence and of what to do.
#[derive(Debug, Clone, Template)]
#[template(path = "small.html", escape = "html")]
pub struct SmallPage {
    pub platform: String,
    pub what: Small,
}

/// What a small page tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Small {
    /// A link that can be opened: its button POSTs to `action`. The link itself is the credential, so no other field.
    Landing {
        workspace: String,
        action: String,
    },
    LinkUsed,
    LinkExpired,
    LinkInvalid,
    SessionEnded,
    /// Nobody has shown who asks.
    NoSession,
    /// Somebody may look and not change, or not look at all.
    Forbidden,
    /// A form that is not of this session's pages.
    Forged,
    TooManyTries,
    NotFound,
    /// Ours; the reference is in the log.
    Trouble {
        reference: Option<String>,
    },
}

impl SmallPage {
    fn mood(&self) -> Mood {
        match self.what {
            Small::Landing { .. } => Mood::Good,
            Small::LinkUsed | Small::LinkExpired | Small::SessionEnded | Small::NoSession => Mood::Unsure,
            Small::LinkInvalid | Small::Forbidden | Small::Forged | Small::TooManyTries | Small::Trouble { .. } => {
                Mood::Bad
            }
            Small::NotFound => Mood::Calm,
        }
    }

    fn icon(&self) -> Icon {
        match self.what {
            Small::Landing { .. } => Icon::Key,
            Small::LinkUsed | Small::LinkInvalid => Icon::Link,
            Small::LinkExpired | Small::SessionEnded => Icon::Clock,
            Small::NoSession | Small::Forbidden | Small::Forged => Icon::Shield,
            Small::TooManyTries => Icon::Stop,
            Small::NotFound => Icon::Info,
            Small::Trouble { .. } => Icon::Warning,
        }
    }

    fn title(&self) -> String {
        match &self.what {
            Small::Landing { workspace, .. } => format!("Open the settings of \u{2068}{workspace}\u{2069}"),
            Small::LinkUsed => "This link has been used".to_owned(),
            Small::LinkExpired => "This link has expired".to_owned(),
            Small::LinkInvalid => "This link is not complete".to_owned(),
            Small::SessionEnded => "Your session has ended".to_owned(),
            Small::NoSession => "You are not signed in here".to_owned(),
            Small::Forbidden => "You may not do this".to_owned(),
            Small::Forged => "The form was not taken".to_owned(),
            Small::TooManyTries => "Too many failed tries".to_owned(),
            Small::NotFound => "There is nothing here".to_owned(),
            Small::Trouble { .. } => "Something went wrong on our side".to_owned(),
        }
    }

    /// What to do.
    fn advice(&self) -> String {
        let platform = &self.platform;
        match &self.what {
            Small::Landing { .. } => "The link opens once, in this browser.".to_owned(),
            Small::LinkUsed => {
                format!("A link opens the settings once. Go back to {platform} and open the settings from there again.")
            }
            Small::LinkExpired => {
                format!(
                    "A link is good for a short time. Go back to {platform} and open the settings from there again."
                )
            }
            Small::LinkInvalid => format!(
                "Perhaps it was cut off when it was copied. Copy the whole link, or open the settings from {platform} again."
            ),
            Small::SessionEnded => {
                format!("What you have saved is kept. Go back to {platform} and open the settings from there again.")
            }
            Small::NoSession => format!("Go to {platform} and open the webhook settings from there."),
            Small::Forbidden => {
                format!("Your link does not allow it. Ask whoever gave it to you, or {platform}, for another one.")
            }
            Small::Forged => "Nothing was changed. Go back, reload the page, and try again.".to_owned(),
            Small::TooManyTries => "Nothing was opened. Wait a minute, and try again.".to_owned(),
            Small::NotFound => {
                "The address may be mistyped, or what was here is no longer kept: requests are for 30 days.".to_owned()
            }
            Small::Trouble { reference: Some(reference) } => {
                format!(
                    "Nothing is lost. Try again in a minute; if it stays, tell {platform} the reference {reference}."
                )
            }
            Small::Trouble { reference: None } => {
                format!("Nothing is lost. Try again in a minute; if it stays, tell {platform}.")
            }
        }
    }
}
