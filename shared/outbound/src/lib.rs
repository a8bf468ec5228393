//! The guarded HTTP client: the only code that calls a receiver, and that fetches a file. It sends one POST and says what
//! came of it; [`Downloads`] sends GETs.
//!
//! It never follows a redirect, never goes through a proxy, never decompresses, never calls an address that
//! [`bundler::endpoint`] does not permit, and never reads more, or for longer, than [`bundler::limits`] says. The address
//! rule is asked where the connection is made (the resolver), because a name may answer differently the next time.

mod classify;
mod download;
mod guard;
#[cfg(test)]
mod rebinding;
mod resolver;

use bundler::{
    attempt::{Body, ErrorClass, Exchange, Failure, Request, Response},
    endpoint::Policy,
    limits,
    ports::Post,
};
use reqwest::header::HeaderMap;
use resolver::{Guarded, Lookup, System};
use rustls::RootCertStore;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

pub use download::{Download, Downloads};

/// How long an idle connection is kept for the next request to the same receiver.
const IDLE: Duration = Duration::from_secs(30);
/// Idle connections that are kept for one receiver.
const IDLE_CONNECTIONS: usize = 2;
/// Header lines of a response that are read.
const RESPONSE_HEADERS: usize = 100;
/// After so long a request ends whatever the client believes: its own clock is to have ended it before.
const REQUEST_AT_MOST: Duration = limits::REQUEST.saturating_add(Duration::from_millis(500));

pub struct Client {
    http: reqwest::Client,
    policy: Policy,
}

/// Whether a URL may be called at all, before anything is resolved: for those who set one.
pub fn check(url: &str, policy: Policy) -> Result<(), Failure> {
    guard::permitted(url, policy).map(|_| ())
}

impl Client {
    /// The error is a bug: every option is fixed.
    pub fn new(policy: Policy) -> Result<Self, String> {
        Self::over(System, policy, RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
    }

    /// A client for tools that play receivers on this machine: it trusts their authority and no other. What it may
    /// reach is not the caller's to say, so it cannot stand in for one that guards.
    #[cfg(feature = "own_roots")]
    pub fn for_receivers_of_a_tool(authority: rustls::pki_types::CertificateDer<'_>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        roots.add(authority.into_owned()).map_err(|error| error.to_string())?;
        let (scheme, reach) = (bundler::endpoint::Scheme::HttpToo, bundler::endpoint::Reach::Private);
        Self::over(System, Policy { scheme, reach }, roots)
    }

    fn over(lookup: impl Lookup, policy: Policy, roots: RootCertStore) -> Result<Self, String> {
        let http = guarded(lookup, policy, roots)?.timeout(limits::REQUEST).build();
        Ok(Self { http: http.map_err(|error| error.to_string())?, policy })
    }

    async fn exchange(&self, request: &Request) -> Result<Response, Failure> {
        let url = guard::permitted(&request.url, self.policy)?;
        let mut post = self.http.post(url).body(request.body.clone());
        for (name, value) in &request.headers {
            post = post.header(name, value);
        }
        let response = post.send().await.map_err(|error| classify::failure(&error))?;
        let mut response = checked(response, self.policy)?;
        let headers = kept(response.headers());
        let status = response.status().as_u16();
        let (body, body_is_cut) = read(&mut response).await?;
        Ok(Response { status, headers, body: Body::of(&body), body_is_cut })
    }
}

/// A client that reaches nothing which the policy does not permit, but for its time limit.
fn guarded(lookup: impl Lookup, policy: Policy, roots: RootCertStore) -> Result<reqwest::ClientBuilder, String> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls(roots)?)
        .dns_resolver(Guarded::new(lookup, policy.reach))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .connect_timeout(limits::CONNECT)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .http1_max_headers(RESPONSE_HEADERS))
}

/// A last look, in case the guard was passed by: who answered?
fn checked(response: reqwest::Response, policy: Policy) -> Result<reqwest::Response, Failure> {
    let peer = response.remote_addr().as_ref().map(SocketAddr::ip).ok_or_else(classify::Blocked::failure)?;
    resolver::permitted(peer, policy.reach)?;
    Ok(response)
}

impl Post for Client {
    async fn post(&self, request: &Request) -> Exchange {
        let started = Instant::now();
        let exchange = tokio::time::timeout(REQUEST_AT_MOST, self.exchange(request)).await;
        let result = exchange.unwrap_or_else(|_| Err(classify::too_slow()));
        Exchange { result, duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX) }
    }
}

/// Certificates are always verified; 1.2 is the oldest version.
fn tls(roots: RootCertStore) -> Result<rustls::ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(tls)
}

/// The header lines that are kept, in order, up to the first that does not fit.
fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    let lines = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let fits = |bytes: &mut usize, line: (String, String)| {
        *bytes += line.0.len() + line.1.len();
        (*bytes <= limits::RESPONSE_HEADER_BYTES).then_some(line)
    };
    lines.scan(0, fits).collect()
}

/// A response's body up to the limit, and whether there was more of it.
async fn read(response: &mut reqwest::Response) -> Result<(Vec<u8>, bool), Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| body_failure(&error))? {
        let room = limits::RESPONSE_BODY_BYTES - body.len();
        if chunk.len() > room {
            body.extend_from_slice(&chunk[..room]);
            return Ok((body, true));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((body, false))
}

fn body_failure(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return classify::failure(error);
    }
    Failure { class: ErrorClass::Body, detail: "the connection ended within the answer's body".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    #[test]
    fn of_a_receivers_headers_no_more_is_kept_than_a_stored_attempt_has_room_for() {
        let mut headers = HeaderMap::new();
        for number in 0..90 {
            let name = HeaderName::try_from(format!("x-{number}")).expect("a name");
            headers.insert(name, HeaderValue::try_from("é".repeat(2_000)).expect("a value"));
        }
        let kept = kept(&headers);
        let bytes: usize = kept.iter().map(|(name, value)| name.len() + value.len()).sum();
        assert!(!kept.is_empty() && bytes <= limits::RESPONSE_HEADER_BYTES, "{bytes} bytes");
        headers.clear();
        headers.insert("content-type", HeaderValue::from_static("text/plain"));
        assert_eq!(super::kept(&headers), [("content-type".to_owned(), "text/plain".to_owned())]);
    }
}
