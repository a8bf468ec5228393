//! How the SDK's clients reach AWS: region, credentials, TLS, retries. Built from the environment that Lambda gives.
//!
//! The HTTP client is [`over_hyper`](crate::over_hyper).

use crate::over_hyper;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::{
    behavior_version::BehaviorVersion, http::SharedHttpClient, stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};
use std::env;

const TRIES: u32 = 3;

/// What all clients share, over an HTTP client of their own. The error names the variable that is missing or wrong.
pub fn connect() -> Result<SdkConfig, String> {
    connect_over(over_hyper::http_client(over_hyper::connector()?))
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
        // Only connecting has a time-out, and the HTTP client keeps it: a request that was given up might still be under
        // way when the function has answered, and a put must not happen after that. What hangs ends with the function.
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    config.set_endpoint_url(variable("AWS_ENDPOINT_URL"));
    Ok(config.build())
}
