//! Everything that may be asked for, in one list: the router is made of it, and tests hold it against the document.

use crate::{
    Portal, Ports, change, chats, create, door, gathered, held, links, log, pages, reply, show, traffic, trial,
    upstream,
};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use bundler::{api::Reply, portal::Access, problem::Problem};
use std::sync::Arc;

/// The API's description, by `OpenAPI` 3.1.
pub const DOCUMENT: &str = include_str!("../openapi.json");

/// How an answer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As the document describes it.
    Api,
    /// For who looks at it in a browser: it answers to forms, and refuses in sentences.
    Page,
}

/// One thing that may be asked for.
pub struct Route<P> {
    pub method: &'static str,
    /// As the document writes it.
    pub path: &'static str,
    /// What it does, and so who may; none, where nobody has to show anything.
    pub access: Option<Access>,
    pub manner: Manner,
    handler: MethodRouter<Arc<Portal<P>>>,
}

const WEBHOOKS: &str = "/v1/workspaces/{workspace}/webhooks";
const WEBHOOK: &str = "/v1/workspaces/{workspace}/webhooks/{webhook}";
const UPSTREAM: &str = "/v1/workspaces/{workspace}/upstream";
const HELD: &str = "/v1/workspaces/{workspace}/webhooks/{webhook}/held";
pub(crate) const LINK: &str = "/portal/{token}";

/// Every route. Their order says nothing.
pub fn routes<P: Ports>() -> Vec<Route<P>> {
    use Access::{Administer, Change, Read};
    let mut routes = vec![
        Route::new("GET", "/v1/openapi.json", (None, Manner::Api), get(document)),
        door::outside("GET", LINK, links::page),
        door::outside("POST", LINK, links::follow),
        door::inside("POST", "/v1/workspaces/{workspace}/portal-links", Administer, links::make),
        door::inside("GET", UPSTREAM, Read, upstream::show),
        door::inside("PUT", UPSTREAM, Change, upstream::put),
        door::inside("GET", WEBHOOKS, Read, show::all),
        door::inside("POST", WEBHOOKS, Change, create::create),
        door::inside("GET", WEBHOOK, Read, show::one),
        door::inside("PATCH", WEBHOOK, Change, change::patch),
        door::inside("POST", "/v1/workspaces/{workspace}/webhooks/{webhook}/secret", Change, change::rotate_secret),
        door::inside("POST", "/v1/workspaces/{workspace}/webhooks/{webhook}/enable", Change, change::enable),
        door::inside("POST", "/v1/workspaces/{workspace}/webhooks/{webhook}/test", Change, trial::test),
        door::inside("GET", "/v1/workspaces/{workspace}/webhooks/{webhook}/activity", Read, log::activity),
        door::inside("GET", "/v1/workspaces/{workspace}/webhooks/{webhook}/requests", Read, log::requests),
        door::inside("GET", "/v1/workspaces/{workspace}/webhooks/{webhook}/traffic", Read, traffic::show),
        door::inside("GET", HELD, Read, held::show),
        door::inside("POST", HELD, Change, held::decide),
        door::inside("POST", "/v1/workspaces/{workspace}/webhooks/{webhook}/resend", Change, held::resend),
        door::inside("POST", "/v1/workspaces/{workspace}/webhooks/{webhook}/replay", Change, held::replay),
        door::inside("GET", "/v1/workspaces/{workspace}/webhooks/{webhook}/chats", Read, gathered::list),
        door::inside("GET", "/v1/workspaces/{workspace}/webhooks/{webhook}/chats/{chat}/preview", Read, chats::preview),
        door::inside("POST", "/v1/workspaces/{workspace}/webhooks/{webhook}/chats/{chat}/flush", Change, chats::flush),
        door::inside("DELETE", "/v1/workspaces/{workspace}/chats/{chat}", Change, chats::erase),
    ];
    routes.extend(pages::routes());
    routes
}

/// The router of them all. Each request has to carry a [`Visitor`](crate::Visitor).
pub fn router<P: Ports>(portal: Arc<Portal<P>>) -> Router {
    let router = routes::<P>().into_iter().fold(Router::new(), |router, route| router.route(route.path, route.handler));
    router
        .fallback(nothing::<P>)
        .method_not_allowed_fallback(async || refuse(405, "the method is none of those that Allow names"))
        .layer(axum::middleware::from_fn(reply::guard))
        .with_state(portal)
}

impl<P> Route<P> {
    pub(crate) fn new(
        method: &'static str,
        path: &'static str,
        (access, manner): (Option<Access>, Manner),
        handler: MethodRouter<Arc<Portal<P>>>,
    ) -> Self {
        Self { method, path, access, manner, handler }
    }
}

async fn document() -> Response {
    (StatusCode::OK, [("content-type", "application/json")], DOCUMENT).into_response()
}

/// Who writes a path of the API is told about the API; anybody else, in a sentence.
async fn nothing<P: Ports>(State(portal): State<Arc<Portal<P>>>, uri: Uri) -> Response {
    if uri.path() == "/v1" || uri.path().starts_with("/v1/") {
        return refuse(404, "there is nothing at this path; see /v1/openapi.json");
    }
    reply::response(pages::refused(reply::refuse(404, ""), &portal.platform))
}

fn refuse(status: u16, detail: &str) -> Response {
    reply::response(Reply::problem(&Problem::new(status, detail)))
}
