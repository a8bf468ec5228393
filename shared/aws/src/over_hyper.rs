//! The SDK's requests over hyper: HTTP/1.1 by rustls with ring, and Amazon's five roots. It follows no redirect and
//! knows no proxy. The SDK's own HTTP client brings HTTP/2 and the system's roots, which would take each function over
//! its size.

use crate::{amazon, tls};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
};
use aws_smithy_types::{body::SdkBody, retry::ErrorKind};
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector as Tcp},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{
    env,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    time::{error::Elapsed, timeout},
};
use tower_service::Service;

/// For the connection and its TLS. What hangs after that ends with the function.
const CONNECT: Duration = Duration::from_secs(2);

/// What sends requests. The certificates that it trusts are Amazon's, or those of the file that `AWS_CA_BUNDLE` names.
pub fn connector() -> Result<SharedHttpConnector, String> {
    let tls = ClientConfig::builder_with_provider(Arc::new(tls::provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("the client for AWS does not build: {error}"))?
        .with_root_certificates(roots()?)
        .with_no_client_auth();
    let mut tcp = Tcp::new();
    tcp.set_nodelay(true);
    // An emulator on this machine is called in plain text.
    tcp.enforce_http(false);
    let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
    // Idle connections are kept as long as hyper does, 90 s: the next minute's tick finds one.
    let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(InTime(https));
    Ok(SharedHttpConnector::new(OverHyper(client)))
}

/// The same as the SDK's clients want it.
pub fn http_client(connector: SharedHttpConnector) -> SharedHttpClient {
    http_client_fn(move |_, _| connector.clone())
}

fn roots() -> Result<RootCertStore, String> {
    let Ok(path) = env::var("AWS_CA_BUNDLE") else {
        return Ok(RootCertStore { roots: amazon::roots()? });
    };
    let told = |error: &dyn std::error::Error| format!("AWS_CA_BUNDLE does not read: {error}");
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(path).map_err(|error| told(&error))? {
        roots.add(root.map_err(|error| told(&error))?).map_err(|error| told(&error))?;
    }
    Ok(roots)
}

#[derive(Clone, Debug)]
struct OverHyper(Client<InTime, SdkBody>);

impl HttpConnector for OverHyper {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let response = client.request(request).await.map_err(broken_off)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// How a request broke off, so that the SDK's retries know it. Every request of ours may be sent again.
fn broken_off(error: Error) -> ConnectorError {
    if is_too_slow(&error) {
        ConnectorError::timeout(error.into())
    } else if error.is_connect() {
        ConnectorError::io(error.into())
    } else {
        ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
    }
}

fn is_too_slow(error: &Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.is::<Elapsed>() {
            return true;
        }
        source = error.source();
    }
    false
}

/// Connects within [`CONNECT`], TLS included.
#[derive(Clone, Debug)]
struct InTime(HttpsConnector<Tcp>);

impl Service<Uri> for InTime {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connecting = self.0.call(to);
        Box::pin(async move { timeout(CONNECT, connecting).await? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    async fn call(to: &str) -> ConnectorError {
        let request = http::Request::get(to).body(SdkBody::empty()).expect("a request");
        let request = HttpRequest::try_from(request).expect("a request");
        connector().expect("it builds").call(request).await.expect_err("nobody answers")
    }

    /// Nobody has it: the port was given back.
    fn closed() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        listener.local_addr().expect("it is bound").port()
    }

    #[tokio::test]
    async fn a_refused_connection_is_an_input_or_output_error_which_the_sdk_tries_again() {
        let error = call(&format!("http://127.0.0.1:{}/", closed())).await;
        assert!(error.is_io(), "{error:?}");
    }

    #[tokio::test]
    async fn a_connection_that_is_closed_without_an_answer_is_transient() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let closing = std::thread::spawn(move || {
            use std::io::Read;
            let (mut stream, _) = listener.accept().expect("it connects");
            stream.read_exact(&mut [0; 4]).expect("a request comes");
        });
        let error = call(&format!("http://127.0.0.1:{port}/")).await;
        closing.join().expect("it ends");
        assert_eq!(error.as_other(), Some(ErrorKind::TransientError), "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_handshake_that_nobody_answers_ends_after_two_seconds() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let began = tokio::time::Instant::now();
        let error = call(&format!("https://127.0.0.1:{port}/")).await;
        assert!(error.is_timeout(), "{error:?}");
        assert_eq!(began.elapsed().as_secs(), CONNECT.as_secs());
    }
}
