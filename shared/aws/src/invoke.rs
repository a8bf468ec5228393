//! Other invocations of a function, by the one call of Lambda that there is use for: `Invoke`, asynchronous, so that the
//! caller does not wait for them.

use crate::signed::{self, Post};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
};
use aws_smithy_types::{body::SdkBody, retry::RetryConfig};
use aws_types::SdkConfig;
use bundler::{
    flush::Portion,
    ports::{Answer, HandOver, PortError},
};
use std::fmt;

/// The aggregator, as its own invocations see it.
pub struct Aggregator {
    config: SdkConfig,
    name: String,
}

/// Under this name a portion stands in the payload.
pub const PORTION: &str = "sweep";

const HOST: &str = "lambda";
const DOING: &str = "handing shards over";

/// Lambda's answer was not that it has taken the invocation.
#[derive(Debug)]
struct NotTaken(String);

impl fmt::Display for NotTaken {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for NotTaken {}

impl Aggregator {
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self { config: config.clone(), name }
    }

    /// Lambda's API reference, "Invoke".
    async fn invoke(&self, body: String) -> Result<(), BoxError> {
        let path = format!("/2015-03-31/functions/{}/invocations", self.name);
        let header = Some(("x-amz-invocation-type", "Event"));
        let request = Post { host: HOST, service: "lambda", path: &path, header, body }.signed(&self.config).await?;
        let operation = Operation::builder()
            .service_name("Lambda")
            .operation_name("Invoke")
            .http_client(self.config.http_client().ok_or("there is no HTTP client")?)
            .endpoint_url(&signed::endpoint(&self.config, HOST)?)
            .no_auth()
            .standard_retry(self.config.retry_config().unwrap_or(&RetryConfig::disabled()))
            .sleep_impl(self.config.sleep_impl().ok_or("nothing can wait")?)
            .serializer(|request: http::Request<String>| Ok(HttpRequest::try_from(request.map(SdkBody::from))?))
            .deserializer(|answer: &HttpResponse| match answer.status().as_u16() {
                202 => Ok(()),
                _ => Err(OrchestratorError::operation(NotTaken(signed::code(answer)))),
            })
            .build();
        Ok(operation.invoke(request).await?)
    }
}

impl HandOver for Aggregator {
    async fn hand_over(&self, portion: &Portion) -> Answer<()> {
        // There is nothing in a portion's text that JSON would escape.
        let payload = format!("{{\"{PORTION}\":\"{}\"}}", portion.to_text());
        // Its words may hold what was sent; that it went wrong is enough, because the caller then does the work itself.
        let failed = |_| PortError { doing: DOING, code: "not taken".to_owned() };
        self.invoke(payload).await.map_err(failed)
    }
}
