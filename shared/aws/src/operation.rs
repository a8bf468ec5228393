//! A signed request as the SDK's clients send theirs: the same connections, and up to three tries where another may help.

use crate::{
    failure::port_error,
    signed::{Post, code, endpoint},
};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::{
    orchestrator::operation::Operation,
    retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
        result::SdkError,
        stalled_stream_protection::StalledStreamProtectionConfig,
    },
};
use aws_smithy_types::{
    body::SdkBody,
    error::metadata::{ErrorMetadata, ProvideErrorMetadata},
    retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_types::SdkConfig;
use bundler::ports::{Answer, PortError};
use std::fmt;

/// A service's refusal, of which the code alone is kept.
#[derive(Debug)]
struct Refusal(ErrorMetadata);

impl fmt::Display for Refusal {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.0.code().unwrap_or_default())
    }
}

impl std::error::Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// How often a request may be sent.
#[derive(Clone, Copy)]
pub(crate) enum Tries {
    /// What is not harmless to repeat.
    One,
    Several,
}

/// What the service answers with a status of success.
pub(crate) async fn send(config: &SdkConfig, doing: &'static str, tries: Tries, post: Post<'_>) -> Answer<Vec<u8>> {
    let not_built = |_| PortError { doing, code: "request could not be built".to_owned() };
    let operation = operation(config, tries, &post).map_err(not_built)?;
    let request = post.signed(config).await.map_err(not_built)?;
    operation.invoke(request).await.map_err(|error: SdkError<Refusal, HttpResponse>| port_error(doing, &error))
}

type Posting = Operation<http::Request<String>, Vec<u8>, Refusal>;

fn operation(config: &SdkConfig, tries: Tries, post: &Post<'_>) -> Result<Posting, BoxError> {
    let never = RetryConfig::disabled();
    let retries = match tries {
        Tries::One => &never,
        Tries::Several => config.retry_config().unwrap_or(&never),
    };
    let operation = Operation::builder()
        .service_name(post.service)
        .operation_name("Post")
        .behavior_version(config.behavior_version().ok_or("no behaviour is chosen")?)
        .http_client(config.http_client().ok_or("there is no HTTP client")?)
        .endpoint_url(&endpoint(config, post.host)?)
        .no_auth()
        .standard_retry(retries)
        .retry_classifier(TransientErrorClassifier::<Refusal>::new())
        .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .sleep_impl(config.sleep_impl().ok_or("nothing can wait")?)
        .serializer(|request: http::Request<String>| Ok(HttpRequest::try_from(request.map(SdkBody::from))?))
        .deserializer(|answer: &HttpResponse| {
            // Lambda says so of a function that has failed, with a status of success. Its words are not read: they may
            // hold what it was working on.
            let is_done = answer.headers().get("x-amz-function-error").is_none();
            if answer.status().is_success() && is_done {
                return Ok(answer.body().bytes().unwrap_or_default().to_vec());
            }
            let code = if is_done { code(answer) } else { "the function failed".to_owned() };
            Err(OrchestratorError::operation(Refusal(ErrorMetadata::builder().code(code).build())))
        })
        .build();
    Ok(operation)
}
