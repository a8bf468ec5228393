//! For tests: a service behind no wire, which keeps each request and answers what it is told to, one thing after the
//! other. It checks no signature.

use crate::{connection::configure, over_hyper::http_client};
use aws_smithy_async::future::never::Never;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// Status, `x-amzn-errortype` where there is one, body.
    Answer(u16, &'static str, String),
    /// The connection ends.
    Broken,
    /// It stays open for ever.
    Nothing,
}

/// Clones are the same service.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    requests: Arc<Mutex<Vec<http::Request<SdkBody>>>>,
    answers: Arc<Mutex<VecDeque<Said>>>,
}

impl Service {
    pub(crate) fn new(answers: impl IntoIterator<Item = Said>) -> Self {
        Self { requests: Arc::default(), answers: Arc::new(Mutex::new(answers.into_iter().collect())) }
    }

    pub(crate) fn config(&self) -> SdkConfig {
        let variable = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" => Some("AKIDEXAMPLE".to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some("secret".to_owned()),
            "AWS_SESSION_TOKEN" => Some("token".to_owned()),
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            _ => None,
        };
        configure(http_client(self.connector()), variable).expect("a configuration")
    }

    pub(crate) fn connector(&self) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }

    /// What it was asked, in order.
    pub(crate) fn requests(&self) -> Vec<http::Request<SdkBody>> {
        std::mem::take(&mut *self.requests.lock().expect("requests"))
    }
}

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.requests.lock().expect("requests").push(request.try_into_http1x().expect("a request"));
        let said = self.answers.lock().expect("answers").pop_front().expect("no more is asked than is answered");
        match said {
            Said::Broken => HttpConnectorFuture::ready(Err(ConnectorError::io("reset".into()))),
            Said::Nothing => HttpConnectorFuture::new(async {
                Never::new().await;
                Err(ConnectorError::other("never".into(), None))
            }),
            Said::Answer(status, error, body) => {
                let answer = http::Response::builder().status(status);
                let answer = if error.is_empty() { answer } else { answer.header("x-amzn-errortype", error) };
                let answer = HttpResponse::try_from(answer.body(SdkBody::from(body)).expect("an answer"));
                HttpConnectorFuture::ready(Ok(answer.expect("an answer")))
            }
        }
    }
}

/// A header's value; empty, if there is none.
pub(crate) fn header<'a>(request: &'a http::Request<SdkBody>, name: &str) -> &'a str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
