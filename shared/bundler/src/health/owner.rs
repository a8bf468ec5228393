//! What a person does about a webhook: enabling it, switching it on, giving it another URL.

use super::{Health, NoticeKind, State};
use crate::{limits, timestamp::Timestamp};

/// What becomes of what is held when a webhook is enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enabling {
    /// It is delivered, oldest first.
    Deliver,
    /// It is dropped; what is gathering now goes out when it is due.
    StartFresh,
}

impl Health {
    /// The health of a webhook that a person enables, or switches on, with what is to become of what is held.
    #[must_use]
    pub fn enabled(&self, enabling: Enabling, now: Timestamp) -> Self {
        let mut next = self.anew(now);
        let kind = match enabling {
            Enabling::Deliver => NoticeKind::Enabled,
            Enabling::StartFresh => {
                next.dropped_until = Some(now);
                NoticeKind::StartedFresh
            }
        };
        if let State::Disabled { since, .. } = self.state {
            next.owe(kind, now, Some(since), self.consecutive_errors, None);
        }
        next
    }

    /// The health of a webhook whose concurrency a person changes: its lanes have other groups now, and wait until what
    /// may be under way in the old ones is over.
    #[must_use]
    pub fn regrouped(&self, now: Timestamp) -> Self {
        Self { settling_until: Some(now.plus(limits::SETTLING)), ..self.changed(now) }
    }

    /// The health of a webhook whose URL or concurrency a person changes: what it did at the old one says nothing.
    /// One that is disabled stays so.
    #[must_use]
    pub fn changed(&self, now: Timestamp) -> Self {
        match self.state {
            State::Disabled { .. } => Self { epoch: self.epoch + 1, ..self.clone() },
            State::Healthy | State::Failing { .. } | State::Draining { .. } => self.anew(now),
        }
    }

    fn anew(&self, now: Timestamp) -> Self {
        let state = State::Draining { since: now, empty_since: None };
        Self { state, epoch: self.epoch + 1, consecutive_errors: 0, last_error: None, ..self.clone() }
    }
}
