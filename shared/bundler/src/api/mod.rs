//! The HTTP API as plain values: a call comes in, a reply goes out. What carries them is the edge's business.

pub mod ingest;

use crate::{problem::Problem, timestamp::Timestamp};
use serde::Serialize;

/// What of an HTTP request matters.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    pub method: &'a str,
    /// As it was sent, without the query.
    pub path: &'a str,
    pub authorization: Option<&'a str>,
    pub body: &'a [u8],
    pub now: Timestamp,
}

/// What goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status, headers, body: serde_json::to_vec(body).unwrap_or_default() }
    }

    pub fn problem(problem: &Problem) -> Self {
        let headers = vec![("content-type", "application/problem+json".to_owned())];
        Self { status: problem.status, headers, body: serde_json::to_vec(problem).unwrap_or_default() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
