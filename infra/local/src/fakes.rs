//! Where upstreams have files, played on this machine: Meta's Graph API, Twilio's media, and a store that takes whoever has
//! the URL. Each asks for what the real one asks for, and serves what a library holds under an id. They know nothing of
//! who fetches, and make no calls.

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bundler::id::push_hex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{net::SocketAddr, sync::Arc};

/// A file as it is served.
#[derive(Clone)]
pub(crate) struct Media {
    pub(crate) mimetype: String,
    pub(crate) content: Vec<u8>,
}

/// What there is, by id.
pub(crate) type Library = Arc<dyn Fn(&str) -> Option<Media> + Send + Sync>;

#[derive(Clone)]
struct Fake {
    library: Library,
    /// The whole `Authorization` header that lets somebody in.
    authorization: String,
    /// Where it leads to.
    next: SocketAddr,
}

impl Fake {
    fn lets_in(&self, headers: &HeaderMap) -> bool {
        headers.get(header::AUTHORIZATION).is_some_and(|sent| sent.as_bytes() == self.authorization.as_bytes())
    }
}

/// The Graph API at `address`: a media id is answered with a URL, and both take the token (WhatsApp Cloud API, "Media").
pub(crate) fn graph(library: Library, token: &str, address: SocketAddr) -> Router {
    let fake = Fake { library, authorization: format!("Bearer {token}"), next: address };
    Router::new().route("/media/{id}", get(graph_content)).route("/{version}/{id}", get(graph_media)).with_state(fake)
}

async fn graph_media(State(fake): State<Fake>, path: Path<(String, String)>, headers: HeaderMap) -> Response {
    let Path((_, id)) = path;
    if !fake.lets_in(&headers) {
        return graph_error(StatusCode::UNAUTHORIZED, "Invalid OAuth access token");
    }
    let Some(Media { mimetype, content }) = (fake.library)(&id) else {
        return graph_error(StatusCode::NOT_FOUND, "There is no such media");
    };
    let mut sha256 = String::new();
    push_hex(&mut sha256, "", &Sha256::digest(&content));
    let url = format!("http://{}/media/{id}", fake.next);
    let told = json!({
        "messaging_product": "whatsapp", "url": url, "mime_type": mimetype, "sha256": sha256,
        "file_size": content.len(), "id": id,
    });
    told_in_json(StatusCode::OK, &told)
}

async fn graph_content(State(fake): State<Fake>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if fake.lets_in(&headers) { served(&fake, &id) } else { status(StatusCode::UNAUTHORIZED) }
}

fn graph_error(status: StatusCode, message: &str) -> Response {
    told_in_json(status, &json!({ "error": { "message": message, "type": "OAuthException", "code": 190 } }))
}

/// Twilio's media, which leads whoever has the account's credentials on to the store.
pub(crate) fn twilio(library: Library, account: &str, token: &str, store: SocketAddr) -> Router {
    let credentials = STANDARD.encode(format!("{account}:{token}"));
    let fake = Fake { library, authorization: format!("Basic {credentials}"), next: store };
    let path = "/2010-04-01/Accounts/{account}/Messages/{message}/Media/{id}";
    Router::new().route(path, get(twilio_media)).with_state(fake)
}

async fn twilio_media(State(fake): State<Fake>, path: Path<(String, String, String)>, headers: HeaderMap) -> Response {
    let Path((_, _, id)) = path;
    if !fake.lets_in(&headers) {
        return status(StatusCode::UNAUTHORIZED);
    }
    let location = format!("http://{}/files/{id}", fake.next);
    let moved = Response::builder().status(StatusCode::TEMPORARY_REDIRECT).header(header::LOCATION, location);
    moved.body(Body::empty()).unwrap_or_default()
}

/// A store: whoever has the URL gets the file. Credentials that are meant for somebody else are refused, as S3 does.
pub(crate) fn store(library: Library) -> Router {
    let fake = Fake { library, authorization: String::new(), next: ([127, 0, 0, 1], 0).into() };
    Router::new().route("/files/{id}", get(stored)).with_state(fake)
}

async fn stored(State(fake): State<Fake>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if headers.contains_key(header::AUTHORIZATION) { status(StatusCode::BAD_REQUEST) } else { served(&fake, &id) }
}

fn served(fake: &Fake, id: &str) -> Response {
    let Some(Media { mimetype, content }) = (fake.library)(id) else { return status(StatusCode::NOT_FOUND) };
    Response::builder().header(header::CONTENT_TYPE, mimetype).body(Body::from(content)).unwrap_or_default()
}

fn told_in_json(status: StatusCode, told: &Value) -> Response {
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    response.body(Body::from(told.to_string())).unwrap_or_default()
}

fn status(status: StatusCode) -> Response {
    Response::builder().status(status).body(Body::empty()).unwrap_or_default()
}
