//! The SDK's requests over reqwest: a function whose own client is reqwest is spared a second HTTP stack, which would
//! take it over its size. The same rules as [`connection`](crate::connection): ring, Amazon's five roots, no proxy.

use crate::connection::CONNECT;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::{body::SdkBody, retry::ErrorKind};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, TrustAnchor, pem::PemObject},
};
use std::{env, sync::Arc};

/// The subjects of the roots that AWS answers with. They are among the compiled-in ones: nothing is parsed.
const AMAZON: [&[u8]; 5] = [
    b"Amazon Root CA 1",
    b"Amazon Root CA 2",
    b"Amazon Root CA 3",
    b"Amazon Root CA 4",
    b"Starfield Services Root Certificate Authority - G2",
];

/// What sends requests.
pub fn connector() -> Result<SharedHttpConnector, String> {
    Ok(SharedHttpConnector::new(OverReqwest(reqwest_client()?)))
}

/// The same as the SDK's clients want it.
pub fn http_client(connector: SharedHttpConnector) -> SharedHttpClient {
    http_client_fn(move |_, _| connector.clone())
}

fn reqwest_client() -> Result<reqwest::Client, String> {
    let told = |error: &dyn std::error::Error| format!("the client for AWS does not build: {error}");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| told(&error))?
        .with_root_certificates(roots()?)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(CONNECT)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .build()
        .map_err(|error| told(&error))
}

fn roots() -> Result<RootCertStore, String> {
    let Ok(path) = env::var("AWS_CA_BUNDLE") else {
        return Ok(RootCertStore { roots: amazon().cloned().collect() });
    };
    let told = |error: &dyn std::error::Error| format!("AWS_CA_BUNDLE does not read: {error}");
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(path).map_err(|error| told(&error))? {
        roots.add(root.map_err(|error| told(&error))?).map_err(|error| told(&error))?;
    }
    Ok(roots)
}

fn amazon() -> impl Iterator<Item = &'static TrustAnchor<'static>> {
    let ends = |root: &&TrustAnchor<'_>| AMAZON.iter().any(|name| root.subject.ends_with(name));
    webpki_roots::TLS_SERVER_ROOTS.iter().filter(ends)
}

#[derive(Clone, Debug)]
struct OverReqwest(reqwest::Client);

impl HttpConnector for OverReqwest {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = to_reqwest(request)?;
            let response = client.execute(request).await.map_err(broken_off)?;
            let response: http::Response<reqwest::Body> = response.into();
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

fn to_reqwest(request: HttpRequest) -> Result<reqwest::Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    // A body that streams has no bytes to show. None of our requests has one.
    let bytes = request.body().bytes().ok_or_else(|| ConnectorError::user("the body streams".into()))?.to_vec();
    reqwest::Request::try_from(request.map(|_| bytes)).map_err(|error| ConnectorError::user(error.into()))
}

/// How a request broke off, so that the SDK's retries know it. Every request of ours may be sent again.
fn broken_off(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else if error.is_connect() {
        ConnectorError::io(error.into())
    } else {
        ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amazons_five_roots_are_among_the_compiled_in_ones() {
        assert_eq!(amazon().count(), AMAZON.len());
    }
}
