//! What happened to a webhook last, and its last requests, whole: as JSON, or as a table for a spreadsheet. What does not
//! fit one answer is cut between two requests, and the answer says where the rest is; or, for who wants it whole, it is
//! kept as a file, and the answer leads there.

use crate::{
    Ports, RandomBytes, csv,
    door::Visit,
    reply::{Outcome, Refused, refuse},
    show,
    view::{Activity, RequestView, Requests, written},
};
use bundler::{
    api::Reply,
    attempt::Attempt,
    id::push_hex,
    limits,
    ports::{File, KeepFile},
    recent,
    timestamp::Timestamp,
};
use serde_json::value::{RawValue, to_raw_value};

/// `GET …/activity`: the last ten.
pub(crate) async fn activity<P: Ports>(visit: Visit<P>) -> Outcome {
    let (id, _) = show::read(&visit).await?;
    let most = limits::RECENT_ACTIONS;
    let (happenings, unreadable) = recent::actions(visit.ports().table(), &visit.workspace, &id, most).await?;
    let activity = happenings.into_iter().map(Into::into).collect();
    Ok(Reply::json(200, &Activity { activity, unreadable }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

/// `GET …/requests`: the last hundred.
pub(crate) async fn requests<P: Ports>(visit: Visit<P>) -> Outcome {
    let (format, extent) = (format(&visit)?, extent(&visit)?);
    let (id, _) = show::read(&visit).await?;
    let (table, platform) = (visit.ports().table(), &visit.caller.portal.platform);
    let found = recent::attempts(table, &visit.workspace, &id, limits::LOG_ATTEMPTS, platform).await?;
    let rows = match visit.caller.parameter("before") {
        Some(place) => behind(&found.attempts, place)?,
        None => &found.attempts[..],
    };
    let most = match extent {
        Extent::Page => limits::PORTAL_ANSWER_BYTES,
        Extent::Whole => usize::MAX,
    };
    let (page, unreadable) = (Page::of(rows, format, most), found.unreadable);
    // It may be long: what it was made of is not kept beside it.
    drop(found.attempts);
    let name = format!("requests-{}-{id}.{}", visit.workspace, format.name());
    let before = page.before.clone();
    let reply = page.reply(format, unreadable, &name);
    if reply.body.len() > visit.ports().files().answer_bytes() && extent == Extent::Whole {
        return keep(&visit, name, reply).await;
    }
    let Some(before) = before else { return Ok(reply) };
    let path = format!("/v1/workspaces/{}/webhooks/{id}/requests", visit.workspace);
    Ok(reply.with("link", format!("<{path}?format={}&before={before}>; rel=\"next\"", format.name())))
}

/// Answers with where the file is that the reply has become.
async fn keep<P: Ports>(visit: &Visit<P>, name: String, reply: Reply) -> Outcome {
    let mut key = format!("{}/", visit.workspace);
    push_hex(&mut key, "", &visit.ports().random().random_bytes()?[..16]);
    let content_type = reply.headers.iter().find(|(name, _)| *name == "content-type");
    let content_type = content_type.map_or_else(String::new, |(_, value)| value.clone());
    let link = visit.ports().files().keep(File { key, name, content_type, body: reply.body }).await?;
    Ok(Reply { status: 303, headers: Vec::new(), body: Vec::new() }.with("location", link))
}

/// How much of the log is wanted in one answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Page,
    Whole,
}

fn extent<P: Ports>(visit: &Visit<P>) -> Result<Extent, Refused> {
    match visit.caller.parameter("whole") {
        Some("true") => Ok(Extent::Whole),
        Some("false") | None => Ok(Extent::Page),
        Some(_) => Err(refuse(400, "whole must be true or false")),
    }
}

/// The query goes before what the client would take.
fn format<P: Ports>(visit: &Visit<P>) -> Result<Format, Refused> {
    let accepts_csv = |accept: &str| accept.split([',', ';']).any(|it| it.trim().eq_ignore_ascii_case("text/csv"));
    let accept = visit.caller.headers.get("accept").and_then(|accept| accept.to_str().ok());
    match visit.caller.parameter("format") {
        Some("csv") => Ok(Format::Csv),
        Some("json") => Ok(Format::Json),
        Some(_) => Err(refuse(400, "format must be json or csv")),
        None if accept.is_some_and(accepts_csv) => Ok(Format::Csv),
        None => Ok(Format::Json),
    }
}

/// Where a request stands in the log. Needs no escaping in a query.
fn place(attempt: &Attempt) -> String {
    format!("{}~{}~{}", attempt.started.key(), attempt.webhook_id(), attempt.document.attempt)
}

/// What stands behind a place: of requests that came meanwhile none, whether that one is still among the last or not.
fn behind<'a>(attempts: &'a [Attempt], before: &str) -> Result<&'a [Attempt], Refused> {
    let started = before.split('~').next().and_then(Timestamp::parse_key);
    let started = started.ok_or_else(|| refuse(400, "before must be what an answer has said"))?;
    let there = attempts.iter().position(|attempt| place(attempt) == before).map(|index| index + 1);
    let from = there.or_else(|| attempts.iter().position(|attempt| attempt.started < started));
    Ok(&attempts[from.unwrap_or(attempts.len())..])
}

