//! What goes over the wire, as `openapi.json` describes it. No secret is in any of it but where it is made; a header's
//! value never is.

use crate::words;
use bundler::{
    attempt::{Attempt, Body, Response},
    event::{ChatKind, Direction},
    filter::Phone,
    health::{Health, State, Why},
    id::WebhookId,
    mail::Count,
    mask::MASK,
    recent::Happening,
    settings::{Revisions, Settings, SuccessRule, Switch},
    timestamp::Timestamp,
};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(crate) struct LinkView {
    pub(crate) url: String,
    pub(crate) expires_at: String,
}

#[derive(Serialize)]
pub(crate) struct Webhooks {
    pub(crate) webhooks: Vec<WebhookView>,
}

/// A webhook as its owner sees it.
#[derive(Serialize)]
pub(crate) struct WebhookView {
    webhook: String,
    url: String,
    enabled: bool,
    granularity: &'static str,
    time_zone: &'static str,
    daily_hour: u8,
    /// When the last change of these three begins; null, if it has.
    schedule_begins: Option<String>,
    success: SuccessRule,
    concurrency: u16,
    headers: BTreeMap<String, &'static str>,
    direction: Option<Direction>,
    chats: Option<ChatKind>,
    accounts: Vec<String>,
    owner_email: Option<String>,
    health: HealthView,
}

#[derive(Serialize)]
struct HealthView {
    state: &'static str,
    sentence: String,
    since: Option<String>,
    consecutive_errors: u32,
    next_try: Option<String>,
    disabled_because: Option<Why>,
    /// Whether messages that come are stored.
    stores: bool,
    last_error: Option<ErrorView>,
    /// Until then nothing is sent, because the concurrency was changed.
    settling_until: Option<String>,
    mail_refused: Option<MailView>,
}

#[derive(Serialize)]
struct ErrorView {
    at: String,
    class: &'static str,
    status: Option<u16>,
}

#[derive(Serialize)]
struct MailView {
    at: String,
    code: String,
}

impl WebhookView {
    pub(crate) fn of(webhook: &WebhookId, settings: &Settings, health: &Health, now: Timestamp) -> Self {
        let schedule = settings.schedule.last();
        Self {
            webhook: webhook.to_string(),
            url: settings.url.clone(),
            enabled: settings.switch == Switch::On,
            granularity: schedule.granularity.name(),
            time_zone: schedule.zone.name(),
            daily_hour: schedule.daily_hour.get(),
            schedule_begins: settings.schedule.begins_after(now).map(Timestamp::rfc3339),
            success: settings.success,
            concurrency: settings.concurrency,
            headers: settings.headers.iter().map(|(name, _)| (name.clone(), MASK)).collect(),
            direction: settings.filter.direction,
            chats: settings.filter.chats,
            accounts: settings.filter.accounts().iter().map(Phone::text).collect(),
            owner_email: settings.owner_email.clone(),
            health: HealthView::of(settings, health, now),
        }
    }
}

impl HealthView {
    fn of(settings: &Settings, health: &Health, now: Timestamp) -> Self {
        let (since, next_try, disabled_because, stopped) = match health.state {
            State::Healthy => (None, None, None, false),
            State::Failing { since, probe_at, probe: _ } => (Some(since), Some(probe_at), None, false),
            State::Draining { since, empty_since: _ } => (Some(since), None, None, false),
            State::Disabled { since, why, stopped } => (Some(since), None, Some(why), stopped),
        };
        let last_error = health.last_error.map(|error| ErrorView {
            at: error.at.rfc3339(),
            class: error.class.name(),
            status: error.status,
        });
        let mail_refused = health.mail_refused.as_ref();
        Self {
            state: words::state(settings, health),
            sentence: words::sentence(settings, health, now),
            since: since.map(Timestamp::rfc3339),
            consecutive_errors: health.consecutive_errors,
            next_try: next_try.map(Timestamp::rfc3339),
            disabled_because,
            stores: settings.switch == Switch::On && !stopped,
            last_error,
            settling_until: health.settling_until.filter(|_| health.is_settling(now)).map(Timestamp::rfc3339),
            mail_refused: mail_refused.map(|it| MailView { at: it.at.rfc3339(), code: it.code.clone() }),
        }
    }
}

/// What a person has to name who changes the webhook.
pub(crate) fn etag(revisions: Revisions) -> String {
    format!("\"{}.{}\"", revisions.settings, revisions.health)
}

#[derive(Serialize)]
pub(crate) struct Created {
    #[serde(flatten)]
    pub(crate) webhook: WebhookView,
    /// Shown this once.
    pub(crate) secret: String,
}

#[derive(Serialize)]
pub(crate) struct Secret {
    pub(crate) secret: String,
    /// Until then what signed before does so beside it.
    pub(crate) former_signs_until: String,
}

#[derive(Serialize)]
pub(crate) struct Activity {
    pub(crate) activity: Vec<HappeningView>,
    pub(crate) unreadable: u64,
}

/// A request, or something that was done about the webhook.
#[derive(Serialize)]
pub(crate) struct HappeningView {
    at: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Summary>,
}

