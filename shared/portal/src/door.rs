//! The door that every request comes through, in one order: a source that has failed too often is turned away unread; then
//! it is decided who asks and what he may; only then is anything that he wants looked at. One line is logged for each
//! request: never a path, a query, a body or a header, which hold tokens and names.

use crate::{
    Portal, Ports, Visitor,
    reply::{Outcome, Refused, refuse, response},
    routes::Route,
};
use axum::{
    RequestExt,
    body::{Body, to_bytes},
    extract::{RawPathParams, Request, State},
    http::{HeaderMap, header, request::Parts},
    response::Response,
    routing::{MethodFilter, MethodRouter, on},
};
use bundler::{
    api::Reply,
    id::{WebhookId, WorkspaceId},
    limits,
    log::{Level, Line, Log},
    portal::{Access, Credentials, Source, Wanted, authorise, csrf::Provenance, tries},
    ports::{Clock, PortError},
    signature::RootSecret,
    timestamp::Timestamp,
};
use serde_json::Value;
use std::{
    future::Future,
    sync::{Arc, PoisonError},
};

/// A request that was listened to, and of which nobody knows yet who sends it.
pub(crate) struct Caller<P> {
    pub(crate) portal: Arc<Portal<P>>,
    pub(crate) root: RootSecret,
    pub(crate) visitor: Visitor,
    pub(crate) headers: HeaderMap,
    pub(crate) query: String,
    pub(crate) now: Timestamp,
    /// What stands in the path's places.
    places: Vec<(String, String)>,
}

/// A request that may do what it wants.
pub(crate) struct Visit<P> {
    pub(crate) caller: Caller<P>,
    pub(crate) workspace: WorkspaceId,
    pub(crate) body: Vec<u8>,
}

/// A route that asks for no credentials.
pub(crate) fn outside<P, F, Fut>(method: &'static str, path: &'static str, handle: F) -> Route<P>
where
    P: Ports,
    F: Fn(Caller<P>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send,
{
    let run = move |State(portal): State<Arc<Portal<P>>>, request: Request| {
        let handle = handle.clone();
        async move {
            let outcome = match listen(portal.clone(), request).await {
                Ok((caller, _)) => handle(caller).await,
                Err(refused) => Err(refused),
            };
            finish(&portal, Line::new(level(&outcome), "answered"), (method, path), outcome)
        }
    };
    Route::new(method, path, None, on_method(method, run))
}

/// A route within a workspace, for those who may.
pub(crate) fn inside<P, F, Fut>(method: &'static str, path: &'static str, access: Access, handle: F) -> Route<P>
where
    P: Ports,
    F: Fn(Visit<P>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send,
{
    let run = move |State(portal): State<Arc<Portal<P>>>, request: Request| {
        let handle = handle.clone();
        async move {
            // Only who was let in has named a workspace that is worth a word.
            let (workspace, outcome) = match enter(portal.clone(), request, access).await {
                Ok(visit) => (Some(visit.workspace.clone()), handle(visit).await),
                Err(refused) => (None, Err(refused)),
            };
            let line = Line::new(level(&outcome), "answered");
            let line = match workspace {
                Some(workspace) => line.text("workspace.id", workspace.as_str()),
                None => line,
            };
            finish(&portal, line, (method, path), outcome)
        }
    };
    Route::new(method, path, Some(access), on_method(method, run))
}

fn on_method<P, H, Fut>(method: &str, run: H) -> MethodRouter<Arc<Portal<P>>>
where
    P: Ports,
    H: Fn(State<Arc<Portal<P>>>, Request) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Response> + Send + 'static,
{
    let filter = match method {
        "GET" => MethodFilter::GET,
        "PATCH" => MethodFilter::PATCH,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::POST,
    };
    on(filter, run)
}

/// Turns away, unread, whoever has failed too often.
async fn listen<P: Ports>(portal: Arc<Portal<P>>, mut request: Request) -> Result<(Caller<P>, Body), Refused> {
    let now = portal.ports.clock().now();
    let Some(visitor) = request.extensions().get::<Visitor>().cloned() else {
        return Err(PortError { doing: "answering", code: "nobody says who visits".to_owned() }.into());
    };
    let root = portal.keys.read(portal.ports.secret(), now).await?;
    let source = Source::of(&root, visitor.address);
    let blocked = portal.blocked.lock().unwrap_or_else(PoisonError::into_inner).check(source, now);
    blocked.map_err(|too_many| Refused::Reply(too_many.reply(now)))?;
    let places = request.extract_parts::<RawPathParams>().await;
    let places = places.map_err(|_| refuse(404, "the path is not UTF-8"))?;
    let places = places.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (Parts { uri, headers, .. }, body) = request.into_parts();
    let query = uri.query().unwrap_or_default().to_owned();
    Ok((Caller { portal, root, visitor, headers, query, now, places }, body))
}

/// Lets in who may do this in the workspace that the path names.
async fn enter<P: Ports>(portal: Arc<Portal<P>>, request: Request, access: Access) -> Result<Visit<P>, Refused> {
    let (caller, body) = listen(portal, request).await?;
    // What no workspace can be called says nothing about those that there are.
    let workspace = WorkspaceId::parse(caller.place("workspace"));
    let workspace = workspace.map_err(|detail| refuse(404, format!("unknown workspace: its id {detail}")))?;
    let text = |name| caller.headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let cookies: Vec<&str> =
        caller.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).collect();
    let credentials = Credentials {
        authorization: text("authorization"),
        cookies: &cookies,
        from: Provenance {
            csrf_token: text("x-csrf-token"),
            origin: text("origin"),
            fetch_site: text("sec-fetch-site"),
        },
    };
    let wanted = Wanted { workspace: &workspace, access };
    match authorise(&caller.root, &caller.visitor.site, credentials, wanted, caller.now) {
        Ok(_) => {}
        Err(denied) if denied.is_guess() => return Err(Refused::Reply(caller.guessed(denied.reply()).await)),
        Err(denied) => return Err(Refused::Reply(denied.reply())),
    }
    let body = to_bytes(body, limits::PORTAL_BODY_BYTES).await;
    let body = body.map_err(|_| refuse(413, format!("a body has at most {} bytes", limits::PORTAL_BODY_BYTES)))?;
    Ok(Visit { workspace, body: body.into(), caller })
}

impl<P: Ports> Caller<P> {
    /// What stands in a place of the path, decoded.
    pub(crate) fn place(&self, name: &str) -> &str {
        self.places.iter().find(|(place, _)| place == name).map_or("", |(_, value)| value)
    }

    /// A parameter of the query, as it was sent: those that we know need no escaping.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, it)| it)
    }

    /// The answer to a try that has failed: what is said of it, or that it was one too many.
    pub(crate) async fn guessed(&self, reply: Reply) -> Reply {
        let source = Source::of(&self.root, self.visitor.address);
        match tries::failed(self.portal.ports.table(), source, self.now).await {
            Ok(Err(too_many)) => {
                let mut blocked = self.portal.blocked.lock().unwrap_or_else(PoisonError::into_inner);
                blocked.remember(source, too_many, self.now);
                too_many.reply(self.now)
            }
            Ok(Ok(())) | Err(_) => reply,
        }
    }
}

