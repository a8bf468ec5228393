//! Other invocations of a function, by the one call of Lambda that there is use for: `Invoke`, asynchronous, so that the
//! caller does not wait for them.

use crate::{operation, signed::Post};
use aws_types::SdkConfig;
use bundler::{
    flush::Portion,
    ports::{Answer, HandOver},
};

/// The aggregator, as its own invocations see it.
pub struct Aggregator {
    config: SdkConfig,
    name: String,
}

/// Under this name a portion stands in the payload.
pub const PORTION: &str = "sweep";

impl Aggregator {
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self { config: config.clone(), name }
    }
}

impl HandOver for Aggregator {
    /// Lambda's API reference, "Invoke".
    async fn hand_over(&self, portion: &Portion) -> Answer<()> {
        // There is nothing in a portion's text that JSON would escape.
        let body = format!("{{\"{PORTION}\":\"{}\"}}", portion.to_text());
        let path = format!("/2015-03-31/functions/{}/invocations", self.name);
        let post = Post {
            host: "lambda",
            service: "lambda",
            path: &path,
            content_type: "application/json",
            header: Some(("x-amz-invocation-type", "Event")),
            body,
        };
        operation::send(&self.config, "handing shards over", post).await.map(drop)
    }
}
