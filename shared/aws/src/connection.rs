//! How the SDK's clients reach AWS: region, credentials, TLS, retries. Built from the environment that Lambda gives.
//!
//! TLS is rustls with ring and Amazon's five roots, which is all that AWS answers with; the crates' own client would
//! spend a hundred times the instructions on entropy and the system's roots before its first request.

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    behavior_version::BehaviorVersion,
    http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    runtime_components::RuntimeComponents,
    stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};
use std::{env, fs, time::Duration};

/// Amazon Root CA 1 to 4 and Starfield Services Root G2: <https://www.amazontrust.com/repository/>.
const AMAZON_ROOTS: &[u8] = include_bytes!("roots.pem");
pub(crate) const CONNECT: Duration = Duration::from_secs(2);
const TRIES: u32 = 3;

/// What all clients share, over an HTTP client of their own. The error names the variable that is missing or wrong.
pub fn connect() -> Result<SdkConfig, String> {
    connect_over(http_client()?)
}

/// What all clients share, over the given HTTP client.
pub fn connect_over(http_client: SharedHttpClient) -> Result<SdkConfig, String> {
    configure(http_client, |name| env::var(name).ok())
}

/// What all clients share, from the variables that Lambda gives a function.
pub fn configure(
    http_client: SharedHttpClient,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<SdkConfig, String> {
    let needed = |name: &str| variable(name).ok_or_else(|| format!("the variable {name} is not set"));
    let credentials = Credentials::new(
        needed("AWS_ACCESS_KEY_ID")?,
        needed("AWS_SECRET_ACCESS_KEY")?,
        variable("AWS_SESSION_TOKEN"),
        None,
        "environment",
    );
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(needed("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
        // Only connecting has a time-out: a request that was given up might still be under way when the function has
        // answered, and a put must not happen after that. What hangs ends with the function.
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    config.set_endpoint_url(variable("AWS_ENDPOINT_URL"));
    Ok(config.build())
}

/// The SDK's own HTTP client.
pub fn http_client() -> Result<SharedHttpClient, String> {
    let trust = match env::var("AWS_CA_BUNDLE") {
        Ok(path) => fs::read(&path).map_err(|error| format!("AWS_CA_BUNDLE does not read: {error}"))?,
        Err(_) => AMAZON_ROOTS.to_vec(),
    };
    let context = TlsContext::builder()
        .with_trust_store(TrustStore::empty().with_pem_certificate(trust))
        .build()
        .map_err(|error| format!("the trust store does not build: {error}"))?;
    let client = Builder::new().tls_provider(Provider::rustls(CryptoMode::Ring)).tls_context(context).build_https();
    Ok(SharedHttpClient::new(Unvalidated(client)))
}

/// The client without its validation: that builds a connector, with all roots, to throw it away, for each SDK client.
#[derive(Debug)]
struct Unvalidated(SharedHttpClient);

impl HttpClient for Unvalidated {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }
}
