//! Where links to copies lead: as S3's presigned ones do, to a download under the file's own name, until the moment in the
//! link, which is one of the clock that everything here goes by. It shows no list, and takes nothing in.

use crate::world::World;
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{StatusCode, Uri, header},
    response::Response,
    routing::get,
};
use bundler::{
    file::{content_type, disposition},
    ports::Clock as _,
    upstream::form,
};
use std::{net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;

const PATH: &str = "/files";

/// What links begin with, whose endpoint is at `address`.
pub(crate) fn base(address: SocketAddr) -> String {
    format!("http://{address}{PATH}")
}

/// Serves in the background until the process ends.
pub(crate) fn start(listener: TcpListener, world: Arc<World>) {
    let router = Router::new().fallback(get(linked)).with_state(world);
    tokio::spawn(async move { axum::serve(listener, router).await });
}

async fn linked(State(world): State<Arc<World>>, uri: Uri) -> Response {
    serve(&world, &uri)
}

pub(crate) fn serve(world: &World, uri: &Uri) -> Response {
    let query = uri.query().unwrap_or_default();
    let said = |wanted: &str| form::pairs(query).find(|(name, _)| name == wanted).map(|(_, value)| value);
    let until: Option<u64> = said("until").and_then(|until| until.parse().ok());
    if until.is_none_or(|until| world.clock.now().seconds() >= until) {
        return status(StatusCode::FORBIDDEN);
    }
    let object = uri.path().strip_prefix(PATH).and_then(|path| path.strip_prefix('/')).unwrap_or_default();
    match world.files.object(object) {
        Ok(Some((mimetype, content))) => Response::builder()
            .header(header::CONTENT_TYPE, content_type(&mimetype))
            .header(header::CONTENT_DISPOSITION, disposition(&said("name").unwrap_or_default()))
            .body(Body::from(content))
            .unwrap_or_default(),
        Ok(None) => status(StatusCode::NOT_FOUND),
        Err(_) => status(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn status(status: StatusCode) -> Response {
    Response::builder().status(status).body(Body::empty()).unwrap_or_default()
}
