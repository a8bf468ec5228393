//! The platform that has the messages: sends each one to the ingest endpoint by HTTP, as upstream does in earnest.

use crate::{secrets, world};
use bundler::{
    attempt::{Body, Request},
    ports::{Post, ReadRootSecret},
};
use std::net::SocketAddr;

/// The workspace whose messages these are.
pub(crate) const WORKSPACE: &str = "acme";

pub(crate) struct Upstream {
    client: outbound::Client,
    url: String,
    key: String,
}

impl Upstream {
    pub(crate) async fn new(endpoint: SocketAddr) -> Result<Self, String> {
        let root = secrets::Root.read_root_secret().await.map_err(|error| error.to_string())?;
        let url = format!("http://{endpoint}/v1/workspaces/{WORKSPACE}/messages");
        Ok(Self { client: outbound::Client::new(world::POLICY)?, url, key: root.ingest_key() })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Sends one native event; anything but its being accepted is an error.
    pub(crate) async fn send(&self, event: &[u8]) -> Result<(), String> {
        let headers =
            [("content-type", "application/json".to_owned()), ("authorization", format!("Bearer {}", self.key))];
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let request = Request { url: self.url.clone(), headers, body: event.to_vec() };
        match self.client.post(&request).await.result {
            Ok(response) if response.status == 202 => Ok(()),
            Ok(response) => {
                let answer = match response.body {
                    Body::Text(text) => text,
                    Body::Base64(_) | Body::Gathered { .. } | Body::LeftOut { .. } => String::new(),
                };
                Err(format!("sending a message: answered {} {answer}", response.status))
            }
            Err(failure) => Err(format!("sending a message: {}", failure.detail)),
        }
    }
}
