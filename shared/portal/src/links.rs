//! Portal links: who runs the deployment makes them, and who has one opens a session with it. A GET opens nothing, so that
//! no preview of a mail program uses a link up: it shows a button, and that does.

use crate::{
    Ports, RandomBytes,
    door::{Caller, Visit},
    fields::Fields,
    pages,
    reply::{Outcome, Refused, refuse},
    view::LinkView,
};
use bundler::{
    api::Reply,
    limits,
    portal::{Grant, Lifetime, Link, Nonce, Opening, SessionId, cookie, look, open},
    ports::Clock,
};
use page::{Small, paths};
use std::time::Duration;

/// `GET /portal/{token}`: the button, and whose settings it opens. A look opens nothing.
pub(crate) async fn page<P: Ports>(caller: Caller<P>) -> Outcome {
    let token = caller.place("token");
    match look(&caller.root, token, caller.now) {
        Ok(workspace) => {
            let landing = Small::Landing { workspace: workspace.to_string(), action: format!("/portal/{token}") };
            Ok(pages::small(200, landing, &caller.portal.platform))
        }
        Err(opening) => closed(&caller, &opening).await,
    }
}

/// `POST /portal/{token}`: opens the link, once, and leads to its workspace's page.
pub(crate) async fn follow<P: Ports>(caller: Caller<P>) -> Outcome {
    let origin = caller.headers.get("origin").map(|value| value.to_str().unwrap_or_default());
    if origin.is_some_and(|origin| origin != caller.visitor.site.origin()) {
        return Err(refuse(403, "the link was opened from another site"));
    }
    let ports = &caller.portal.ports;
    let id = SessionId(sixteen(ports.random().random_bytes()?));
    match open(ports.table(), &caller.root, caller.place("token"), id, caller.now).await? {
        Opening::Opened(session) => {
            let kept = cookie::set(&caller.visitor.site, &session.to_token(&caller.root), session.ends, caller.now);
            Ok(pages::lead_to(paths::workspace(session.workspace.as_str())).with("set-cookie", kept))
        }
        opening @ (Opening::Used | Opening::Expired | Opening::Invalid) => closed(&caller, &opening).await,
    }
}

/// What is said of a link that opens nothing.
async fn closed<P: Ports>(caller: &Caller<P>, opening: &Opening) -> Outcome {
    let (status, small) = match opening {
        Opening::Opened(_) | Opening::Used => (410, Small::LinkUsed),
        Opening::Expired => (410, Small::LinkExpired),
        Opening::Invalid => (404, Small::LinkInvalid),
    };
    match if opening.is_guess() { caller.guessed().await } else { None } {
        Some(too_many) => Err(too_many),
        None => Ok(pages::small(status, small, &caller.portal.platform)),
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
