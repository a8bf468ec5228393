//! What a webhook's answers have made of it, and whether it is sent to: decisions alone. Nothing here asks, writes or
//! reads a clock; whoever asks writes what it returns if the health is still what was read.
//!
//! ```text
//!                 an error              11 errors in a row, or 410 Gone
//! ┌─────────┐ ──────────────▶ ┌─────────┐ ─────────────────────────────▶ ┌──────────┐
//! │ healthy │                 │ failing │ ◀─┐ an error: a longer wait    │ disabled │
//! └─────────┘ ◀─┐             └─────────┘ ──┘                            └──────────┘
//!      │        │ nothing waits    │ ▲                                     ▲     │
//!      │        │ for 15 minutes   │ │ an error                   410 Gone │     │ a person
//!      │        │        a success ▼ │                                     │     │ enables it
//!      │        │             ┌──────────┐ ────────────────────────────────┘     │
//!      │        └──────────── │ draining │ ◀─────────────────────────────────────┘
//!      └────────────────────▶ └──────────┘
//!       another URL, switched on
//! ```
//!
//! *Failing*: nothing is sent but a probe when its wait is over. *Draining*: what was held goes out, oldest first.
//! *Disabled*: everything is held until a person enables it. "Off" is the owner's own switch, and no state of health.

mod admission;
mod owner;
mod patience;
#[cfg(test)]
mod tests;

use crate::{attempt::ErrorClass, limits, timestamp::Timestamp};
use serde::{Deserialize, Serialize};

pub use admission::{Admission, Group, Waiting, Wish, admit};
pub use owner::Enabling;
pub use patience::{Patience, jitter};

/// A webhook's health. One that has never failed has no such item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub state: State,
    /// Rises with every change of URL or concurrency, switching on, enabling and disabling: results of an older one do
    /// not count.
    pub epoch: u64,
    pub consecutive_errors: u32,
    /// Rises with every counted error.
    pub error_sequence: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<LastError>,
    /// What the owner has to be told and was not told yet, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owed: Vec<Notice>,
    /// What became due until then was dropped by the owner's own choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped_until: Option<Timestamp>,
    /// Nothing is attempted before: requests in the queue's groups of another concurrency may be under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settling_until: Option<Timestamp>,
    /// The owner's address did not take the last e-mail: at once, or as was heard of later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_refused: Option<MailRefused>,
    /// Of the item: whoever writes it names the one that was read, and it rises.
    #[serde(skip)]
    pub revision: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    #[default]
    Healthy,
    Failing {
        /// The first error of the row.
        since: Timestamp,
        /// Nothing is sent before.
        probe_at: Timestamp,
        /// The last probe that was claimed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        probe: Option<Probe>,
    },
    Draining {
        since: Timestamp,
        /// Since when nothing was found that waits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        empty_since: Option<Timestamp>,
    },
    Disabled {
        since: Timestamp,
        why: Why,
        /// It was for so long that nothing more is stored for it.
        #[serde(default)]
        stopped: bool,
    },
}

/// A probe that somebody sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// The delivery's `webhook-id`.
    pub delivery: String,
    /// Whoever claimed it is done by then, or dead.
    pub until: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// Too many errors in a row.
    Errors,
    /// The receiver answered 410.
    Gone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastError {
    pub at: Timestamp,
    pub class: ErrorClass,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// An e-mail to the owner, with what was the case when it became owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub epoch: u64,
    pub kind: NoticeKind,
    pub at: Timestamp,
    pub errors: u32,
    /// The first error of the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<LastError>,
    /// When the webhook is tried next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeKind {
    /// It has failed several times in a row.
    Warning,
    /// It is disabled.
    Disabled,
    /// It takes deliveries again, after its owner was warned.
    Recovered,
    /// A person has enabled it, and what was held goes out.
    Enabled,
    /// A person has enabled it, and what was held is dropped.
    #[serde(rename = "fresh")]
    StartedFresh,
    /// It was disabled for so long that nothing more is stored.
    Stopped,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRefused {
    pub at: Timestamp,
    /// The mail service's error code.
    pub code: String,
}

/// What a notice has shown about the owner's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The mail service took an e-mail that it was handed at this moment. Whether that arrives is heard later.
    Took(Timestamp),
    Refused(MailRefused),
    /// No e-mail was sent.
    Nothing,
}