impl<P: Ports> Visit<P> {
    pub(crate) fn ports(&self) -> &P {
        &self.caller.portal.ports
    }

    /// The webhook that the path names; whether there is one is seen when it is read.
    pub(crate) fn webhook(&self) -> Result<WebhookId, Refused> {
        WebhookId::parse(self.caller.place("webhook")).map_err(|_| no_webhook())
    }

    /// The body, which has to be a JSON object.
    pub(crate) fn object(&self) -> Result<Value, Refused> {
        let content_type = self.caller.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !["application/json", "application/merge-patch+json"].iter().any(|it| it.eq_ignore_ascii_case(essence)) {
            return Err(refuse(415, "the body must be sent as application/json"));
        }
        let value: Value = serde_json::from_slice(&self.body).map_err(|error| {
            // serde's own words may repeat content: only where it stopped is told.
            refuse(400, format!("the body is not JSON: line {}, column {}", error.line(), error.column()))
        })?;
        if value.is_object() { Ok(value) } else { Err(refuse(422, "the body must be an object")) }
    }
}

/// There is none of that name, or none yet.
pub(crate) fn no_webhook() -> Refused {
    refuse(404, "there is no such webhook")
}

/// How much somebody has to look at what became of a request.
fn level(outcome: &Outcome) -> Level {
    let status = match outcome {
        Ok(reply) | Err(Refused::Reply(reply)) => reply.status,
        Err(Refused::Problem(problem)) => problem.status,
        Err(Refused::Trouble(_)) => return Level::Error,
    };
    match status {
        500.. => Level::Error,
        401 | 403 | 429 => Level::Warn,
        _ => Level::Info,
    }
}

/// Answers, and says so in one line.
fn finish<P: Ports>(
    portal: &Portal<P>,
    line: Line,
    (method, path): (&'static str, &'static str),
    outcome: Outcome,
) -> Response {
    let line = match &outcome {
        Err(Refused::Trouble(error)) => line.text("error", error.to_string()),
        Ok(_) | Err(Refused::Problem(_) | Refused::Reply(_)) => line,
    };
    let reply = outcome.unwrap_or_else(Refused::reply);
    let line = line.text("http.method", method).text("http.route", path).number("http.status", reply.status);
    portal.ports.log().log(line);
    response(reply)
}
