//! An internet of one test: what answers at which URL, and what it was asked.

use bundler::{
    attempt::{ErrorClass, Failure},
    ports::{Fetch, Fetched, ReadBody},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// What a URL answers.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) mimetype: Option<&'static str>,
    /// What it says that it is long.
    pub(super) size: Option<u64>,
    pub(super) body: Vec<u8>,
    /// How it ends, when it does not end well.
    pub(super) breaks: Option<ErrorClass>,
}

impl Answer {
    pub(super) fn file(mimetype: &'static str, body: &[u8]) -> Self {
        let size = Some(body.len() as u64);
        Self { status: 200, mimetype: Some(mimetype), size, body: body.to_vec(), breaks: None }
    }

    pub(super) fn status(status: u16) -> Self {
        Self { status, ..Self::file("text/plain", b"no") }
    }
}

type Asked = (String, Vec<(String, String)>);

#[derive(Default)]
pub(super) struct Internet {
    answers: Mutex<BTreeMap<String, Result<Answer, ErrorClass>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Internet {
    pub(super) fn has(&self, url: &str, answer: Answer) {
        self.answers.lock().expect("answers").insert(url.to_owned(), Ok(answer));
    }

    pub(super) fn fails(&self, url: &str, class: ErrorClass) {
        self.answers.lock().expect("answers").insert(url.to_owned(), Err(class));
    }

    /// What it was asked since the last look.
    pub(super) fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().expect("questions"))
    }
}

/// A body, a piece at a time.
pub(super) struct Pieces {
    left: Vec<u8>,
    breaks: Option<ErrorClass>,
}

const PIECE: usize = 300_000;

fn failure(class: ErrorClass) -> Failure {
    Failure { class, detail: "as told".to_owned() }
}

impl Fetch for Internet {
    type Body = Pieces;

    async fn fetch(&self, url: &str, headers: &[(String, String)]) -> Result<Fetched<Pieces>, Failure> {
        self.asked.lock().expect("questions").push((url.to_owned(), headers.to_vec()));
        let answer = self.answers.lock().expect("answers").get(url).cloned().unwrap_or(Err(ErrorClass::Dns));
        let Answer { status, mimetype, size, body, breaks } = answer.map_err(failure)?;
        let body = Pieces { left: body, breaks };
        Ok(Fetched { status, mimetype: mimetype.map(str::to_owned), size, body })
    }
}

impl ReadBody for Pieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        if self.left.is_empty() {
            return self.breaks.map_or(Ok(None), |class| Err(failure(class)));
        }
        let rest = self.left.split_off(self.left.len().min(PIECE));
        Ok(Some(std::mem::replace(&mut self.left, rest)))
    }
}
