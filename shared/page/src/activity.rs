//! The last things that happened to a webhook, in plain words with a sign each.

use crate::{
    request::Row,
    words::{Icon, Mood},
};
use bundler::{table::action::ActionKind, timestamp::Timestamp};

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Happening {
    pub at: Timestamp,
    pub what: What,
}

/// What it was.
#[derive(Debug, Clone)]
pub enum What {
    Sent(Row),
    Done(ActionKind),
}

impl Happening {
    pub(crate) fn row(&self) -> Option<&Row> {
        match &self.what {
            What::Sent(row) => Some(row),
            What::Done(_) => None,
        }
    }

    pub(crate) fn icon(&self) -> Icon {
        match &self.what {
            What::Sent(row) => row.icon(),
            What::Done(kind) => match kind {
                ActionKind::UrlChanged => Icon::Link,
                ActionKind::ConcurrencyChanged
                | ActionKind::SuccessChanged
                | ActionKind::HeadersChanged
                | ActionKind::FilterChanged => Icon::Gear,
                ActionKind::ScheduleChanged => Icon::Clock,
                ActionKind::OwnerChanged => Icon::Mail,
                ActionKind::SecretReplaced => Icon::Key,
                ActionKind::SwitchedOn | ActionKind::Enabled => Icon::Play,
                ActionKind::SwitchedOff => Icon::Pause,
                ActionKind::WebhookAdded => Icon::Plus,
                ActionKind::StartedFresh => Icon::Repeat,
                ActionKind::Disabled | ActionKind::Gone => Icon::Stop,
            },
        }
    }

    pub(crate) fn mood(&self) -> Mood {
        match &self.what {
            What::Sent(row) => row.mood(),
            What::Done(kind) => match kind {
                ActionKind::Disabled | ActionKind::Gone => Mood::Bad,
                ActionKind::SwitchedOn | ActionKind::Enabled | ActionKind::StartedFresh => Mood::Good,
                ActionKind::UrlChanged
                | ActionKind::ConcurrencyChanged
                | ActionKind::SwitchedOff
                | ActionKind::WebhookAdded
                | ActionKind::ScheduleChanged
                | ActionKind::SuccessChanged
                | ActionKind::HeadersChanged
                | ActionKind::FilterChanged
                | ActionKind::OwnerChanged
                | ActionKind::SecretReplaced => Mood::Calm,
            },
        }
    }

    pub(crate) fn words(&self) -> String {
        match &self.what {
            What::Sent(row) => row.words(),
            What::Done(kind) => match kind {
                ActionKind::UrlChanged => "The webhook URL was changed",
                ActionKind::ConcurrencyChanged => "The number of requests at a time was changed",
                ActionKind::SwitchedOn => "The webhook was switched on",
                ActionKind::SwitchedOff => "The webhook was switched off",
                ActionKind::WebhookAdded => "Another webhook was added",
                ActionKind::ScheduleChanged => "The aggregation granularity or its clock was changed",
                ActionKind::SuccessChanged => "What counts as a success was changed",
                ActionKind::HeadersChanged => "The headers of your own were changed",
                ActionKind::FilterChanged => "Which messages it gets was changed",
                ActionKind::OwnerChanged => "The owner’s e-mail was changed",
                ActionKind::SecretReplaced => "The signing secret was replaced",
                ActionKind::Enabled => "Enabled; what was held goes out",
                ActionKind::StartedFresh => "Enabled with a fresh start; what was held is dropped",
                ActionKind::Disabled => "Disabled after too many errors in a row",
                ActionKind::Gone => "Disabled: the receiver answered 410 Gone",
            }
            .to_owned(),
        }
    }
}
