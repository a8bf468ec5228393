//! The ingest function's URL on this machine: whatever is called there goes to the function as it came, but for
//! `GET /clock`, which answers with what the clock shows. It answers nothing else by itself.

use crate::world::{Called, World};
use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    response::Response,
    routing,
};
use bundler::{limits, ports::Clock as _};
use std::{future::poll_fn, pin::Pin, sync::Arc};
use tokio::net::TcpListener;

/// Serves in the background until the process ends.
pub(crate) fn start(listener: TcpListener, world: Arc<World>) {
    let router = Router::new().route("/clock", routing::get(clock)).fallback(ingest).with_state(world);
    tokio::spawn(async move { axum::serve(listener, router).await });
}

async fn clock(State(world): State<Arc<World>>) -> String {
    world.clock.now().article()
}

async fn ingest(State(world): State<Arc<World>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let header = |(name, value): (&HeaderName, &HeaderValue)| Some((name.to_string(), value.to_str().ok()?.to_owned()));
    let headers = head.headers.iter().filter_map(header).collect();
    let body = read(body, limits::REQUEST_BODY_BYTES).await;
    let (method, path, query) = (head.method.as_str(), head.uri.path(), head.uri.query().unwrap_or_default());
    let reply = world.ingest(Called { method, path, query, headers: &headers, body: &body }).await;
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).unwrap_or_default()
}

/// The body, or of one of more than `limit` bytes just so much that the function sees it is too long. The rest is read
/// and dropped: a caller that is cut off while it sends never gets to read the answer.
pub(crate) async fn read(mut body: Body, limit: usize) -> Vec<u8> {
    let mut read = Vec::new();
    while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        if let Ok(data) = frame.into_data() {
            let room = limit + 1 - read.len();
            read.extend_from_slice(&data[..data.len().min(room)]);
        }
    }
    read
}
