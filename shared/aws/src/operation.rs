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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        queue::Queue,
        secret::Secret,
        service::{Said, Service, header},
    };
    use bundler::{
        ports::{Enqueue, QueueEntry, ReadRootSecret},
        signature::RootSecret,
    };
    use serde_json::{Value, json};
    use std::future::Future;

    fn run<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(future)
    }

    fn body(request: &http::Request<SdkBody>) -> Value {
        serde_json::from_slice(request.body().bytes().expect("a body")).expect("JSON")
    }

    /// What is said of the root secret when the service answers so, and how often it was asked.
    fn read(answers: Vec<Said>) -> (Result<(), String>, usize) {
        let service = Service::new(answers);
        let secret = Secret::new(&service.config(), "arn".to_owned());
        let read = run(secret.read_root_secret()).map(|_| ()).map_err(|error| error.code);
        (read, service.requests().len())
    }

    fn good() -> Said {
        Said::Answer(200, "", json!({ "SecretString": "r".repeat(64) }).to_string())
    }

    #[test]
    fn a_batch_is_one_signed_request_and_of_each_entry_it_is_told_whether_it_was_taken() {
        let answer = json!({
            "Successful": [{ "Id": "2", "MessageId": "m" }],
            "Failed": [{ "Id": "0", "Code": "InternalError", "SenderFault": false, "Message": "what was sent" }],
        });
        let service = Service::new([Said::Answer(200, "", answer.to_string())]);
        let queue = Queue::new(&service.config(), "https://sqs/0/deliveries.fifo".to_owned());
        let entry = |name: &str| QueueEntry {
            reference: format!("{{\"{name}\":1}}"),
            group: format!("group {name}"),
            deduplication_id: format!("deduplication {name}"),
        };
        let told = run(queue.enqueue(&["a", "b", "c"].map(entry))).expect("an answer");
        let error = |code: &str| Err(PortError { doing: "enqueueing", code: code.to_owned() });
        assert_eq!(told, [error("InternalError"), error("not in the answer"), Ok(())]);
        let [request] = &service.requests()[..] else { panic!("one request") };
        assert_eq!(request.uri(), "https://sqs.eu-central-1.amazonaws.com/");
        assert_eq!(header(request, "x-amz-target"), "AmazonSQS.SendMessageBatch");
        assert_eq!(header(request, "content-type"), "application/x-amz-json-1.0");
        let authorization = header(request, "authorization");
        let signed = "/eu-central-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;";
        assert!(authorization.contains(signed) && authorization.contains("x-amz-target"), "{authorization}");
        assert_eq!(body(request)["QueueUrl"], "https://sqs/0/deliveries.fifo");
        let second = json!({
            "Id": "1",
            "MessageBody": "{\"b\":1}",
            "MessageGroupId": "group b",
            "MessageDeduplicationId": "deduplication b",
        });
        assert_eq!(body(request)["Entries"][1], second);
    }

    #[test]
    fn the_secret_is_read_by_one_signed_request() {
        let service = Service::new([good()]);
        let secret = run(Secret::new(&service.config(), "arn:1".to_owned()).read_root_secret()).expect("a secret");
        assert_eq!(secret.admin_key(), RootSecret::parse(&"r".repeat(64)).expect("a secret").admin_key());
        let [request] = &service.requests()[..] else { panic!("one request") };
        assert_eq!(request.uri(), "https://secretsmanager.eu-central-1.amazonaws.com/");
        assert_eq!(header(request, "x-amz-target"), "secretsmanager.GetSecretValue");
        assert_eq!(header(request, "content-type"), "application/x-amz-json-1.1");
        assert_eq!(body(request), json!({ "SecretId": "arn:1" }));
    }

    #[test]
    fn what_may_be_over_soon_is_tried_three_times_and_what_is_refused_once() {
        let said = |status, error, body: &str| Said::Answer(status, error, body.to_owned());
        for passing in [
            said(500, "", ""),
            said(503, "ServiceUnavailable", "{}"),
            said(400, "", "{\"__type\":\"com.amazonaws.sqs#RequestThrottled\",\"message\":\"arn\"}"),
            said(400, "ThrottlingException:http://internal.amazon.com/", ""),
            Said::Broken,
        ] {
            assert_eq!(read(vec![passing.clone(), passing.clone(), good()]), (Ok(()), 3), "{passing:?}");
            assert_eq!(read(vec![passing.clone(), good()]), (Ok(()), 2), "{passing:?}");
        }
        for (lasting, times, code) in [
            (said(503, "", ""), 3, "status 503"),
            (Said::Broken, 3, "no connection"),
            (said(400, "", "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\"}"), 1, "QueueDoesNotExist"),
            (said(400, "AccessDeniedException", "{\"message\":\"arn\"}"), 1, "AccessDeniedException"),
            (said(403, "", ""), 1, "status 403"),
            (said(200, "", "<html>"), 1, "unreadable answer"),
        ] {
            assert_eq!(read(vec![lasting.clone(); times]), (Err(code.to_owned()), times), "{lasting:?}");
        }
    }
}
