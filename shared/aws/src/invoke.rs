//! Other invocations of a function, by the one call of Lambda that there is use for: `Invoke`, asynchronous, so that the
//! caller does not wait for them. It is signed and sent by the SDK's own parts; a whole client for it would weigh a tenth
//! of the function.

use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
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
use std::{fmt, time::SystemTime};

/// The aggregator, as its own invocations see it.
pub struct Aggregator {
    config: SdkConfig,
    name: String,
}

/// Under this name a portion stands in the payload.
pub const PORTION: &str = "sweep";

const DOING: &str = "handing shards over";

/// Lambda's answer was not that it has taken the invocation.
#[derive(Debug)]
struct NotTaken(u16);

impl fmt::Display for NotTaken {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "status {}", self.0)
    }
}

impl std::error::Error for NotTaken {}

impl Aggregator {
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self { config: config.clone(), name }
    }

    /// The request, signed: Lambda's API reference, "Invoke".
    async fn request(&self, endpoint: &str, region: &str, payload: String) -> Result<http::Request<String>, BoxError> {
        let uri = format!("{endpoint}/2015-03-31/functions/{}/invocations", self.name);
        let headers = [("content-type", "application/json"), ("x-amz-invocation-type", "Event")];
        let provider = self.config.credentials_provider().ok_or("there are no credentials")?;
        let identity = provider.provide_credentials().await?.into();
        let params = SigningParams::builder().identity(&identity).region(region).name("lambda");
        let params = params.time(SystemTime::now()).settings(SigningSettings::default()).build()?.into();
        let body = SignableBody::Bytes(payload.as_bytes());
        let signable = SignableRequest::new("POST", uri.as_str(), headers.into_iter(), body)?;
        let (signature, _) = sign(signable, &params)?.into_parts();
        let mut request = http::Request::builder().method("POST").uri(uri).body(payload)?;
        for (name, value) in headers {
            request.headers_mut().insert(name, http::HeaderValue::from_static(value));
        }
        signature.apply_to_request_http1x(&mut request);
        Ok(request)
    }

    async fn invoke(&self, payload: String) -> Result<(), BoxError> {
        let region = self.config.region().ok_or("there is no region")?.as_ref();
        let amazons = format!("https://lambda.{region}.amazonaws.com");
        let endpoint = self.config.endpoint_url().unwrap_or(&amazons);
        let request = self.request(endpoint, region, payload).await?;
        let operation = Operation::builder()
            .service_name("Lambda")
            .operation_name("Invoke")
            .http_client(self.config.http_client().ok_or("there is no HTTP client")?)
            .endpoint_url(endpoint)
            .no_auth()
            .standard_retry(self.config.retry_config().unwrap_or(&RetryConfig::disabled()))
            .sleep_impl(self.config.sleep_impl().ok_or("nothing can wait")?)
            .serializer(|request: http::Request<String>| Ok(HttpRequest::try_from(request.map(SdkBody::from))?))
            .deserializer(|answer: &HttpResponse| match answer.status().as_u16() {
                202 => Ok(()),
                status => Err(OrchestratorError::operation(NotTaken(status))),
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
