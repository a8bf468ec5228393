//! The demo receiver: a customer's endpoint on a port of the loopback interface. It verifies what it gets by the secrets
//! that its workspace's webhooks have, downloads the files in it at once, shows it, keeps it for the check, and answers 200;
//! what is not signed as it should be gets 401. `PUT /answer` with a status has it answer that instead. It calls nobody but
//! by the links of this process.

use crate::{
    download::{Client, Had},
    screen::Screen,
    show,
    upstream::WORKSPACE,
    webhook::Webhook,
    world::World,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode},
    routing,
};
use bundler::{
    id::{WebhookId, WorkspaceId},
    ports::{Clock as _, ReadWebhook},
    settings::Settings,
};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU16, Ordering},
};
use tokio::net::TcpListener;

/// More than the largest document: 200 KiB of stored messages, each character written as six, and then as a note.
const BODY_BYTES: usize = 8 * 1_024 * 1_024;

/// Clones are the same receiver.
#[derive(Clone)]
pub(crate) struct Receiver(Arc<Inner>);

struct Inner {
    world: Arc<World>,
    screen: Screen,
    client: Client,
    webhooks: Mutex<Vec<Webhook>>,
    /// The status that what is signed is answered with.
    answer: AtomicU16,
}

impl Receiver {
    /// Serves in the background until the process ends. Links to files begin with `links`.
    pub(crate) fn start(listener: TcpListener, world: Arc<World>, screen: Screen, links: &str) -> Result<Self, String> {
        let client = Client::new(links)?;
        let answer = AtomicU16::new(StatusCode::OK.as_u16());
        let receiver = Self(Arc::new(Inner { world, screen, client, webhooks: Mutex::default(), answer }));
        let router = Router::new().route("/answer", routing::put(set_answer)).fallback(receive);
        let router = router.with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(receiver)
    }

    /// What has arrived so far, in the order of its arrival.
    pub(crate) fn webhooks(&self) -> MutexGuard<'_, Vec<Webhook>> {
        self.0.webhooks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is signed is answered so from now on.
    pub(crate) fn answer(&self, status: StatusCode) {
        self.0.answer.store(status.as_u16(), Ordering::Relaxed);
    }
}

async fn receive(State(receiver): State<Receiver>, request: Request<Body>) -> StatusCode {
    let (head, body) = request.into_parts();
    if head.method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    let Ok(body) = to_bytes(body, BODY_BYTES).await else { return StatusCode::PAYLOAD_TOO_LARGE };
    let Inner { world, screen, client, webhooks: _, answer } = &*receiver.0;
    let now = world.clock.now();
    let settings = settings(world).await;
    let read = |settings: &Settings| (Webhook::read(&settings.secrets, now, &head.headers, &body), settings.clone());
    let signed = settings.iter().map(read).find(|(webhook, _)| webhook.signature.is_ok());
    let Some((mut webhook, settings)) = signed.or_else(|| settings.first().map(read)) else {
        return StatusCode::UNAUTHORIZED;
    };
    // What somebody else may have written is not followed.
    if webhook.signature.is_ok() {
        webhook.files = files(client, &webhook).await;
    }
    screen.show(&format!("\n{}", show::card(&webhook, &settings.schedule, screen.paint())));
    let told = StatusCode::from_u16(answer.load(Ordering::Relaxed)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let status = if webhook.signature.is_ok() { told } else { StatusCode::UNAUTHORIZED };
    receiver.webhooks().push(webhook);
    status
}

async fn files(client: &Client, webhook: &Webhook) -> Vec<Option<Had>> {
    let mut files = Vec::new();
    for message in webhook.messages() {
        files.push(match &message.attachment {
            Some(attachment) => Some(client.get(attachment.link.as_deref()).await),
            None => None,
        });
    }
    files
}

/// Of every webhook that the workspace has now: a customer learns of a secret when it is made.
async fn settings(world: &World) -> Vec<Settings> {
    let Ok(workspace) = WorkspaceId::parse(WORKSPACE) else { return Vec::new() };
    let mut names = vec![WebhookId::first()];
    let mut found = Vec::new();
    while let Some(name) = names.pop() {
        if let Ok(Some(webhook)) = world.table.read_webhook(&workspace, &name).await {
            names.extend(webhook.settings.others.clone());
            found.push(webhook.settings);
        }
    }
    found
}

async fn set_answer(State(receiver): State<Receiver>, body: String) -> StatusCode {
    match body.trim().parse().ok().and_then(|status| StatusCode::from_u16(status).ok()) {
        Some(status) if status.as_u16() >= 200 => receiver.answer(status),
        Some(_) | None => return StatusCode::BAD_REQUEST,
    }
    StatusCode::NO_CONTENT
}
