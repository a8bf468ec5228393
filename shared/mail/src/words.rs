//! What a mail says, before it is a text or a page: short sentences, and the facts in a list.
//! The only place that knows what each piece of news means to an owner.

use crate::{errors, quantities};
use bundler::{
    limits,
    mail::{Cause, Count, LastError, News, Notice, Recovery},
    note,
    timestamp::Timestamp,
};

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

/// What a piece of news comes to.
struct Told {
    mood: Mood,
    /// The end of "Your webhook …".
    state: &'static str,
    opening: String,
    facts: Vec<(&'static str, String)>,
    advice: &'static str,
    /// Goes on after a full stop.
    closing: &'static str,
}

pub(crate) fn of(notice: &Notice) -> Words {
    let moment = |at: Timestamp| quantities::moment(at, notice.zone);
    let Told { mood, state, opening, mut facts, advice, closing } = match &notice.news {
        News::Warning { since, errors, last_error, next_try, disabling_errors } => {
            warning(moment(*since), *errors, *last_error, moment(*next_try), *disabling_errors)
        }
        News::Disabled { since, cause, held } => disabled(moment(*since), *cause, *held),
        News::Recovered { since, at, how } => {
            let out = quantities::span(at.since(*since));
            let facts = vec![("Out since", moment(*since)), ("Back since", moment(*at))];
            Told { facts, ..recovered(&out, *how) }
        }
        News::Stopped { disabled } => stopped(moment(*disabled)),
    };
    facts.push(("Webhook", format!("{} (workspace {})", notice.webhook, notice.workspace)));
    let platform = plain(&notice.platform);
    let host = notice.host.as_deref().map(plain).filter(|host| !host.is_empty());
    let webhook = host.map_or_else(|| format!("webhook {}", notice.webhook), |host| format!("webhook to {host}"));
    Words {
        subject: format!("Your {platform} {webhook} {state}"),
        mood,
        opening,
        facts,
        advice: advice.to_owned(),
        link: notice.settings_link.as_deref().filter(|link| is_link(link)).map(str::to_owned),
        closing: format!(
            "You get this e-mail from {platform} because the webhook's settings name your address.{closing}"
        ),
    }
}

fn warning(since: String, errors: u32, last_error: LastError, next_try: String, disabling_errors: u32) -> Told {
    let errors = quantities::errors_in_a_row(errors);
    Told {
        mood: Mood { word: "Failing", colour: UNSURE },
        state: "is failing",
        opening: format!("It has had {errors}. Nothing is lost: what comes due is held until it works again."),
        facts: vec![
            ("Failing since", since),
            ("Last error", errors::sentence(last_error)),
            ("Tried next", next_try),
            ("Disabled after", quantities::errors_in_a_row(disabling_errors)),
        ],
        advice: "Please look at the receiver. When it takes a delivery again, all that is held follows by itself.",
        closing: " You can turn such warnings off there.",
    }
}

fn disabled(since: String, cause: Cause, held: Count) -> Told {
    let opening = match cause {
        Cause::Errors { errors, .. } => {
            format!("It had {} and gets no more requests until you enable it.", quantities::errors_in_a_row(errors))
        }
        Cause::Gone => "Its receiver answered 410 Gone, which asks for no more requests. \
                        It gets none until you enable it."
            .to_owned(),
    };
    let mut facts = vec![("Failing since", since)];
    match cause {
        Cause::Errors { last_error, .. } => facts.push(("Last error", errors::sentence(last_error))),
        Cause::Gone => {}
    }
    let days = limits::HOLDING.as_secs() / limits::DAY_SECONDS;
    facts.push(("Held for you", format!("{} so far. Each is kept for {days} days.", quantities::deliveries(held))));
    Told {
        mood: Mood { word: "Disabled", colour: BAD },
        state: "is disabled",
        opening,
        facts,
        advice: "When the receiver works again, enable the webhook in its settings. \
                 You choose there whether all that is held is delivered, in order, or whether to start fresh.",
        closing: "",
    }
}

/// Without its facts.
fn recovered(out: &str, how: Recovery) -> Told {
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
        opening: format!("It was out for {out}. {sent}"),
        facts: Vec::new(),
        advice: "There is nothing that you have to do.",
        closing: "",
    }
}

fn stopped(disabled: String) -> Told {
    let days = limits::HOLDING.as_secs() / limits::DAY_SECONDS;
    Told {
        mood: Mood { word: "Stopped", colour: BAD },
        state: "stores nothing more",
        opening: format!(
            "It has been disabled for {days} days. Messages that come from now on are not stored for it, \
             and what is held is dropped as it becomes {days} days old."
        ),
        facts: vec![("Disabled since", disabled)],
        advice: "To get messages again, enable the webhook in its settings. \
                 If you have no more use for it, there is nothing that you have to do.",
        closing: "",
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
