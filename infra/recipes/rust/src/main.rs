//! A receiver of Bundlehook's webhooks in Rust: verifies the signature, takes each `webhook-id` once, fetches the files.
//!
//! ```console
//! $ WEBHOOK_SECRET=whsec_… recipe_receiver PORT FOLDER
//! ```
//!
//! A document is kept as `FOLDER/<webhook-id>/document.json`, its files beside it; it is written last, so that it says
//! that all is done. Nothing is deleted, and no text, person, link or secret is ever printed.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a line for each document is what a receiver shows")]

mod files;
mod signature;

use axum::{
    Router,
    body::{Body, Bytes, HttpBody as _, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode},
};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use serde_json::Value;
use std::{
    collections::HashMap,
    env,
    error::Error,
    net::Ipv4Addr,
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::net::TcpListener;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// More than the largest document: its texts come twice, and each character may be written as several.
const BODY_BYTES: usize = 8 * 1_024 * 1_024;

struct Receiver {
    keys: Vec<Vec<u8>>,
    folder: PathBuf,
    client: reqwest::Client,
    /// What is being worked on: the same document, sent again meanwhile, waits for the same end.
    working: Mutex<HashMap<String, Shared<BoxFuture<'static, StatusCode>>>>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("recipe_receiver: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [port, folder] = arguments.as_slice() else { return Err("usage: recipe_receiver PORT FOLDER".into()) };
    let keys = signature::keys(&env::var("WEBHOOK_SECRET").unwrap_or_default())?;
    let receiver = Receiver { keys, folder: folder.into(), client: files::client()?, working: Mutex::default() };
    // TLS is the business of what stands before it.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.parse()?)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let router = Router::new().fallback(receive).with_state(Arc::new(receiver));
    Ok(axum::serve(listener, router).await?)
}

async fn receive(State(receiver): State<Arc<Receiver>>, request: Request<Body>) -> StatusCode {
    let (head, body) = request.into_parts();
    if head.method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    let length = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    if length.is_none_or(|length| length > BODY_BYTES) {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    let Ok(body) = to_bytes(body, BODY_BYTES).await else { return StatusCode::BAD_REQUEST };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let id = match signature::verify(&receiver.keys, &head.headers, &body, now) {
        Ok(id) => id.to_owned(),
        Err(status) => return status,
    };
    let work = {
        let mut working = receiver.working.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = || begin(Arc::clone(&receiver), id.clone(), body);
        working.entry(id.clone()).or_insert_with(begin).clone()
    };
    work.await
}

/// A task of its own: it goes on when the sender has stopped waiting, and what it sends next finds the work done.
fn begin(receiver: Arc<Receiver>, id: String, body: Bytes) -> Shared<BoxFuture<'static, StatusCode>> {
    let task = tokio::spawn(async move {
        let (status, line) = match take(&receiver, &id, &body).await {
            Ok(line) => (StatusCode::OK, line),
            // Whatever it is, it is tried again, with fresh links.
            Err(trouble) => (StatusCode::BAD_GATEWAY, format!("not taken: {trouble}")),
        };
        println!("{id} {line}");
        receiver.working.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        status
    });
    task.map(|ended| ended.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)).boxed().shared()
}

/// What there is to say of it.
async fn take(receiver: &Receiver, id: &str, body: &[u8]) -> Result<String> {
    let folder = receiver.folder.join(id);
    let done = folder.join("document.json");
    if tokio::fs::try_exists(&done).await? {
        return Ok("was here before".to_owned());
    }
    let document: Value = serde_json::from_slice(body)?;
    tokio::fs::create_dir_all(&folder).await?;
    let alone = document.get("message").map(std::slice::from_ref);
    let messages = document["messages"].as_array().map(Vec::as_slice).or(alone).unwrap_or_default();
    let mut line = format!("taken: {} messages", messages.len());
    for (number, message) in (1..).zip(messages) {
        if let Some(attachment) = message.get("attachment") {
            line.push_str(&files::keep(&receiver.client, attachment, number, &folder).await?);
        }
    }
    // Your own work with the document belongs here, before it is marked as done.
    files::write(&done, body).await?;
    Ok(line)
}