/// As many of the rows as fit, each written.
struct Page {
    rows: Vec<String>,
    /// The last of them, if there are more.
    before: Option<String>,
}

impl Page {
    /// The first is taken however long it is, so that there is an end to it.
    fn of(attempts: &[Attempt], format: Format, most: usize) -> Self {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        for (index, attempt) in attempts.iter().enumerate() {
            let row = match format {
                Format::Json => serde_json::to_string(&RequestView::from(attempt)).unwrap_or_default(),
                Format::Csv => line(attempt),
            };
            bytes += row.len() + 1;
            if bytes > most && index > 0 {
                return Self { rows, before: attempts.get(index - 1).map(place) };
            }
            rows.push(row);
        }
        Self { rows, before: None }
    }

    fn reply(self, format: Format, unreadable: u64, name: &str) -> Reply {
        match format {
            Format::Json => {
                let raw = |row| RawValue::from_string(row).or_else(|_| to_raw_value(&()));
                let requests = self.rows.into_iter().filter_map(|row| raw(row).ok()).collect();
                Reply::json(200, &Requests { requests, unreadable })
            }
            Format::Csv => {
                let body = format!("{}{}{}", csv::MARK, csv::line(&COLUMNS), self.rows.concat());
                let reply = Reply { status: 200, headers: Vec::new(), body: body.into_bytes() };
                let disposition = format!("attachment; filename=\"{name}\"");
                reply.with("content-type", "text/csv; charset=utf-8").with("content-disposition", disposition)
            }
        }
    }
}

const COLUMNS: [&str; 15] = [
    "started",
    "webhook_id",
    "attempt",
    "part",
    "duration_ms",
    "status",
    "error",
    "failure",
    "url",
    "request_headers",
    "request_body",
    "response_headers",
    "response_body",
    "response_is_cut",
    "missing_files",
];

fn line(attempt: &Attempt) -> String {
    let response = attempt.result.as_ref().ok();
    let headers = |headers: &[(String, String)]| {
        headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
    };
    csv::line(&[
        &attempt.started.rfc3339(),
        &attempt.webhook_id(),
        &attempt.document.attempt.to_string(),
        &format!("{} of {}", attempt.document.part + 1, attempt.document.parts),
        &attempt.duration_ms.to_string(),
        &response.map_or_else(String::new, |response| response.status.to_string()),
        attempt.error.map_or("", |error| error.name()),
        attempt.result.as_ref().err().map_or("", |failure| &failure.detail),
        &attempt.url,
        &headers(&attempt.request_headers),
        written(&attempt.request_body).0,
        &response.map_or_else(String::new, |response| headers(&response.headers)),
        response.map_or("", |response| written(&response.body).0),
        response.map_or("", |response| if response.body_is_cut { "yes" } else { "no" }),
        &attempt.missing_files.iter().map(|trouble| trouble.name()).collect::<Vec<_>>().join(" "),
    ])
}
