//! The door that every request comes through, in one order: a source that has failed too often is turned away unread; then
//! it is decided who asks and what he may; only then is anything that he wants looked at. One line is logged for each
//! request: never a path, a query, a body or a header, which hold tokens and names.

use crate::{
    Portal, Ports, Visitor, pages,
    reply::{Outcome, Refused, refuse, response},
    routes::{Manner, Route},
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
    id::{WebhookId, WorkspaceId},
    limits,
    log::{Level, Line, Log},
    portal::{Access, Allowed, Credentials, Source, Wanted, authorise, csrf::Provenance, tries},
    ports::{Clock, PortError},
    signature::RootSecret,
    timestamp::Timestamp,
};
use serde_json::Value;
use std::{
    future::Future,
    pin::Pin,
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
    pub(crate) allowed: Allowed,
    pub(crate) body: Vec<u8>,
}

/// What a route does with a request. One type for all of them: what stands around it would otherwise be compiled again
/// for each route, some 6 KB.
type Handle<T> = Arc<dyn Fn(T) -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync>;

fn boxed<T, F, Fut>(handle: F) -> Handle<T>
where
    F: Fn(T) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send + 'static,
{
    Arc::new(move |asked| Box::pin(handle(asked)))
}

/// A page that asks for no credentials.
pub(crate) fn outside<P, F, Fut>(method: &'static str, path: &'static str, handle: F) -> Route<P>
where
    P: Ports,
    F: Fn(Caller<P>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send + 'static,
{
    open_to_all(method, path, boxed(handle))
}

fn open_to_all<P: Ports>(method: &'static str, path: &'static str, handle: Handle<Caller<P>>) -> Route<P> {
    let run = move |State(portal): State<Arc<Portal<P>>>, request: Request| {
        let handle = handle.clone();
        async move {
            let outcome = match listen(portal.clone(), request).await {
                Ok((caller, _)) => handle(caller).await,
                Err(refused) => Err(refused),
            };
            finish(&portal, Line::new(level(&outcome), "answered"), (method, path, Manner::Page), outcome)
        }
    };
    Route::new(method, path, (None, Manner::Api), on_method(method, run))
}

/// A route of the API within a workspace, for those who may.
pub(crate) fn inside<P, F, Fut>(method: &'static str, path: &'static str, access: Access, handle: F) -> Route<P>
where
    P: Ports,
    F: Fn(Visit<P>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send + 'static,
{
    within(method, path, (access, Manner::Api), boxed(handle))
}

/// A page of a workspace, or what one of its forms does, for those who may.
pub(crate) fn page<P, F, Fut>(method: &'static str, path: &'static str, access: Access, handle: F) -> Route<P>
where
    P: Ports,
    F: Fn(Visit<P>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send + 'static,
{
    within(method, path, (access, Manner::Page), boxed(handle))
}

fn within<P: Ports>(
    method: &'static str,
    path: &'static str,
    (access, manner): (Access, Manner),
    handle: Handle<Visit<P>>,
) -> Route<P> {
    let run = move |State(portal): State<Arc<Portal<P>>>, request: Request| {
        let handle = handle.clone();
        async move {
            // Only who was let in has named a workspace that is worth a word.
            let (workspace, outcome) = match enter(portal.clone(), request, (access, manner)).await {
                Ok(visit) => (Some(visit.workspace.clone()), handle(visit).await),
                Err(refused) => (None, Err(refused)),
            };
            let line = Line::new(level(&outcome), "answered");
            let line = match workspace {
                Some(workspace) => line.text("workspace.id", workspace.as_str()),
                None => line,
            };
            finish(&portal, line, (method, path, manner), outcome)
        }
    };
    Route::new(method, path, (Some(access), manner), on_method(method, run))
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
        "PUT" => MethodFilter::PUT,
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
    blocked.map_err(|too_many| Refused::TooMany(too_many, now))?;
    let places = request.extract_parts::<RawPathParams>().await;
    let places = places.map_err(|_| refuse(404, "the path is not UTF-8"))?;
    let places = places.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (Parts { uri, headers, .. }, body) = request.into_parts();
    let query = uri.query().unwrap_or_default().to_owned();
    Ok((Caller { portal, root, visitor, headers, query, now, places }, body))
}

/// Lets in who may do this in the workspace that the path names.
async fn enter<P: Ports>(
    portal: Arc<Portal<P>>,
    request: Request,
    (access, manner): (Access, Manner),
) -> Result<Visit<P>, Refused> {
    let (caller, body) = listen(portal, request).await?;
    // What no workspace can be called says nothing about those that there are.
    let workspace = WorkspaceId::parse(caller.place("workspace"));
    let workspace = workspace.map_err(|detail| refuse(404, format!("unknown workspace: its id {detail}")))?;
    // A page's form has its token in its body: that is read before it is known who sends it, as far as a body may go.
    let body = match manner {
        Manner::Api => Err(body),
        Manner::Page => Ok(whole(body).await?),
    };
    let form_token = body.as_ref().ok().and_then(|body| pages::field(body, "csrf"));
    let text = |name| caller.headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let cookies: Vec<&str> =
        caller.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).collect();
    let credentials = Credentials {
        authorization: text("authorization"),
        cookies: &cookies,
        from: Provenance {
            csrf_token: form_token.as_deref().or_else(|| text("x-csrf-token")),
            origin: text("origin"),
            fetch_site: text("sec-fetch-site"),
        },
    };
    let wanted = Wanted { workspace: &workspace, access };
    let allowed = match authorise(&caller.root, &caller.visitor.site, credentials, wanted, caller.now) {
        Ok(allowed) => allowed,
        Err(denied) if denied.is_guess() => return Err(caller.guessed().await.unwrap_or(Refused::Denied(denied))),
        Err(denied) => return Err(Refused::Denied(denied)),
    };
    let body = match body {
        Ok(body) => body,
        Err(body) => whole(body).await?,
    };
    Ok(Visit { caller, workspace, allowed, body })
}

async fn whole(body: Body) -> Result<Vec<u8>, Refused> {
    let body = to_bytes(body, limits::PORTAL_BODY_BYTES).await;
    let body = body.map_err(|_| refuse(413, format!("a body has at most {} bytes", limits::PORTAL_BODY_BYTES)))?;
    Ok(body.into())
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

    /// Counts a try that has failed: nothing, or that it was one too many.
    pub(crate) async fn guessed(&self) -> Option<Refused> {
        let source = Source::of(&self.root, self.visitor.address);
        match tries::failed(self.portal.ports.table(), source, self.now).await {
            Ok(Err(too_many)) => {
                let mut blocked = self.portal.blocked.lock().unwrap_or_else(PoisonError::into_inner);
                blocked.remember(source, too_many, self.now);
                Some(Refused::TooMany(too_many, self.now))
            }
            Ok(Ok(())) | Err(_) => None,
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
        Ok(reply) => reply.status,
        Err(Refused::Problem(problem)) => problem.status,
        Err(Refused::Denied(denied)) => denied.problem().status,
        Err(Refused::TooMany(..)) => 429,
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
    (method, path, manner): (&'static str, &'static str, Manner),
    outcome: Outcome,
) -> Response {
    let line = match &outcome {
        Err(Refused::Trouble(error)) => line.text("error", error.to_string()),
        Ok(_) | Err(Refused::Problem(_) | Refused::Denied(_) | Refused::TooMany(..)) => line,
    };
    let reply = outcome.unwrap_or_else(|refused| match manner {
        Manner::Api => refused.reply(),
        Manner::Page => pages::refused(refused, &portal.platform),
    });
    let line = line.text("http.method", method).text("http.route", path).number("http.status", reply.status);
    portal.ports.log().log(line);
    response(reply)
}