/// A request without what was sent and what came back.
#[derive(Serialize)]
pub(crate) struct Summary {
    webhook_id: String,
    /// From 1.
    attempt: u32,
    part: usize,
    parts: usize,
    duration_ms: u64,
    status: Option<u16>,
    /// What kind of error it ended with; null, if the document was taken.
    error: Option<&'static str>,
    /// Why those of its files cannot be had that went out without a link.
    missing_files: Vec<&'static str>,
}

impl Summary {
    fn of(attempt: &Attempt) -> Self {
        Self {
            webhook_id: attempt.webhook_id(),
            attempt: attempt.document.attempt,
            part: attempt.document.part + 1,
            parts: attempt.document.parts,
            duration_ms: attempt.duration_ms,
            status: attempt.result.as_ref().ok().map(|response| response.status),
            error: attempt.error.map(bundler::attempt::ErrorClass::name),
            missing_files: attempt.missing_files.iter().map(|trouble| trouble.name()).collect(),
        }
    }
}

impl From<Happening> for HappeningView {
    fn from(happening: Happening) -> Self {
        let at = happening.at().rfc3339();
        match happening {
            Happening::Sent(attempt) => Self { at, kind: "request", request: Some(Summary::of(&attempt)) },
            Happening::Done(action) => Self { at, kind: action.kind.name(), request: None },
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Requests {
    /// Each a [`RequestView`], written already: what fits is counted by what it takes.
    pub(crate) requests: Vec<Box<RawValue>>,
    pub(crate) unreadable: u64,
}

/// A request, whole.
#[derive(Serialize)]
pub(crate) struct RequestView<'a> {
    started: String,
    #[serde(flatten)]
    summary: Summary,
    url: &'a str,
    request: MessageView<'a>,
    response: Option<MessageView<'a>>,
    /// Why there is no response, in plain words.
    failure: Option<&'a str>,
}

#[derive(Serialize)]
struct MessageView<'a> {
    headers: &'a [(String, String)],
    body: &'a str,
    encoding: &'static str,
    bytes: usize,
    /// Whether there was more of it than is kept.
    is_cut: bool,
}

impl<'a> MessageView<'a> {
    fn of(headers: &'a [(String, String)], body: &'a Body, is_cut: bool) -> Self {
        let (text, encoding) = written(body);
        Self { headers, body: text, encoding, bytes: body.len(), is_cut }
    }
}

/// A body as it may be shown, and how it is written.
pub(crate) fn written(body: &Body) -> (&str, &'static str) {
    match body {
        Body::Text(text) => (text, "text"),
        Body::Base64(text) => (text, "base64"),
        Body::Gathered { .. } | Body::LeftOut { .. } => ("", "left_out"),
    }
}

impl<'a> From<&'a Attempt> for RequestView<'a> {
    fn from(attempt: &'a Attempt) -> Self {
        let shown = |response: &'a Response| MessageView::of(&response.headers, &response.body, response.body_is_cut);
        Self {
            started: attempt.started.rfc3339(),
            summary: Summary::of(attempt),
            url: &attempt.url,
            request: MessageView::of(&attempt.request_headers, &attempt.request_body, false),
            response: attempt.result.as_ref().ok().map(shown),
            failure: attempt.result.as_ref().err().map(|failure| failure.detail.as_str()),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct HeldView {
    count: u64,
    /// Whether there are more than were counted.
    more: bool,
    oldest: Option<String>,
    /// What a person may do about them now.
    actions: &'static [&'static str],
}

impl HeldView {
    pub(crate) fn of(count: Count, oldest: Option<Timestamp>, actions: &'static [&'static str]) -> Self {
        let (count, more) = counted(count);
        Self { count, more, oldest: oldest.map(Timestamp::rfc3339), actions }
    }
}

/// How many were counted, and whether there are more.
pub(crate) fn counted(count: Count) -> (u64, bool) {
    match count {
        Count::Exactly(count) => (count, false),
        Count::MoreThan(count) => (count, true),
    }
}

#[derive(Serialize)]
pub(crate) struct Replayed {
    pub(crate) references: u64,
    pub(crate) gone: u64,
    pub(crate) unreadable: u64,
    pub(crate) after: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Enqueued {
    pub(crate) outcome: &'static str,
}

#[derive(Serialize)]
pub(crate) struct PreviewView {
    pub(crate) window_end: String,
    pub(crate) messages: usize,
    /// How many documents there are; the first of them follow, as many as fit.
    pub(crate) parts: usize,
    /// Each as its receiver would get it.
    pub(crate) documents: Vec<Box<RawValue>>,
    pub(crate) unreadable: u64,
}

#[derive(Serialize)]
pub(crate) struct Flushed {
    pub(crate) outcome: &'static str,
    /// What arrived until then goes out.
    pub(crate) arrived_until: Option<String>,
    /// When all of it goes out anyway.
    pub(crate) window_end: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct ErasedView {
    /// How many items.
    pub(crate) erased: u64,
    /// From where on it goes on; null, if that was all.
    pub(crate) after: Option<String>,
}