/// What a request was begun under. Its result counts only if both are still the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    epoch: u64,
    error_sequence: u64,
}

/// How a request ended, as far as health goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Taken,
    NotTaken {
        class: ErrorClass,
        status: Option<u16>,
        /// The receiver asks not to be tried before.
        not_before: Option<Timestamp>,
    },
}

impl Verdict {
    /// The status by which a receiver says that it is gone for good (RFC 9110 section 15.5.11).
    pub(crate) const GONE: Option<u16> = Some(410);
}

impl Health {
    /// As it stands once it is written.
    #[must_use]
    pub fn risen(&self) -> Self {
        Self { revision: self.revision + 1, ..self.clone() }
    }

    pub fn seen(&self) -> Seen {
        Seen { epoch: self.epoch, error_sequence: self.error_sequence }
    }

    /// The health after a request that was begun under `seen` and has ended; nothing if it changes nothing. `jitter` is
    /// a number below 1,000.
    pub fn after(
        &self,
        seen: Seen,
        verdict: Verdict,
        now: Timestamp,
        patience: &Patience,
        jitter: u64,
    ) -> Option<Self> {
        if seen != self.seen() {
            return None;
        }
        match (verdict, &self.state) {
            (Verdict::Taken, State::Failing { since, .. }) => Some(self.recovered(*since, now, patience)),
            // Disabling begins an epoch: no request is begun under one that is disabled.
            (Verdict::Taken, State::Healthy | State::Draining { .. })
            | (Verdict::Taken | Verdict::NotTaken { .. }, State::Disabled { .. }) => None,
            (Verdict::NotTaken { .. }, State::Healthy | State::Draining { .. }) => {
                Some(self.failed(now, verdict, now, patience, jitter))
            }
            (Verdict::NotTaken { .. }, State::Failing { since, .. }) => {
                Some(self.failed(*since, verdict, now, patience, jitter))
            }
        }
    }

    fn recovered(&self, since: Timestamp, now: Timestamp, patience: &Patience) -> Self {
        let mut next = self.clone();
        next.state = State::Draining { since: now, empty_since: None };
        next.consecutive_errors = 0;
        // Who was not warned has nothing to be glad of.
        if patience.warn_at.is_some_and(|warn_at| self.consecutive_errors >= warn_at) {
            next.owe(NoticeKind::Recovered, now, Some(since), self.consecutive_errors, None);
        }
        next
    }

    fn failed(&self, since: Timestamp, verdict: Verdict, now: Timestamp, patience: &Patience, jitter: u64) -> Self {
        let Verdict::NotTaken { class, status, not_before } = verdict else { return self.clone() };
        let mut next = self.clone();
        next.consecutive_errors += 1;
        next.error_sequence += 1;
        next.last_error = Some(LastError { at: now, class, status });
        let errors = next.consecutive_errors;
        let why = match (status == Verdict::GONE, errors >= patience.disable_at) {
            (true, _) => Some(Why::Gone),
            (false, true) => Some(Why::Errors),
            (false, false) => None,
        };
        match why {
            Some(why) => {
                next.epoch += 1;
                next.state = State::Disabled { since: now, why, stopped: false };
                next.owe(NoticeKind::Disabled, now, Some(since), errors, None);
            }
            None => {
                let probe_at = patience.next(errors, now, not_before, jitter);
                let probe = match &self.state {
                    State::Failing { probe, .. } => probe.clone(),
                    State::Healthy | State::Draining { .. } | State::Disabled { .. } => None,
                };
                next.state =
                    State::Failing { since, probe_at, probe: probe.map(|probe| Probe { until: now, ..probe }) };
                if patience.warn_at == Some(errors) {
                    next.owe(NoticeKind::Warning, now, Some(since), errors, Some(probe_at));
                }
            }
        }
        next
    }

    fn owe(&mut self, kind: NoticeKind, at: Timestamp, since: Option<Timestamp>, errors: u32, next: Option<Timestamp>) {
        let last_error = self.last_error;
        self.owed.push(Notice { epoch: self.epoch, kind, at, errors, since, last_error, next });
    }

