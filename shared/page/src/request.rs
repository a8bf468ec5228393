//! Requests: a line of the list, and one opened with what was sent and what came back.

use crate::{
    curl,
    json::{self, Token},
    moment::{self, counted},
    words::{Icon, Mood},
};
use bundler::{
    attempt::Body,
    file::{Trouble, ended_link},
    timestamp::Timestamp,
};

/// A request in the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// Names it in its page's address; whatever the router finds it by.
    pub id: String,
    pub webhook_id: String,
    pub started: Timestamp,
    pub duration_ms: u64,
    /// Of the chat, for who looks.
    pub chat: String,
    /// From 1.
    pub attempt: u32,
    /// From 1.
    pub part: usize,
    pub parts: usize,
    pub status: Option<u16>,
    /// What went wrong, a sentence in plain words; nothing, if it was taken.
    pub error: Option<String>,
    /// Why those of its files cannot be had that went out without a link.
    pub missing_files: Vec<Trouble>,
}

/// A request and its answer, whole.
#[derive(Debug, Clone)]
pub struct Tried {
    pub row: Row,
    pub url: String,
    /// Their secrets masked.
    pub headers: Vec<(String, String)>,
    pub body: Body,
    pub answer: Option<Answer>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub headers: Vec<(String, String)>,
    pub body: Body,
    pub is_cut: bool,
}

impl Row {
    pub(crate) fn is_taken(&self) -> bool {
        self.error.is_none()
    }

    pub(crate) fn mood(&self) -> Mood {
        if self.is_taken() { Mood::Good } else { Mood::Bad }
    }

    pub(crate) fn icon(&self) -> Icon {
        if self.is_taken() { Icon::Check } else { Icon::Cross }
    }

    /// `200`, or that there was no answer.
    pub(crate) fn result(&self) -> String {
        self.status.map_or_else(|| "No answer".to_owned(), |status| status.to_string())
    }

    pub(crate) fn words(&self) -> String {
        let result = if self.is_taken() { "Delivered" } else { "Not delivered" };
        // The name may run from right to left: it is kept apart from the words around it.
        let chat = format!("\u{2068}{}\u{2069}", self.chat);
        let rest = self.error.clone().into_iter().chain(self.missing().map(|missing| format!("{missing}.")));
        rest.fold(format!("{result}: {chat}"), |words, more| format!("{}. {more}", words.trim_end_matches('.')))
    }

    /// `2 files could not be had`.
    pub(crate) fn missing(&self) -> Option<String> {
        let files = self.missing_files.len() as u64;
        (files > 0).then(|| format!("{} could not be had", counted(files, "file", "files")))
    }

    pub(crate) fn duration(&self) -> String {
        moment::duration(self.duration_ms)
    }

    /// Nothing of an ordinary first request with the whole delivery.
    pub(crate) fn remark(&self) -> Option<String> {
        let attempt = (self.attempt > 1).then(|| format!("attempt {}", self.attempt));
        let part = (self.parts > 1).then(|| format!("part {} of {}", self.part, self.parts));
        let all: Vec<_> = attempt.into_iter().chain(part).chain(self.missing()).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// As the form sends it back.
    pub(crate) fn sent_at(&self) -> String {
        self.started.rfc3339()
    }
}

impl Tried {
    pub(crate) fn mood(&self) -> Mood {
        self.row.mood()
    }

    pub(crate) fn test_sentence(&self) -> String {
        let duration = self.row.duration();
        match (&self.row.error, self.row.status) {
            (None, Some(status)) => format!("The test was taken: status {status} in {duration}."),
            (None, None) => format!("The test was taken in {duration}."),
            (Some(error), _) => format!("The test was not taken after {duration}. {error}"),
        }
    }

    /// Whether its document names files that can be had: their links are kept as ended ones.
    pub(crate) fn has_files(&self) -> bool {
        match &self.body {
            Body::Text(text) => text.contains(&ended_link("")),
            Body::Base64(_) | Body::Gathered { .. } | Body::LeftOut { .. } => false,
        }
    }

    pub(crate) fn curl(&self) -> String {
        curl::line(&self.url, &self.headers, &self.body)
    }

    pub(crate) fn curl_reads_a_file(&self) -> bool {
        self.curl().ends_with(curl::FILE)
    }
}

/// A body as it is shown.
pub(crate) enum Shown {
    Tokens(Vec<Token>),
    /// Why there is nothing to be seen.
    Words(String),
}

pub(crate) fn shown(body: &Body) -> Shown {
    match body {
        Body::Text(text) if text.is_empty() => Shown::Words("Empty.".to_owned()),
        Body::Text(text) => Shown::Tokens(json::laid_out(text)),
        Body::Base64(text) => {
            let bytes = moment::size(body.len());
            Shown::Tokens(vec![Token { is_name: false, text: format!("{bytes} that are no text, as base64:\n{text}") }])
        }
        Body::Gathered { bytes, .. } | Body::LeftOut { bytes } => Shown::Words(format!(
            "{} were sent. They are no longer kept, because the messages that they were made of are gone.",
            counted(*bytes as u64, "byte", "bytes")
        )),
    }
}

pub(crate) fn size(body: &Body) -> String {
    moment::size(body.len())
}
