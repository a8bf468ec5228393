//! Calls of upstreams that are not the platform's own: Meta's WhatsApp Cloud API and Twilio. The samples are our own, made
//! after the shapes that are published, with values that are nobody's.

mod calls;
mod chats;
mod door;
mod random;
mod requests;
mod secrecy;
mod signatures;
mod third;
mod twilio;
mod types;

use bundler::{
    event::Incoming,
    id::WorkspaceId,
    signature::RootSecret,
    upstream::{Reader, Refused, Upstream, whatsapp},
};
use serde_json::Value;
use std::{fs, path::Path};

/// A call of Meta's.
fn sample(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("suite/upstreams/samples/{name}.json"));
    serde_json::from_slice(&fs::read(path).expect(name)).expect("JSON")
}

/// The message, or echo, of a sample.
fn message(call: &mut Value) -> &mut Value {
    let value = &mut call["entry"][0]["changes"][0]["value"];
    let name = if value["messages"].is_array() { "messages" } else { "message_echoes" };
    &mut value[name][0]
}

/// What stands around a message where it is read by itself.
struct Around {
    workspace: WorkspaceId,
    upstream: Upstream,
    secret: RootSecret,
}

impl Default for Around {
    fn default() -> Self {
        Self {
            workspace: WorkspaceId::parse("acme").expect("an id"),
            upstream: Upstream::default(),
            secret: RootSecret::parse(&"root".repeat(16)).expect("a secret"),
        }
    }
}

impl Around {
    fn reader(&self) -> Reader<'_> {
        Reader { workspace: &self.workspace, upstream: &self.upstream, secret: &self.secret }
    }

    fn read(&self, call: &Value) -> Vec<Result<Incoming, Refused>> {
        let body = call.to_string();
        let updates = whatsapp::updates(body.as_bytes()).expect("a call");
        updates.iter().map(|update| whatsapp::read(&self.reader(), update)).collect()
    }

    fn read_one(&self, call: &Value) -> Incoming {
        let mut read = self.read(call);
        assert_eq!(read.len(), 1);
        read.remove(0).expect("a message")
    }
}