    /// The health with a probe claimed for `delivery`: until the request has ended, nobody else sends one.
    #[must_use]
    pub fn claimed(&self, delivery: &str, now: Timestamp) -> Self {
        let mut next = self.clone();
        if let State::Failing { probe, .. } = &mut next.state {
            *probe = Some(Probe { delivery: delivery.to_owned(), until: now.plus(limits::PROBE_LEASE) });
        }
        next
    }

    /// The health after a look at what waits; nothing if it changes nothing.
    pub fn looked_at(&self, waiting: Waiting, now: Timestamp) -> Option<Self> {
        let State::Draining { since, empty_since } = &self.state else { return None };
        let state = match (waiting, *empty_since) {
            (Waiting::Something, Some(_)) => State::Draining { since: *since, empty_since: None },
            (Waiting::Nothing, None) => State::Draining { since: *since, empty_since: Some(now) },
            (Waiting::Nothing, Some(empty)) if now >= empty.plus(limits::DRAINED) => State::Healthy,
            (Waiting::Something, None) | (Waiting::Nothing, Some(_)) => return None,
        };
        Some(Self { state, ..self.clone() })
    }

    /// The health of a webhook for which something is held that somebody has to look at: of one that nobody looks at.
    pub fn looked_after(&self, now: Timestamp) -> Option<Self> {
        match self.state {
            State::Healthy => Some(Self { state: State::Draining { since: now, empty_since: None }, ..self.clone() }),
            State::Draining { since, empty_since: Some(_) } => {
                Some(Self { state: State::Draining { since, empty_since: None }, ..self.clone() })
            }
            State::Draining { empty_since: None, .. } | State::Failing { .. } | State::Disabled { .. } => None,
        }
    }

    /// The health of a webhook that has been disabled for as long as what it misses is held; nothing before.
    pub fn stopped(&self, now: Timestamp) -> Option<Self> {
        match self.state {
            State::Disabled { since, why, stopped: false } if now >= since.plus(limits::HOLDING) => {
                let mut next = self.clone();
                next.state = State::Disabled { since, why, stopped: true };
                next.owe(NoticeKind::Stopped, now, Some(since), self.consecutive_errors, None);
                Some(next)
            }
            State::Disabled { .. } | State::Healthy | State::Failing { .. } | State::Draining { .. } => None,
        }
    }

    /// The health after a notice was sent, or was refused; it touches nothing that a request's result depends on.
    #[must_use]
    pub fn told(&self, notice: &Notice, heard: Heard) -> Self {
        let mut next = self.clone();
        next.owed.retain(|owed| owed != notice);
        match heard {
            // What is heard of an e-mail may be heard before it is marked as sent.
            Heard::Took(sent) => next.mail_refused = next.mail_refused.filter(|refused| refused.at >= sent),
            Heard::Refused(refused) => next.mail_refused = Some(refused),
            Heard::Nothing => {}
        }
        next
    }

    /// The health after an e-mail was refused that had been taken; it touches as little.
    #[must_use]
    pub fn bounced(&self, refused: MailRefused) -> Self {
        Self { mail_refused: Some(refused), ..self.clone() }
    }

    /// Whether what became due, or arrived, at `due` is not sent any more: it was dropped, or held for too long.
    pub fn is_over(&self, due: Timestamp, now: Timestamp) -> bool {
        self.dropped_until.is_some_and(|until| due <= until) || now >= due.plus(limits::HOLDING)
    }

    /// Whether requests in other groups may be under way.
    pub fn is_settling(&self, now: Timestamp) -> bool {
        self.settling_until.is_some_and(|until| now < until)
    }

    /// When somebody has to look at the webhook next; never, of one that nothing is to be done for.
    pub fn next_look(&self) -> Option<Timestamp> {
        if let Some(notice) = self.owed.first() {
            return Some(notice.at);
        }
        match self.state {
            State::Healthy | State::Disabled { stopped: true, .. } => None,
            State::Failing { probe_at, .. } => Some(probe_at),
            State::Draining { since, .. } => Some(since),
            State::Disabled { since, stopped: false, .. } => Some(since.plus(limits::HOLDING)),
        }
    }
}
