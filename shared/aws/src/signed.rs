//! One POST to a service that is not worth a client of its own: a whole one for one call weighs a tenth of a function.
//! It is signed and sent by the SDK's own parts, once: nothing here sends a request again.

use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
        result::SdkError,
    },
};
use aws_smithy_types::{body::SdkBody, timeout::TimeoutConfig};
use aws_types::SdkConfig;
use std::{convert::Infallible, time::SystemTime};

/// A request, but for its signature.
pub(crate) struct Post {
    /// As it stands in the service's host, before the region.
    pub(crate) host: &'static str,
    /// As it stands in a signature.
    pub(crate) service: &'static str,
    pub(crate) path: String,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: String,
    pub(crate) timeouts: TimeoutConfig,
}

/// The part of an answer that tells what came of a request.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// The service's code, of an error that has one. Its message may repeat what was sent, so it is not read.
    pub(crate) code: Option<String>,
}

/// Where a service says what kind of an error it is.
const ERROR_TYPE: &str = "x-amzn-errortype";

impl Post {
    /// What came of it. The error says how it broke off, in a word.
    pub(crate) async fn send(self, config: &SdkConfig) -> Result<Answered, &'static str> {
        let region = config.region().ok_or("there is no region")?.as_ref();
        let endpoint = match config.endpoint_url() {
            Some(url) => url.to_owned(),
            None => format!("https://{}.{region}.amazonaws.com", self.host),
        };
        let operation = Operation::builder()
            .service_name(self.service)
            .operation_name(self.service)
            .http_client(config.http_client().ok_or("there is no HTTP client")?)
            .endpoint_url(&endpoint)
            .no_auth()
            .no_retry()
            .timeout_config(self.timeouts.clone())
            .sleep_impl(config.sleep_impl().ok_or("nothing can wait")?)
            .serializer(|request: http::Request<String>| Ok(HttpRequest::try_from(request.map(SdkBody::from))?))
            .deserializer(|answer: &HttpResponse| Ok::<_, OrchestratorError<Infallible>>(read(answer)))
            .build();
        let request = self.signed(config, &endpoint, region).await.map_err(|_| "request could not be signed")?;
        operation.invoke(request).await.map_err(|error| match error {
            SdkError::TimeoutError(_) => "timed out",
            SdkError::DispatchFailure(_) => "no connection",
            SdkError::ResponseError(_) => "unreadable answer",
            SdkError::ConstructionFailure(_) => "request could not be built",
            _ => "unknown error",
        })
    }

    async fn signed(self, config: &SdkConfig, endpoint: &str, region: &str) -> Result<http::Request<String>, BoxError> {
        let uri = format!("{endpoint}{}", self.path);
        let provider = config.credentials_provider().ok_or("there are no credentials")?;
        let identity = provider.provide_credentials().await?.into();
        let params = SigningParams::builder().identity(&identity).region(region).name(self.service);
        let params = params.time(SystemTime::now()).settings(SigningSettings::default()).build()?.into();
        let body = SignableBody::Bytes(self.body.as_bytes());
        let signable = SignableRequest::new("POST", uri.as_str(), self.headers.iter().copied(), body)?;
        let (signature, _) = sign(signable, &params)?.into_parts();
        let mut request = http::Request::builder().method("POST").uri(uri).body(self.body)?;
        for (name, value) in self.headers {
            request.headers_mut().insert(*name, http::HeaderValue::from_static(value));
        }
        signature.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

/// `MessageRejected`, of `com.amazonaws.ses#MessageRejected:http://…` too.
fn read(answer: &HttpResponse) -> Answered {
    let code = answer.headers().get(ERROR_TYPE).map(|named| {
        let named = named.split(':').next().unwrap_or_default();
        named.rsplit('#').next().unwrap_or_default().to_owned()
    });
    Answered { status: answer.status().as_u16(), code }
}
