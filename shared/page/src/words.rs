//! What a sentence on a page is made of: words and moments, and the colour and the sign that go with what it says.

use crate::moment::Moment;
use askama::{Template, filters::HtmlSafe};
use bundler::mail::Count;
use std::fmt;

/// Words with moments between them. Every word is escaped.
#[derive(Debug, Clone, Default, Template)]
#[template(
    source = "{% for piece in pieces %}{% match piece %}{% when Piece::Text(text) %}{{ text }}{% when Piece::Moment(moment) %}{{ moment }}{% endmatch %}{% endfor %}",
    ext = "html",
    escape = "html"
)]
pub(crate) struct Sentence {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Moment(Moment),
}

impl HtmlSafe for Sentence {}

impl Sentence {
    pub(crate) fn of(text: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Text(text.into())] }
    }

    pub(crate) fn at(mut self, moment: Moment) -> Self {
        self.pieces.push(Piece::Moment(moment));
        self
    }

    pub(crate) fn and(mut self, text: impl Into<String>) -> Self {
        self.pieces.push(Piece::Text(text.into()));
        self
    }
}

/// How good something is: its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Good,
    Unsure,
    Bad,
    Calm,
}

impl Mood {
    /// Of the style sheet.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unsure => "unsure",
            Self::Bad => "bad",
            Self::Calm => "calm",
        }
    }
}

/// A sign of `templates/icons.html`. It stands beside words that say the same, so it is hidden from who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    Check,
    Cross,
    Warning,
    Clock,
    Pause,
    Stop,
    Send,
    Gear,
    Key,
    Plus,
    Play,
    Info,
    Link,
    Mail,
    Download,
    Chat,
    Group,
    Shield,
    Repeat,
}

impl Icon {
    /// Of the symbol.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Cross => "cross",
            Self::Warning => "warning",
            Self::Clock => "clock",
            Self::Pause => "pause",
            Self::Stop => "stop",
            Self::Send => "send",
            Self::Gear => "gear",
            Self::Key => "key",
            Self::Plus => "plus",
            Self::Play => "play",
            Self::Info => "info",
            Self::Link => "link",
            Self::Mail => "mail",
            Self::Download => "download",
            Self::Chat => "chat",
            Self::Group => "group",
            Self::Shield => "shield",
            Self::Repeat => "repeat",
        }
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"#icon-{}\"/></svg>", self.name())
    }
}

impl HtmlSafe for Icon {}

/// `214`, `more than 1,000`.
pub(crate) fn number(count: Count) -> String {
    match count {
        Count::Exactly(number) => crate::moment::grouped(number),
        Count::MoreThan(number) => format!("more than {}", crate::moment::grouped(number)),
    }
}

/// `1 delivery is`, `214 deliveries are`.
pub(crate) fn deliveries_are(count: Count) -> String {
    match count {
        Count::Exactly(0) => "no deliveries are".to_owned(),
        Count::Exactly(1) => "1 delivery is".to_owned(),
        Count::Exactly(_) | Count::MoreThan(_) => format!("{} deliveries are", number(count)),
    }
}

pub(crate) fn is_none(count: Count) -> bool {
    count == Count::Exactly(0)
}

/// `1 error`, `3 errors in a row`.
pub(crate) fn errors_in_a_row(errors: u32) -> String {
    crate::moment::counted(errors.into(), "error", "errors in a row")
}
