//! A receiver that keeps what it was sent and answers as it was told, by what a request says.

use super::{HandClock, tape::Loses, tape::Tape, tape::Verdict};
use bundler::{
    attempt::{Body, ErrorClass, Exchange, Failure, Request, Response},
    ports::Post,
};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    Status(u16),
    /// A status, and a body that could be anything.
    Says(u16, String),
    /// A status, and header fields.
    Heads(u16, Vec<(String, String)>),
    Fails(ErrorClass),
    Panics,
}

type Rule = Box<dyn Fn(&Request) -> Reply + Send + Sync>;

pub(crate) struct Receiver {
    clock: HandClock,
    tape: Arc<Tape>,
    rule: Mutex<Rule>,
    /// How long each answer takes.
    pub(crate) takes: Mutex<Duration>,
    /// It answers nobody before so many requests have come: they are under way at the same time.
    pub(crate) waits_for: Mutex<usize>,
    requests: Mutex<Vec<Request>>,
}

impl Receiver {
    /// Answers 200 to everything.
    pub(crate) fn new(clock: HandClock, tape: Arc<Tape>) -> Self {
        let rule: Rule = Box::new(|_| Reply::Status(200));
        let (requests, takes, waits_for) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { clock, tape, rule: Mutex::new(rule), takes, waits_for, requests }
    }

    pub(crate) fn answers(&self, rule: impl Fn(&Request) -> Reply + Send + Sync + 'static) {
        *self.rule.lock().expect("a rule") = Box::new(rule);
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("requests").clone()
    }

    /// The documents of all requests so far.
    pub(crate) fn documents(&self) -> Vec<Value> {
        self.requests().iter().map(|request| serde_json::from_slice(&request.body).expect("a document")).collect()
    }

    /// The texts of the messages of all requests so far, one list for each request.
    pub(crate) fn texts(&self) -> Vec<Vec<String>> {
        let text = |message: &Value| message["text"].as_str().unwrap_or_default().to_owned();
        let of = |document: Value| match document["messages"].as_array() {
            Some(messages) => messages.iter().map(text).collect(),
            None => vec![text(&document["message"])],
        };
        self.documents().into_iter().map(of).collect()
    }

    /// A header of each request so far.
    pub(crate) fn headers(&self, name: &str) -> Vec<String> {
        self.requests().iter().map(|request| header(request, name)).collect()
    }
}

/// A request's header, which it must have once.
pub(crate) fn header(request: &Request, name: &str) -> String {
    let values: Vec<_> = request.headers.iter().filter(|(known, _)| known == name).collect();
    assert_eq!(values.len(), 1, "{name}");
    values[0].1.clone()
}

impl Post for Receiver {
    async fn post(&self, request: &Request) -> Exchange {
        let verdict = self.tape.verdict("post");
        if verdict != Verdict::Lost(Loses::Request) {
            self.requests.lock().expect("requests").push(request.clone());
        }
        while self.requests().len() < *self.waits_for.lock().expect("a number") {
            tokio::task::yield_now().await;
        }
        let takes = *self.takes.lock().expect("a duration");
        self.clock.pass(takes);
        let reply = match verdict {
            Verdict::Through => (self.rule.lock().expect("a rule"))(request),
            Verdict::Lost(_) => Reply::Fails(ErrorClass::Connect),
        };
        let response = |status, headers, body: &str| {
            Ok(Response { status, headers, body: Body::of(body.as_bytes()), body_is_cut: false })
        };
        let result = match reply {
            Reply::Status(status) => response(status, Vec::new(), "ok"),
            Reply::Says(status, body) => response(status, Vec::new(), &body),
            Reply::Heads(status, headers) => response(status, headers, "ok"),
            Reply::Fails(class) => Err(Failure { class, detail: "as told".to_owned() }),
            Reply::Panics => panic!("the receiver was told to panic"),
        };
        Exchange { result, duration_ms: u64::try_from(takes.as_millis()).expect("milliseconds") }
    }
}
