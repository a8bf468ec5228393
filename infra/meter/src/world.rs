//! What surrounds the use cases while a stream is played: a clock set by hand, lines that are weighed as the edge would
//! write them, the root secret, and a receiver that answers 200.

use bundler::{
    attempt::{Body, Exchange, Request, Response},
    flush::Portion,
    log::{Level, Line, Log},
    ports::{Answer, Clock, HandOver, PortError, Post, ReadRootSecret},
    signature::RootSecret,
    timestamp::Timestamp,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A clock that stands still until it is set.
#[derive(Clone)]
pub(crate) struct Hand(Arc<AtomicU64>);

impl Hand {
    pub(crate) fn at(moment: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(moment.millis())))
    }

    pub(crate) fn set(&self, moment: Timestamp) {
        self.0.store(moment.millis(), Ordering::Relaxed);
    }

    pub(crate) fn pass(&self, span: Duration) {
        self.set(self.now().plus(span));
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed)).expect("a moment that was set")
    }
}

/// Lines of a function, from a level on, as bytes.
pub(crate) struct Lines {
    function: &'static str,
    level: Level,
    clock: Hand,
    bytes: AtomicU64,
}

impl Lines {
    pub(crate) fn of(function: &'static str, level: Level, clock: Hand) -> Self {
        Self { function, level, clock, bytes: AtomicU64::new(0) }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Log for Lines {
    fn log(&self, line: Line) {
        if line.level >= self.level {
            let bytes = line.render(self.clock.now(), self.function).len() + "\n".len();
            self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }
}

/// The generated secret, and how often it was read.
pub(crate) struct Secret {
    root: RootSecret,
    calls: AtomicU64,
}

impl Default for Secret {
    fn default() -> Self {
        let root = RootSecret::parse(&"root".repeat(16)).expect("a secret");
        Self { root, calls: AtomicU64::new(0) }
    }
}

impl Secret {
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.root.ingest_key())
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
}

impl ReadRootSecret for Secret {
    async fn read_root_secret(&self) -> Answer<RootSecret> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(self.root.clone())
    }
}

/// Nobody: what is played here is too little to be handed over.
pub(crate) struct NoOthers;

impl HandOver for NoOthers {
    async fn hand_over(&self, _portion: &Portion) -> Answer<()> {
        Err(PortError { doing: "handing shards over", code: "there is nobody else".to_owned() })
    }
}

/// Answers 200 to everything, and weighs what it is sent.
#[derive(Default)]
pub(crate) struct Receiver {
    posts: AtomicU64,
    bytes: AtomicU64,
}

impl Receiver {
    /// Of bodies and header lines, as HTTP/1.1 writes them; without what TLS adds.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn posts(&self) -> u64 {
        self.posts.load(Ordering::Relaxed)
    }
}

impl Post for Receiver {
    async fn post(&self, request: &Request) -> Exchange {
        let line = |(name, value): &(String, String)| name.len() + ": ".len() + value.len() + "\r\n".len();
        let headers: usize = request.headers.iter().map(line).sum();
        let first = "POST  HTTP/1.1\r\nhost: \r\n\r\n".len() + request.url.len();
        self.posts.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add((first + headers + request.body.len()) as u64, Ordering::Relaxed);
        let headers = [
            ("content-type", "application/json"),
            ("date", "Mon, 02 Mar 2026 09:01:00 GMT"),
            ("server", "nginx"),
            ("content-length", "20"),
        ];
        let response = Response {
            status: 200,
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body: Body::of(br#"{"status":"success"}"#),
            body_is_cut: false,
        };
        Exchange { result: Ok(response), duration_ms: 180 }
    }
}
