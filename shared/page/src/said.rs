//! What has become of what somebody did: the sentence at the top of the page that answers it.

use crate::{
    form::Difference,
    moment::{Clock, counted},
    request::Tried,
    words::{Icon, Mood, Sentence, is_none, number},
};
use bundler::{mail::Count, timestamp::Timestamp};

/// What has become of what somebody did.
#[derive(Debug, Clone)]
pub enum Said {
    /// A new webhook: its secret is shown this once.
    Added,
    /// A change of window or clock begins later.
    Saved {
        begins: Option<Timestamp>,
    },
    NothingChanged,
    /// What is wrong stands in the form.
    Refused,
    /// Somebody else has saved meanwhile. The form holds what was typed, and the new revision.
    Conflict(Vec<Difference>),
    Enabled {
        released: Count,
    },
    StartedFresh {
        dropped: Count,
    },
    SwitchedOn,
    SwitchedOff,
    /// The form's neighbour shows it, this once.
    SecretMade,
    Tested(Box<Tried>),
    SentAgain,
    Replayed {
        deliveries: u64,
        gone: u64,
        is_all: bool,
    },
    Flushed {
        chat: String,
    },
    /// A WhatsApp account.
    AccountRemoved,
    /// Nothing was done, and why: a sentence.
    NotDone(String),
}

impl Said {
    pub(crate) fn mood(&self) -> Mood {
        match self {
            Self::NothingChanged | Self::SwitchedOff | Self::Replayed { deliveries: 0, .. } => Mood::Calm,
            Self::Added
            | Self::Saved { .. }
            | Self::Enabled { .. }
            | Self::StartedFresh { .. }
            | Self::SwitchedOn
            | Self::SecretMade
            | Self::SentAgain
            | Self::Replayed { .. }
            | Self::Flushed { .. }
            | Self::AccountRemoved => Mood::Good,
            Self::Refused | Self::NotDone(_) => Mood::Bad,
            Self::Conflict(_) => Mood::Unsure,
            Self::Tested(tried) => tried.mood(),
        }
    }

    pub(crate) fn icon(&self) -> Icon {
        match self.mood() {
            Mood::Good => Icon::Check,
            Mood::Unsure => Icon::Warning,
            Mood::Bad => Icon::Cross,
            Mood::Calm => Icon::Info,
        }
    }

    pub(crate) fn sentence(&self, clock: Clock) -> Sentence {
        match self {
            Self::Added => Sentence::of(
                "Connected. Copy the signing secret now: it is shown this once. Then send a test to see how your receiver answers.",
            ),
            Self::Saved { begins: None } => Sentence::of("Saved."),
            Self::Saved { begins: Some(begins) } => Sentence::of("Saved. The new window begins at ")
                .at(clock.moment(*begins))
                .and("; until then messages gather as before."),
            Self::NothingChanged => Sentence::of("Saved. Nothing was different."),
            Self::Refused => Sentence::of("Not saved: please look at what is marked below."),
            Self::Conflict(_) => Sentence::of(
                "Not saved: somebody else has saved meanwhile. The form holds what you typed; save again to keep it.",
            ),
            Self::Enabled { released } if is_none(*released) => Sentence::of("Enabled. Nothing was waiting."),
            Self::Enabled { released } => {
                Sentence::of(format!("Enabled. What was held goes out now, the oldest first: {}.", said(*released)))
            }
            Self::StartedFresh { dropped } => {
                Sentence::of(format!("Enabled with a fresh start. Dropped: {}.", said(*dropped)))
            }
            Self::SwitchedOn => Sentence::of("Switched on. What was pending goes out, and new messages are taken."),
            Self::SwitchedOff => Sentence::of("Switched off. New messages are counted, and not stored."),
            Self::SecretMade => Sentence::of("A new signing secret is in force. Copy it now: it is shown this once."),
            Self::Tested(tried) => Sentence::of(tried.test_sentence()),
            Self::SentAgain => Sentence::of("On its way again, with the same id. Its answer will be in the requests."),
            Self::Replayed { deliveries, gone, is_all } => replayed(*deliveries, *gone, *is_all),
            Self::Flushed { chat } => {
                Sentence::of(format!("What \u{2068}{chat}\u{2069} has gathered so far goes out in about a minute."))
            }
            Self::AccountRemoved => Sentence::of(
                "Taken away. What comes through this number still goes out, with the number and without a name.",
            ),
            Self::NotDone(why) => Sentence::of(format!("Not done: {why}")),
        }
    }

    pub(crate) fn differences(&self) -> &[Difference] {
        match self {
            Self::Conflict(differences) => differences,
            Self::Added
            | Self::Saved { .. }
            | Self::NothingChanged
            | Self::Refused
            | Self::Enabled { .. }
            | Self::StartedFresh { .. }
            | Self::SwitchedOn
            | Self::SwitchedOff
            | Self::SecretMade
            | Self::Tested(_)
            | Self::SentAgain
            | Self::Replayed { .. }
            | Self::Flushed { .. }
            | Self::AccountRemoved
            | Self::NotDone(_) => &[],
        }
    }

    pub(crate) fn tried(&self) -> Option<&Tried> {
        match self {
            Self::Tested(tried) => Some(tried),
            Self::Added
            | Self::Saved { .. }
            | Self::NothingChanged
            | Self::Refused
            | Self::Conflict(_)
            | Self::Enabled { .. }
            | Self::StartedFresh { .. }
            | Self::SwitchedOn
            | Self::SwitchedOff
            | Self::SecretMade
            | Self::SentAgain
            | Self::Replayed { .. }
            | Self::Flushed { .. }
            | Self::AccountRemoved
            | Self::NotDone(_) => None,
        }
    }
}

fn said(count: Count) -> String {
    match count {
        Count::Exactly(1) => "1 delivery".to_owned(),
        Count::Exactly(_) | Count::MoreThan(_) => format!("{} deliveries", number(count)),
    }
}

fn replayed(deliveries: u64, gone: u64, is_all: bool) -> Sentence {
    let sent = match deliveries {
        0 => "No failed delivery was found to send again.".to_owned(),
        1 => "1 delivery goes out again, with its id.".to_owned(),
        _ => format!("{} go out again, with their ids.", counted(deliveries, "delivery", "deliveries")),
    };
    let gone = match gone {
        0 => String::new(),
        1 => " 1 more is gone: its messages are no longer kept.".to_owned(),
        _ => format!(" {} more are gone: their messages are no longer kept.", counted(gone, "delivery", "deliveries")),
    };
    let rest = if is_all { "" } else { " That was not all of the span yet: send the form again for the rest." };
    Sentence::of(format!("{sent}{gone}{rest}"))
}
