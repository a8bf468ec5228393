//! How a webhook stands, in one sentence, with its colour and its sign.

use crate::{
    moment::{Clock, counted, grouped},
    words::{Icon, Mood, Sentence, deliveries_are, errors_in_a_row, is_none, number},
};
use bundler::{limits, mail::Count, timestamp::Timestamp};

/// How a webhook stands. The owner's switch goes before what its health says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is on and healthy, and nothing of late was taken.
    Ready,
    Working {
        days: u64,
        calls: u64,
        messages: u64,
    },
    Failing {
        since: Timestamp,
        errors: u32,
        next_try: Timestamp,
        held: Count,
    },
    /// What was held goes out.
    CatchingUp {
        since: Timestamp,
        held: Count,
    },
    Disabled {
        since: Timestamp,
        why: Disabling,
        held: Count,
    },
    Off {
        held: Count,
    },
    /// Disabled for so long that nothing is stored any more.
    Stopped {
        since: Timestamp,
        held: Count,
    },
}

/// What has disabled a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disabling {
    /// So many in a row.
    Errors(u32),
    /// Its receiver answered 410.
    Gone,
}

/// How long what is held is kept.
pub(crate) const HOLDING_DAYS: u64 = limits::HOLDING.as_secs() / limits::DAY_SECONDS;

impl State {
    /// In a word, for where there is no room for a sentence.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Working { .. } => "Working",
            Self::Failing { .. } => "Failing",
            Self::CatchingUp { .. } => "Catching up",
            Self::Disabled { .. } => "Disabled",
            Self::Off { .. } => "Switched off",
            Self::Stopped { .. } => "Stopped",
        }
    }

    pub(crate) fn mood(&self) -> Mood {
        match self {
            Self::Working { .. } => Mood::Good,
            Self::Failing { .. } | Self::CatchingUp { .. } => Mood::Unsure,
            Self::Disabled { .. } | Self::Stopped { .. } => Mood::Bad,
            Self::Ready | Self::Off { .. } => Mood::Calm,
        }
    }

    pub(crate) fn icon(&self) -> Icon {
        match self {
            Self::Ready => Icon::Play,
            Self::Working { .. } => Icon::Check,
            Self::Failing { .. } => Icon::Warning,
            Self::CatchingUp { .. } => Icon::Clock,
            Self::Disabled { .. } => Icon::Cross,
            Self::Off { .. } => Icon::Pause,
            Self::Stopped { .. } => Icon::Stop,
        }
    }

    /// The state in one sentence.
    pub(crate) fn sentence(&self, clock: Clock) -> Sentence {
        match self {
            Self::Ready => Sentence::of("Ready: nothing has been delivered yet"),
            Self::Working { days, calls, messages } => {
                let calls = counted(*calls, "call", "calls");
                let messages = counted(*messages, "message", "messages");
                Sentence::of(format!("Working: {calls} carried {messages} in {days} days"))
            }
            Self::Failing { since, errors, next_try, held: _ } => Sentence::of("Failing since ")
                .at(clock.moment(*since))
                .and(format!(": {}, next try ", errors_in_a_row(*errors)))
                .at(clock.moment(*next_try)),
            Self::CatchingUp { since: _, held } => {
                Sentence::of(format!("Catching up: {} going out, the oldest first", deliveries_are(*held)))
            }
            Self::Disabled { since, why, held } => {
                let why = match why {
                    Disabling::Errors(errors) => format!("after {}", errors_in_a_row(*errors)),
                    Disabling::Gone => "because its receiver answered 410 Gone".to_owned(),
                };
                Sentence::of("Disabled on ")
                    .at(clock.dated(*since))
                    .and(format!(" {why}; {} waiting", deliveries_are(*held)))
            }
            Self::Off { .. } => Sentence::of("Switched off: new messages are counted, and not stored"),
            Self::Stopped { since, .. } => Sentence::of("Stores nothing more: disabled since ").at(clock.dated(*since)),
        }
    }

    /// What follows from it for the owner.
    pub(crate) fn advice(&self, clock: Clock) -> Option<Sentence> {
        match self {
            Self::Ready => Some(Sentence::of(
                "Send a test to see how your receiver answers. What comes from now on goes out by itself.",
            )),
            Self::Working { .. } => None,
            Self::Failing { held, .. } => Some(Sentence::of(format!(
                "Nothing is lost: what comes due is held ({} so far) until your receiver works again, and then sent in \
                 order. To try at once, open a failed request and send it again.",
                number(*held)
            ))),
            Self::CatchingUp { since, .. } => Some(
                Sentence::of("Your receiver has worked again since ")
                    .at(clock.moment(*since))
                    .and(". What comes new waits until what is older is out."),
            ),
            Self::Disabled { .. } => Some(Sentence::of(format!(
                "Nothing is sent until it is enabled. Each delivery is kept for {HOLDING_DAYS} days."
            ))),
            Self::Off { held } if is_none(*held) => Some(Sentence::of("Nothing waits.")),
            Self::Off { held } => Some(Sentence::of(format!(
                "What was pending waits: {} held, and sent when you switch it on.",
                deliveries_are(*held)
            ))),
            Self::Stopped { .. } => Some(Sentence::of(format!(
                "After {HOLDING_DAYS} days without a receiver, new messages are not stored until it is enabled."
            ))),
        }
    }

    /// What waits for a choice, if the webhook can be enabled.
    pub(crate) fn to_enable(&self) -> Option<Count> {
        match self {
            Self::Disabled { held, .. } | Self::Stopped { held, .. } => Some(*held),
            Self::Ready | Self::Working { .. } | Self::Failing { .. } | Self::CatchingUp { .. } | Self::Off { .. } => {
                None
            }
        }
    }

    pub(crate) fn is_off(&self) -> bool {
        matches!(self, Self::Off { .. })
    }

    /// What waits because of the state, and how many of it.
    pub(crate) fn held(&self) -> Count {
        match self {
            Self::Failing { held, .. }
            | Self::CatchingUp { held, .. }
            | Self::Disabled { held, .. }
            | Self::Off { held }
            | Self::Stopped { held, .. } => *held,
            Self::Ready | Self::Working { .. } => Count::Exactly(0),
        }
    }
}

/// When an answer is a success, and when a webhook is disabled.
pub(crate) fn rule(any_2xx: bool, disable_at: u32) -> String {
    let success = if any_2xx { "status 200 to 299" } else { "status 200" };
    let most = grouped(disable_at.saturating_sub(1).into());
    format!(
        "An answer with {success} within {} seconds is a success; anything else is an error, \
         and after more than {most} errors in a row the webhook is disabled and you get an e-mail.",
        limits::REQUEST.as_secs()
    )
}
