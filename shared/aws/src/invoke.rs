//! Other functions and other invocations of the same, by the one call of Lambda that there is use for: `Invoke`. The
//! aggregator hands shards over and does not wait; the settings wait for what the sender has to say of a test.

use crate::{
    operation::{self, Tries},
    signed::Post,
};
use aws_smithy_async::{future::timeout::Timeout, rt::sleep::AsyncSleep};
use aws_types::SdkConfig;
use bundler::{
    attempt::Attempt,
    flush::Portion,
    id::{WebhookId, WorkspaceId},
    limits,
    ports::{Answer, HandOver, PortError, SendTest},
    table,
};

/// The aggregator, as its own invocations see it.
pub struct Aggregator(Function);

/// The sender, as the settings see it.
pub struct Sender(Function);

/// Under this name a portion stands in the payload.
pub const PORTION: &str = "sweep";

struct Function {
    config: SdkConfig,
    name: String,
}

/// Whether the caller waits for the invocation's end.
#[derive(Clone, Copy)]
enum Kind {
    Event,
    RequestResponse,
}

impl Aggregator {
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self(Function { config: config.clone(), name })
    }
}

impl Sender {
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self(Function { config: config.clone(), name })
    }
}

impl Function {
    /// Lambda's API reference, "Invoke". What the function says; nothing, of one that is not waited for.
    async fn invoke(&self, doing: &'static str, kind: Kind, body: String) -> Answer<Vec<u8>> {
        let (name, tries) = match kind {
            Kind::Event => ("Event", Tries::Several),
            Kind::RequestResponse => ("RequestResponse", Tries::One),
        };
        let post = Post {
            host: "lambda",
            service: "lambda",
            path: &format!("/2015-03-31/functions/{}/invocations", self.name),
            content_type: "application/json",
            header: Some(("x-amz-invocation-type", name)),
            body,
        };
        operation::send(&self.config, doing, tries, post).await
    }
}

impl HandOver for Aggregator {
    async fn hand_over(&self, portion: &Portion) -> Answer<()> {
        // There is nothing in a portion's text that JSON would escape.
        let payload = format!("{{\"{PORTION}\":\"{}\"}}", portion.to_text());
        self.0.invoke("handing shards over", Kind::Event, payload).await.map(drop)
    }
}

