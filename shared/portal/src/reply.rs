//! What goes back: the core's plain replies as responses, what refuses a request, and what every response says to
//! browsers.

use crate::Visitor;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use bundler::{
    api::Reply,
    portal::{Denied, tries::TooMany},
    ports::PortError,
    problem::Problem,
    timestamp::Timestamp,
};

/// Why a request does not get what it wants.
pub(crate) enum Refused {
    /// It is told so.
    Problem(Problem),
    /// Who asks may not.
    Denied(Denied),
    /// Who asks has failed too often, at this moment.
    TooMany(TooMany, Timestamp),
    /// Trouble of ours.
    Trouble(PortError),
}

pub(crate) type Outcome = Result<Reply, Refused>;

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<PortError> for Refused {
    fn from(error: PortError) -> Self {
        Self::Trouble(error)
    }
}

pub(crate) fn refuse(status: u16, detail: impl Into<String>) -> Refused {
    Refused::Problem(Problem::new(status, detail))
}

impl Refused {
    pub(crate) fn reply(self) -> Reply {
        match self {
            Self::Problem(problem) => Reply::problem(&problem),
            Self::Denied(denied) => denied.reply(),
            Self::TooMany(too_many, now) => too_many.reply(now),
            Self::Trouble(error) => {
                let problem = Problem::new(503, format!("this did not work out, and may be tried again: {error}"));
                Reply::problem(&problem).with("retry-after", "1")
            }
        }
    }
}

/// The response that a reply is.
pub(crate) fn response(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        // Our own headers hold nothing that a header cannot.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}

/// What a browser is to do with whatever comes from here: run nothing, show it nowhere else, keep none of it, and tell
/// other sites nothing. `no-referrer` would have forms say `Origin: null`.
const GUARDS: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

/// Sets them on every response; over https, also that there is no other way from now on.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let is_https = request.extensions().get::<Visitor>().is_some_and(|it| it.site.origin().starts_with("https://"));
    let mut response = next.run(request).await;
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in GUARDS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // What is the same for everybody says itself how long it may be kept.
    headers.entry("cache-control").or_insert(HeaderValue::from_static("no-store"));
    if is_https {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(HeaderName::from_static("strict-transport-security"), year);
    }
    response
}
