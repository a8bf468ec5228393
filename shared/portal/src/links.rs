//! Portal links: who runs the deployment makes them, and who has one opens a session with it. A GET opens nothing, so that
//! no preview of a mail program uses a link up: it shows a button, and that does.

use crate::{
    Ports, RandomBytes,
    door::{Caller, Visit},
    fields::Fields,
    reply::{Outcome, Refused, refuse},
    view::LinkView,
};
use bundler::{
    api::Reply,
    limits,
    portal::{Grant, Lifetime, Link, Nonce, Opening, SessionId, cookie, open},
    ports::Clock,
};
use std::time::Duration;

/// The words of a page, between what every page has.
fn html(status: u16, body: &str) -> Reply {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>Webhook settings</title></head><body><main>\
         <h1>Webhook settings</h1>{body}</main></body></html>"
    );
    let headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
    Reply { status, headers, body: page.into_bytes() }
}

/// `GET /portal/{token}`: the button. It looks at nothing, and says the same to everybody.
pub(crate) async fn page<P: Ports>(_: Caller<P>) -> Outcome {
    Ok(html(200, "<form method=\"post\"><button>Open the settings</button></form>"))
}

/// `POST /portal/{token}`: opens the link, once, and leads to what the workspace has.
pub(crate) async fn follow<P: Ports>(caller: Caller<P>) -> Outcome {
    let origin = caller.headers.get("origin").map(|value| value.to_str().unwrap_or_default());
    if origin.is_some_and(|origin| origin != caller.visitor.site.origin()) {
        return Err(refuse(403, "the link was opened from another site"));
    }
    let ports = &caller.portal.ports;
    let id = SessionId(sixteen(ports.random().random_bytes()?));
    let opening = open(ports.table(), &caller.root, caller.place("token"), id, caller.now).await?;
    let words = html(410, &format!("<p>{}</p>", opening.sentence()));
    match &opening {
        Opening::Opened(session) => {
            let kept = cookie::set(&caller.visitor.site, &session.to_token(&caller.root), session.ends, caller.now);
            let page = format!("/v1/workspaces/{}/webhooks", session.workspace);
            let reply = Reply { status: 303, headers: Vec::new(), body: Vec::new() };
            Ok(reply.with("location", page).with("set-cookie", kept))
        }
        Opening::Used | Opening::Expired => Ok(words),
        Opening::Invalid => {
            let reply = Reply { status: 404, ..words };
            Ok(if opening.is_guess() { caller.guessed(reply).await } else { reply })
        }
    }
}

/// `POST /v1/workspaces/{workspace}/portal-links`: a link that opens this workspace, for so many minutes from now on. The
/// session that it opens lives as long.
pub(crate) async fn make<P: Ports>(visit: Visit<P>) -> Outcome {
    let (lifetime, grant) = wish(&visit)?;
    let (root, ports) = (&visit.caller.root, visit.ports());
    let now = ports.clock().now();
    let nonce = Nonce(sixteen(ports.random().random_bytes()?));
    let link = Link::new(visit.workspace.clone(), grant, lifetime, lifetime, now, nonce);
    let url = link.url(root, &visit.caller.visitor.site);
    Ok(Reply::json(201, &LinkView { url, expires_at: link.expires.rfc3339() }))
}

fn wish<P: Ports>(visit: &Visit<P>) -> Result<(Lifetime, Grant), Refused> {
    let body = visit.object()?;
    let mut fields = Fields::of(&body);
    let lifetime = fields.required("minutes", |value| {
        let seconds = value.as_u64().and_then(|minutes| minutes.checked_mul(60));
        let lifetime = seconds.and_then(|seconds| Lifetime::from_seconds(seconds).ok());
        lifetime.ok_or_else(|| format!("must be a whole number of minutes, {} to {}", minutes(LIFE.0), minutes(LIFE.1)))
    });
    let grant = fields.required("access", |value| match value.as_str() {
        Some("full") => Ok(Grant::Full),
        Some("read_only") => Ok(Grant::ReadOnly),
        Some(_) | None => Err("must be \"full\" or \"read_only\"".to_owned()),
    });
    fields.end(lifetime.zip(grant))
}

/// The shortest and the longest life of a link.
const LIFE: (Duration, Duration) = (limits::PORTAL_LIFE_MIN, limits::PORTAL_LIFE_MAX);

fn minutes(span: Duration) -> u64 {
    span.as_secs() / 60
}

/// As many bytes as an id of the door's has.
fn sixteen(bytes: [u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    half
}
