//! For tests: the sample taken in, and the webhooks that have to come of it when all goes well, to be spoilt.

use crate::{
    clock::Clock,
    document::{self, Message},
    download::{Download, Had},
    expected::{Expected, Way},
    sample, sample_files, secrets,
    stores::Stores,
    upstream::Kind,
    webhook::Webhook,
};
use bundler::{
    cache::SettingsCache,
    document::FileLink,
    event::Event,
    id::{WebhookId, WorkspaceId},
    ingest::Ingest,
    memory::{MemoryFiles, MemoryQueue, MemoryTable},
    settings::Settings,
    timestamp::Timestamp,
    window::{AggregationUnit, Granularity},
};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

/// A webhook that brings `body` and is signed as it should be.
pub(crate) fn webhook(arrived: Timestamp, body: &Value) -> Webhook {
    let mut webhook = Webhook {
        id: "msg_00be45d77f364e9c847ca8a16d2b1755".to_owned(),
        arrived,
        attempt: "1".to_owned(),
        part: "1/1".to_owned(),
        signature: Ok(()),
        document: document::read(body.to_string().as_bytes()),
        files: Vec::new(),
    };
    webhook.files = webhook.messages().iter().map(had).collect();
    webhook
}

/// Every file of the sample's is downloaded whole.
fn had(message: &Message) -> Option<Had> {
    message.attachment.as_ref()?;
    let file = sample_files::find(&message.id)?;
    Some(Ok(Download { size: file.media.content.len() as u64, sha256: file.sha256 }))
}

/// Every file can be had.
fn link(_event: &Event) -> FileLink {
    FileLink { url: Some("https://files.example.org/1".to_owned()), size: None }
}

/// A bundle's document.
pub(crate) fn bundle(events: &[Event]) -> Value {
    let body = bundler::document::bundle(events, events, "TimelinesAI", &link).expect("there are messages");
    serde_json::from_slice(&body).expect("JSON")
}

/// The sample's messages, and the bodies that have to come of them, each with the moment of its arrival.
pub(crate) fn played(granularity: Granularity) -> (Vec<Expected>, Vec<(Timestamp, Value)>) {
    let expected = sample::expected(&sample::conversation(None, Kind::Native).expect("the sample"), granularity);
    let mut bundles: BTreeMap<(Timestamp, String), Vec<Event>> = BTreeMap::new();
    let mut bodies = Vec::new();
    for Expected { event, way, .. } in &expected {
        match way {
            Way::Bundle { due } => {
                bundles.entry((*due, event.chat.id.as_str().to_owned())).or_default().push(event.clone());
            }
            Way::Single => {
                let body = serde_json::from_slice(&bundler::document::message(event, &link)).expect("JSON");
                bodies.push((event.message.timestamp, body));
            }
        }
    }
    for ((due, _), mut events) in bundles {
        events.sort_by_key(|event| (event.message.timestamp, event.message.id.as_str().to_owned()));
        bodies.push((due.plus(Duration::from_secs(60)), bundle(&events)));
    }
    (expected, bodies)
}

/// A table and a queue over `stores`, with the sample taken in twice, each message when it came.
pub(crate) async fn taken_in(
    stores: Stores,
    clock: &Clock,
    granularity: Granularity,
) -> (MemoryTable, MemoryQueue<Clock>) {
    let table = MemoryTable::new(stores.table);
    let queue = MemoryQueue::new(stores.queue, clock.clone(), Duration::from_secs(60), 5);
    let workspace = WorkspaceId::parse("acme").expect("a workspace");
    let settings = Settings::new("http://127.0.0.1/".to_owned(), granularity, secrets::signing());
    table.put_settings(&workspace, &WebhookId::first(), &settings).expect("stored");
    let files = MemoryFiles::new(stores.files, clock.clone(), "https://files.example.org");
    let (cache, unit) = (SettingsCache::default(), AggregationUnit::HOUR);
    let ingest = Ingest { table: &table, queue: &queue, files: &files, cache: &cache, unit };
    for played in sample::conversation(None, Kind::Native).expect("the sample") {
        for _ in 0..2 {
            ingest.ingest(played.event.message.timestamp, played.event.clone()).await;
        }
    }
    (table, queue)
}