impl SendTest for Sender {
    async fn send_test(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Attempt>> {
        let failed = |code: &str| PortError { doing: "sending a test", code: code.to_owned() };
        // Nor in an id.
        let payload = format!("{{\"test\":{{\"workspace\":\"{workspace}\",\"webhook\":\"{webhook}\"}}}}");
        let sleep = self.0.config.sleep_impl().ok_or_else(|| failed("nothing can wait"))?;
        let sent = self.0.invoke("sending a test", Kind::RequestResponse, payload);
        let said = Timeout::new(sent, sleep.sleep(limits::TRIAL)).await.map_err(|_| failed("timed out"))??;
        let text: Option<String> = serde_json::from_slice(&said).map_err(|_| failed("the answer does not read"))?;
        let read = text.map(|text| table::attempt::from_text(workspace, webhook, &text)).transpose();
        read.map_err(|error| PortError::item("reading a test", &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::configure;
    use aws_smithy_runtime_api::client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
    };
    use aws_smithy_types::body::SdkBody;
    use bundler::{
        attempt::{Body, Document, ErrorClass, Failure},
        delivery::{DeliveryKey, Lane, Subject},
        id::KeyPart,
        timestamp::Timestamp,
    };
    use std::{
        future::pending,
        sync::{Arc, Mutex},
    };

    /// Keeps each request, and answers with this status, error and body; never, with status 0.
    #[derive(Clone, Debug)]
    struct Lambda {
        requests: Arc<Mutex<Vec<http::Request<SdkBody>>>>,
        status: u16,
        error: Option<&'static str>,
        body: String,
    }

    impl HttpConnector for Lambda {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            self.requests.lock().expect("requests").push(request.try_into_http1x().expect("a request"));
            if self.status == 0 {
                return HttpConnectorFuture::new(pending());
            }
            let answer = http::Response::builder().status(self.status);
            let answer = self
                .error
                .map(|error| ("x-amz-function-error", error))
                .into_iter()
                .fold(answer, |it, (name, value)| it.header(name, value));
            let answer = answer.body(SdkBody::from(self.body.clone())).expect("an answer");
            HttpConnectorFuture::ready(Ok(HttpResponse::try_from(answer).expect("an answer")))
        }
    }

    fn names() -> (WorkspaceId, WebhookId) {
        (WorkspaceId::parse("acme").expect("an id"), WebhookId::first())
    }

    /// What is said of a test, and what was sent for it, when Lambda answers so.
    fn send_test(
        status: u16,
        error: Option<&'static str>,
        body: &str,
    ) -> (Answer<Option<Attempt>>, Vec<http::Request<SdkBody>>) {
        let lambda = Lambda { requests: Arc::default(), status, error, body: body.to_owned() };
        let connector = SharedHttpConnector::new(lambda.clone());
        let variable = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("key".to_owned()),
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            _ => None,
        };
        let config = configure(http_client_fn(move |_, _| connector.clone()), variable).expect("a configuration");
        let (workspace, webhook) = names();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let said = runtime.expect("a runtime").block_on(async {
            let sender = Sender::new(&config, "sender-1".to_owned());
            tokio::time::timeout(2 * limits::TRIAL, sender.send_test(&workspace, &webhook)).await.expect("an end")
        });
        let requests = std::mem::take(&mut *lambda.requests.lock().expect("requests"));
        (said, requests)
    }

    fn attempt() -> Attempt {
        let (workspace, webhook) = names();
        let chat = KeyPart::of_tests();
        let started = Timestamp::parse("2021-02-24T16:25:29Z").expect("a moment");
        let subject = Subject::Message { timestamp: started, message: chat.clone() };
        Attempt {
            missing_files: Vec::new(),
            messages: 1,
            key: DeliveryKey { lane: Lane { workspace, webhook, chat }, subject },
            document: Document { part: 0, parts: 1, attempt: 1 },
            started,
            duration_ms: 15_000,
            url: "https://hooks.example.org/1".to_owned(),
            request_headers: Vec::new(),
            request_body: Body::of(b"{}"),
            error: Some(ErrorClass::Timeout),
            result: Err(Failure { class: ErrorClass::Timeout, detail: "no answer".to_owned() }),
        }
    }

    #[test]
    fn a_test_is_one_invocation_that_is_waited_for_and_its_answer_an_attempt_or_that_there_is_no_webhook() {
        let answer = format!("\"{}\"", table::attempt::to_text(&attempt()));
        let (said, requests) = send_test(200, None, &answer);
        assert_eq!(said, Ok(Some(attempt())));
        let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
        let uri = "https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/sender-1/invocations";
        assert_eq!((request.method().as_str(), request.uri().to_string()), ("POST", uri.to_owned()));
        assert_eq!(request.headers()["x-amz-invocation-type"], "RequestResponse");
        assert_eq!(request.body().bytes(), Some(&br#"{"test":{"workspace":"acme","webhook":"default"}}"#[..]));
        assert_eq!(send_test(200, None, "null").0, Ok(None));
    }

    #[test]
    fn what_goes_wrong_is_an_error_that_repeats_nothing_and_no_test_is_sent_twice() {
        for (status, error, body) in [
            (200, Some("Unhandled"), "{\"errorMessage\":\"secret\"}"),
            (429, None, "secret"),
            (500, None, "secret"),
            (200, None, "secret"),
            (200, None, "\"secret\""),
            (0, None, ""),
        ] {
            let (said, requests) = send_test(status, error, body);
            let said = said.expect_err("an error").to_string();
            assert!(!said.contains("secret"), "{said}");
            assert_eq!(requests.len(), 1, "{status}");
        }
    }
}
