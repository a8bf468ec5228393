//! The ways in as plain values: a call comes in and a reply goes out, or records come in and what is to become of them
//! goes out. What carries them is the edge's business.

mod body;
pub mod ingest;
pub mod records;
mod results;
mod take;
pub mod upstreams;

use crate::{problem::Problem, timestamp::Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// What of an HTTP request matters.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    pub method: &'a str,
    /// As it was sent, without the query.
    pub path: &'a str,
    /// As it was sent, without the question mark.
    pub query: &'a str,
    /// Names in lower case.
    pub headers: &'a BTreeMap<String, String>,
    /// The host of the URL that was called, as Lambda names it.
    pub domain: &'a str,
    pub body: &'a [u8],
    pub now: Timestamp,
}

impl<'a> Call<'a> {
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name).map(String::as_str)
    }
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
        Self::of(status, "application/json", body)
    }

    pub fn problem(problem: &Problem) -> Self {
        Self::extended_problem(problem.status, problem)
    }

    /// A problem document that has members of its own beside the standard ones.
    pub fn extended_problem(status: u16, body: &impl Serialize) -> Self {
        Self::of(status, "application/problem+json", body)
    }

    /// A body that is no JSON.
    pub fn text(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    fn of(status: u16, content_type: &str, body: &impl Serialize) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { status, headers, body: serde_json::to_vec(body).unwrap_or_default() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The key of an `Authorization` header of the kind `Bearer` (RFC 6750).
pub(crate) fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, key) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim()).filter(|key| !key.is_empty())
}
