//! What a mail says, before it is a text or a page: short sentences, and the facts in a list.
//! The only place that knows what each piece of news means to an owner.

use crate::{errors, quantities};
use bundler::{
    health::{LastError, Why},
    limits,
    mail::{Count, Letter, News, Recovery},
    note,
    timestamp::Timestamp,
};
use std::time::Duration;

/// A mail's words. No value in it holds a line break.
pub(crate) struct Words {
    /// The state in a sentence, without its full stop.
    pub(crate) subject: String,
    pub(crate) mood: Mood,
    pub(crate) opening: String,
    pub(crate) facts: Vec<(&'static str, String)>,
    pub(crate) advice: String,
    pub(crate) link: Option<String>,
    pub(crate) closing: String,
}

/// The state in a word, and its colour: on white, and behind white letters.
pub(crate) struct Mood {
    pub(crate) word: &'static str,
    pub(crate) colour: &'static str,
}

const BAD: &str = "#b42318";
const UNSURE: &str = "#b54708";
const GOOD: &str = "#067647";

const HOLDING_DAYS: u64 = limits::HOLDING.as_secs() / limits::DAY_SECONDS;

/// What a piece of news comes to.
struct Told {
    mood: Mood,
    /// The end of "Your webhook …".
    state: &'static str,
    opening: String,
    facts: Vec<(&'static str, String)>,
    advice: &'static str,
}

pub(crate) fn of(letter: &Letter) -> Words {
    let moment = |at: Timestamp| quantities::moment(at, letter.zone);
    let Told { mood, state, opening, mut facts, advice } = match letter.news {
        News::Warning { since, errors, last_error, next_try, disable_at } => {
            let mut facts = failing(moment(since), last_error);
            facts.push(("Tried next", moment(next_try)));
            facts.push(("Disabled after", quantities::errors_in_a_row(disable_at)));
            Told { facts, ..warning(errors) }
        }
        News::Disabled { since, why, errors, last_error, held } => {
            let mut facts = failing(moment(since), last_error);
            let held = quantities::deliveries(held);
            facts.push(("Held for you", format!("{held} so far. Each is kept for {HOLDING_DAYS} days.")));
            Told { facts, ..disabled(why, errors) }
        }
        News::Recovered { since, at, how } => {
            let facts = vec![("Out since", moment(since)), ("Back since", moment(at))];
            Told { facts, ..recovered(at.since(since), how) }
        }
        News::Stopped { disabled } => Told { facts: vec![("Disabled since", moment(disabled))], ..stopped() },
    };
    facts.push(("Webhook", format!("{} (workspace {})", letter.webhook, letter.workspace)));
    let platform = plain(&letter.platform);
    let host = letter.host.as_deref().map(plain).filter(|host| !host.is_empty());
    let webhook = host.map_or_else(|| format!("webhook {}", letter.webhook), |host| format!("webhook to {host}"));
    Words {
        subject: format!("Your {platform} {webhook} {state}"),
        mood,
        opening,
        facts,
        advice: advice.to_owned(),
        link: letter.settings_link.as_deref().filter(|link| is_link(link)).map(str::to_owned),
        closing: format!("You get this e-mail from {platform} because the webhook's settings name your address."),
    }
}

/// The facts of a webhook that fails.
fn failing(since: String, last_error: Option<LastError>) -> Vec<(&'static str, String)> {
    let last_error = last_error.map(|error| ("Last error", errors::sentence(error.class, error.status)));
    [("Failing since", since)].into_iter().chain(last_error).collect()
}

fn warning(errors: u32) -> Told {
    let errors = quantities::errors_in_a_row(errors);
    Told {
        mood: Mood { word: "Failing", colour: UNSURE },
        state: "is failing",
        opening: format!("It has had {errors}. Nothing is lost: what comes due is held until it works again."),
        facts: Vec::new(),
        advice: "Please look at the receiver. When it takes a delivery again, all that is held follows by itself.",
    }
}

fn disabled(why: Why, errors: u32) -> Told {
    let opening = match why {
        Why::Errors => {
            format!("It had {} and gets no more requests until you enable it.", quantities::errors_in_a_row(errors))
        }
        Why::Gone => "Its receiver asked for no more requests. It gets none until you enable it.".to_owned(),
    };
    Told {
        mood: Mood { word: "Disabled", colour: BAD },
        state: "is disabled",
        opening,
        facts: Vec::new(),
        advice: "When the receiver works again, enable the webhook in its settings. \
                 You choose there whether all that is held is delivered, in order, or whether to start fresh.",
    }
}

fn recovered(out: Duration, how: Recovery) -> Told {
    let (word, state) = match how {
        Recovery::TookADelivery { .. } => ("Working", "works again"),
        Recovery::Enabled { .. } | Recovery::StartedFresh => ("Enabled", "is enabled again"),
    };
    let sent = match how {
        Recovery::TookADelivery { released: Count::Exactly(0) } | Recovery::Enabled { released: Count::Exactly(0) } => {
            "No deliveries were held.".to_owned()
        }
        Recovery::TookADelivery { released } | Recovery::Enabled { released } => {
            let oldest = if released == Count::Exactly(1) { "" } else { ", the oldest first" };
            format!("{} being sent now{oldest}.", quantities::deliveries_are(released))
        }
        Recovery::StartedFresh => "What was held until then is not sent, as you chose.".to_owned(),
    };
    Told {
        mood: Mood { word, colour: GOOD },
        state,
        opening: format!("It was out for {}. {sent}", quantities::span(out)),
        facts: Vec::new(),
        advice: "There is nothing that you have to do.",
    }
}

fn stopped() -> Told {
    Told {
        mood: Mood { word: "Stopped", colour: BAD },
        state: "stores nothing more",
        opening: format!(
            "It has been disabled for {HOLDING_DAYS} days. Messages that come from now on are not stored for it, \
             and what is held is dropped as it becomes {HOLDING_DAYS} days old."
        ),
        facts: Vec::new(),
        advice: "To get messages again, enable the webhook in its settings. \
                 If you have no more use for it, there is nothing that you have to do.",
    }
}

/// A name as it may stand in a line, a subject above all: without breaks and control characters, and not too long.
fn plain(name: &str) -> String {
    let line = name.chars().filter_map(note::in_one_line).filter(|character| !character.is_control());
    let line: String = line.take(limits::MAIL_NAME_CHARS + 1).collect();
    match line.char_indices().nth(limits::MAIL_NAME_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Whether a link leads to a web page and is one word.
fn is_link(link: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| link.starts_with(scheme))
        && !link.chars().any(|character| {
            character.is_whitespace() || note::in_one_line(character).is_none() || character.is_control()
        })
}
