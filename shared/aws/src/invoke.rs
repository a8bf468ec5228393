//! Other invocations of a function, by the one call of Lambda that there is use for: `Invoke`, asynchronous, so that the
//! caller does not wait for them.

use crate::{connection, signed::Post};
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use bundler::{
    flush::Portion,
    ports::{Answer, HandOver, PortError},
};

/// The aggregator, as its own invocations see it.
pub struct Aggregator {
    config: SdkConfig,
    name: String,
}

/// Under this name a portion stands in the payload.
pub const PORTION: &str = "sweep";

const DOING: &str = "handing shards over";

impl Aggregator {
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self { config: config.clone(), name }
    }
}

impl HandOver for Aggregator {
    async fn hand_over(&self, portion: &Portion) -> Answer<()> {
        // Lambda's API reference, "Invoke".
        let post = Post {
            host: "lambda",
            service: "lambda",
            path: format!("/2015-03-31/functions/{}/invocations", self.name),
            headers: &[("content-type", "application/json"), ("x-amz-invocation-type", "Event")],
            // There is nothing in a portion's text that JSON would escape.
            body: format!("{{\"{PORTION}\":\"{}\"}}", portion.to_text()),
            timeouts: TimeoutConfig::builder().connect_timeout(connection::CONNECT).build(),
        };
        // However it went wrong, the caller then does the work itself.
        match post.send(&self.config).await {
            Ok(answered) if answered.status == 202 => Ok(()),
            Ok(answered) => Err(answered.code.unwrap_or_else(|| format!("status {}", answered.status))),
            Err(broken_off) => Err(broken_off.to_owned()),
        }
        .map_err(|code| PortError { doing: DOING, code })
    }
}
