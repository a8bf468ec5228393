//! The demo receiver: a customer's endpoint on a port of the loopback interface. It verifies what it gets, shows
//! it, keeps it for the check, and answers 200; what is not signed as it should be gets 401. It never calls anybody.

use crate::{clock::Clock, screen::Screen, show, webhook::Webhook};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode},
};
use bundler::{
    ports::Clock as _,
    schedule::Schedule,
    settings::{History, Settings},
    signature::SigningSecret,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;

/// More than the largest document: 200 KiB of stored messages, each character written as six, and then as a note.
const BODY_BYTES: usize = 8 * 1_024 * 1_024;

/// Clones are the same receiver.
#[derive(Clone)]
pub(crate) struct Receiver(Arc<Inner>);

struct Inner {
    secrets: Vec<SigningSecret>,
    schedule: History<Schedule>,
    clock: Clock,
    screen: Screen,
    webhooks: Mutex<Vec<Webhook>>,
}

impl Receiver {
    /// Serves in the background until the process ends. What it gets has to be as the webhook's settings say.
    pub(crate) fn start(listener: TcpListener, settings: &Settings, clock: Clock, screen: Screen) -> Self {
        let (secrets, schedule) = (settings.secrets.clone(), settings.schedule.clone());
        let receiver = Self(Arc::new(Inner { secrets, schedule, clock, screen, webhooks: Mutex::default() }));
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// What has arrived so far, in the order of its arrival.
    pub(crate) fn webhooks(&self) -> MutexGuard<'_, Vec<Webhook>> {
        self.0.webhooks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn receive(State(receiver): State<Receiver>, request: Request<Body>) -> StatusCode {
    let (head, body) = request.into_parts();
    if head.method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    let Ok(body) = to_bytes(body, BODY_BYTES).await else { return StatusCode::PAYLOAD_TOO_LARGE };
    let Inner { secrets, schedule, clock, screen, webhooks: _ } = &*receiver.0;
    let webhook = Webhook::read(secrets, clock.now(), &head.headers, &body);
    screen.show(&format!("\n{}", show::card(&webhook, schedule, screen.paint())));
    let status = if webhook.signature.is_ok() { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
    receiver.webhooks().push(webhook);
    status
}
