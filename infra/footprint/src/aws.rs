//! An AWS that says as little as it can: HTTPS on a loopback port, under a certificate made for this run, one harmless
//! answer for each operation. It checks no signature and remembers nothing; what a copied file needs, `copy` says.
//!
//! The chain is a leaf under one root, both ECDSA P-256. AWS's own are RSA, with one or two certificates in between, and
//! RSA is several times cheaper to verify; so the instructions counted here are not below those in production.

use crate::Result;
use crate::http;
use crate::script::{Asked, Script, Stage, Step};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, BufReader, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

pub(crate) struct FakeAws {
    pub(crate) port: u16,
    /// The certificate, as PEM, of the root that a function has to trust.
    pub(crate) root_pem: String,
}

/// Serves `localhost` until the process ends.
pub(crate) fn start(stage: Stage) -> Result<FakeAws> {
    let (config, root_pem) = make_certificates()?;
    let config = Arc::new(config);
    // The address that the name gives first, so that a function finds it with its first attempt.
    let listener = TcpListener::bind(("localhost", 0))?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (config, script) = (Arc::clone(&config), stage.script());
            if let Some(script) = script {
                thread::spawn(move || {
                    if let Err(error) = serve(stream, config, &script) {
                        script.tell(Step::Trouble(format!("AWS: {error}")));
                    }
                });
            }
        }
    });
    Ok(FakeAws { port, root_pem })
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, script: &Script) -> io::Result<()> {
    if script.is_over() {
        // Held as it is, without a handshake, until the function is ended.
        let _ = stream.peek(&mut [0; 1]).and_then(|_| io::copy(&mut &stream, &mut io::sink()));
        return Ok(());
    }
    stream.set_nodelay(true)?;
    let tls = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut connection = BufReader::new(StreamOwned::new(tls, stream));
    while let Some(request) = read(&mut connection)? {
        let target = request.header("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let of_copy = script.copy.as_ref().and_then(|passage| passage.answer(&operation, &request));
        let answer = of_copy.unwrap_or_else(|| answer(&operation));
        if script.is_answered(Asked::Call(operation)) {
            connection.get_mut().write_all(&answer)?;
            connection.get_mut().flush()?;
            script.call_answered();
        }
    }
    Ok(())
}

/// A function that is ended says no goodbye in TLS; that is the end of the connection like any other.
fn read(connection: &mut BufReader<StreamOwned<ServerConnection, TcpStream>>) -> io::Result<Option<http::Request>> {
    match http::read_request(connection) {
        Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => Ok(None),
        result => result,
    }
}

/// What the first call of each function gets; everything else gets an empty object.
fn answer(operation: &str) -> Vec<u8> {
    let (version, body) = match operation {
        "GetSecretValue" => ("1.1", secret()),
        "Query" => ("1.0", r#"{"Count":0,"Items":[],"ScannedCount":0}"#.to_owned()),
        _ => ("1.0", "{}".to_owned()),
    };
    let content_type = format!("application/x-amz-json-{version}");
    http::answer(
        &[("content-type", &content_type), ("x-amzn-requestid", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")],
        &body,
    )
}

fn secret() -> String {
    serde_json::json!({
        "ARN": "arn:aws:secretsmanager:eu-central-1:000000000000:secret:footprint-AbCdEf",
        "Name": "footprint",
        "SecretString": "0123456789abcdef".repeat(4),
        "VersionId": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        "VersionStages": ["AWSCURRENT"],
    })
    .to_string()
}

fn make_certificates() -> Result<(ServerConfig, String)> {
    let mut root = CertificateParams::new([])?;
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let leaf = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])?.signed_by(&key, &root)?;
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key.into())?;
    Ok((config, root.pem()))
}
