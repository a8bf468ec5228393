//! Fetching files: GETs by the same guard. A redirect is followed, because file stores answer with one, but each step of it
//! only where it may go, and headers that were meant for one origin go to no other.

use crate::{
    body_failure, checked, classify, guard, guarded,
    resolver::{Lookup, System},
};
use bundler::{
    attempt::{ErrorClass, Failure},
    endpoint::Policy,
    limits,
    ports::{Fetch, Fetched, ReadBody},
};
use rustls::RootCertStore;
use std::time::{Duration, Instant};
use url::Url;

/// Steps of a redirect: to a store, and within it.
const STEPS: usize = 3;

/// The client that fetches files.
pub struct Downloads {
    http: reqwest::Client,
    policy: Policy,
}

/// A file as it comes.
pub struct Download {
    response: reqwest::Response,
    until: Instant,
}

impl Downloads {
    /// The error is a bug: every option is fixed.
    pub fn new(policy: Policy) -> Result<Self, String> {
        Self::over(System, policy, RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
    }

    pub(crate) fn over(lookup: impl Lookup, policy: Policy, roots: RootCertStore) -> Result<Self, String> {
        let http = guarded(lookup, policy, roots)?.timeout(limits::FILE_COPY).read_timeout(limits::FILE_IDLE).build();
        Ok(Self { http: http.map_err(|error| error.to_string())?, policy })
    }

    async fn get(&self, url: &str, headers: &[(String, String)]) -> Result<reqwest::Response, Failure> {
        let mut url = guard::permitted(without_fragment(url), self.policy)?;
        let origin = url.origin();
        for _ in 0..=STEPS {
            let mut get = self.http.get(url.clone());
            let own: &[(String, String)] = if url.origin() == origin { headers } else { &[] };
            for (name, value) in own {
                get = get.header(name, value);
            }
            let response = get.send().await.map_err(|error| classify::failure(&error))?;
            let response = checked(response, self.policy)?;
            match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 => url = self.next(&url, &response)?,
                _ => return Ok(response),
            }
        }
        Err(redirect("it was redirected too often"))
    }

    /// Where a redirect leads, if that may be called.
    fn next(&self, url: &Url, response: &reqwest::Response) -> Result<Url, Failure> {
        let location = response.headers().get("location").and_then(|location| location.to_str().ok());
        let next = location.and_then(|location| url.join(location).ok()).ok_or_else(|| redirect("it leads nowhere"))?;
        let next = guard::permitted(without_fragment(next.as_str()), self.policy)?;
        if url.scheme() == "https" && next.scheme() != "https" {
            return Err(redirect("it leads from https to http"));
        }
        Ok(next)
    }
}

fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(url, _)| url)
}

fn redirect(detail: &str) -> Failure {
    Failure { class: ErrorClass::Redirect, detail: detail.to_owned() }
}

impl Fetch for Downloads {
    type Body = Download;

    async fn fetch(&self, url: &str, headers: &[(String, String)]) -> Result<Fetched<Download>, Failure> {
        let until = Instant::now() + limits::FILE_COPY;
        let got = tokio::time::timeout(left(until), self.get(url, headers)).await;
        let response = got.unwrap_or_else(|_| Err(classify::too_slow()))?;
        let mimetype = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        Ok(Fetched {
            status: response.status().as_u16(),
            mimetype: mimetype.map(str::to_owned),
            size: response.content_length(),
            body: Download { response, until },
        })
    }
}

impl ReadBody for Download {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        // The client's own clocks are to have ended it before.
        let wait = left(self.until).min(limits::FILE_IDLE + Duration::from_millis(500));
        let chunk = tokio::time::timeout(wait, self.response.chunk()).await.map_err(|_| classify::too_slow())?;
        chunk.map(|chunk| chunk.map(|bytes| bytes.to_vec())).map_err(|error| body_failure(&error))
    }
}

fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}
