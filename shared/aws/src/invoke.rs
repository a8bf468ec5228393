//! Other invocations of a function, through Lambda: asynchronous, so that the caller does not wait for them.

use crate::failure::port_error;
use aws_sdk_lambda::{Client, primitives::Blob, types::InvocationType};
use aws_types::SdkConfig;
use bundler::{
    flush::Portion,
    ports::{Answer, HandOver, PortError},
};
use std::sync::OnceLock;

/// The aggregator, as its own invocations see it.
pub struct Aggregator {
    config: SdkConfig,
    client: OnceLock<Client>,
    name: String,
}

/// Under this name a portion stands in the payload.
pub const PORTION: &str = "sweep";

impl Aggregator {
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self { config: config.clone(), client: OnceLock::new(), name }
    }
}

impl HandOver for Aggregator {
    async fn hand_over(&self, portion: &Portion) -> Answer<()> {
        let doing = "handing shards over";
        let failed = || PortError { doing, code: "request could not be built".to_owned() };
        let portion = serde_json::to_value(portion).map_err(|_| failed())?;
        let payload = serde_json::json!({ PORTION: portion }).to_string();
        // Made when it is first needed, which is hardly ever.
        let client = self.client.get_or_init(|| Client::new(&self.config));
        let request = client.invoke().function_name(&self.name).invocation_type(InvocationType::Event);
        request.payload(Blob::new(payload)).send().await.map(|_| ()).map_err(|error| port_error(doing, &error))
    }
}
