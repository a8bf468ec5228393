//! Messages' files: copied once, checked against what was said of them, linked to on each attempt, waited for by what is
//! not aggregated, and never in the way of their messages.

mod bad;
mod copying;
mod crash;
mod links;
mod source;
mod waiting;

use crate::world::{World, message, run};
use bundler::{
    cache::CredentialsCache,
    file::{Copier, File, FileKey, Graph},
    ports::{Answer, FileTable, ReadCredentials},
    upstream::Credentials,
    window::Granularity,
};
use serde_json::{Value, json};
use source::Internet;
use std::sync::atomic::Ordering;

const URL: &str = "https://files.example.org/photo.jpg";
const SENT: &str = "2021-02-24T16:31:00Z";

/// A world whose files are copied when a test says so, from an internet of its own.
struct Desk {
    world: World,
    internet: Internet,
}

struct Known;

impl ReadCredentials for Known {
    async fn read_credentials(&self) -> Answer<Credentials> {
        let text = r#"{"whatsapp_access_token":"token","twilio_account_sid":"AC1","twilio_auth_tokens":["t"]}"#;
        Ok(Credentials::parse(text).expect("credentials"))
    }
}

/// The message of this id with a file at [`URL`].
fn with_file(id: &str, size: Option<u64>, mimetype: &str) -> Value {
    let mut event = message(SENT, id, "see the photo");
    event["message"]["attachment"] =
        json!({ "source_url": URL, "filename": "photo.jpg", "size": size, "mimetype": mimetype });
    event
}

fn key(event: &Value) -> FileKey {
    FileKey::of(&bundler::native::parse(event, "").expect("an event"))
}

impl Desk {
    fn new(granularity: Granularity) -> Self {
        let world = World::new(granularity);
        world.copies_at_once.store(false, Ordering::Relaxed);
        Self { world, internet: Internet::default() }
    }

    /// The attachments function, as often as its queue has something due: how many records it got.
    fn copy(&self) -> usize {
        let due = self.world.files.inner.due_copies().expect("the queue hands out");
        for reference in &due {
            if self.try_copy(reference).is_ok() {
                self.world.files.inner.finish_copy(reference).expect("finished");
            }
        }
        due.len()
    }

    fn try_copy(&self, reference: &str) -> Answer<()> {
        let World { table, queue, files, clock, log, .. } = &self.world;
        let (graph, known) =
            (Graph::new("https://graph.example.org", "v1.0").expect("a graph"), CredentialsCache::default());
        let copier = Copier {
            table,
            queue,
            source: &self.internet,
            bucket: files,
            clock,
            graph: &graph,
            credentials: &known,
            secret: &Known,
        };
        // What is enqueued anew meanwhile is of another time.
        run(copier.take(log, reference))
    }

    fn file(&self, event: &Value) -> File {
        run(self.world.table.inner.read_file(&key(event))).expect("a file is read").expect("a file")
    }

    fn copied(&self, event: &Value) -> Option<(String, Vec<u8>)> {
        self.world.files.inner.object(&key(event).object()).expect("an object is read")
    }

    /// The attachments of the documents that were sent, in order.
    fn attachments(&self) -> Vec<Value> {
        let documents = self.world.receiver.requests().into_iter();
        let documents = documents.map(|request| serde_json::from_slice::<Value>(&request.body).expect("JSON"));
        let messages = |document: Value| match document["messages"].as_array() {
            Some(messages) => messages.clone(),
            None => vec![document["message"].clone()],
        };
        documents.flat_map(messages).map(|message| message["attachment"].clone()).collect()
    }
}
