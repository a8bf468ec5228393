//! Requests to services that are not worth a client of their own: a whole one for one call weighs 5 to 10 % of a
//! function. They are signed, and sent again where that helps, by the SDK's own parts.

use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningInstructions, SigningSettings, sign},
    sign::v4::SigningParams,
};
use aws_smithy_runtime_api::{box_error::BoxError, client::orchestrator::HttpResponse};
use aws_types::SdkConfig;
use serde::Deserialize;
use std::time::SystemTime;

/// A POST of JSON, but for its signature.
pub(crate) struct Post<'a> {
    /// As it stands in the host's name, before the region.
    pub(crate) host: &'static str,
    /// As it stands in a signature.
    pub(crate) service: &'static str,
    pub(crate) path: &'a str,
    pub(crate) content_type: &'static str,
    /// In lower case; beside the body's type.
    pub(crate) header: Option<(&'static str, &'static str)>,
    pub(crate) body: String,
}

/// Where the service is, without a path.
pub(crate) fn endpoint(config: &SdkConfig, host: &str) -> Result<String, &'static str> {
    let region = config.region().ok_or("there is no region")?.as_ref();
    let partition = if region.starts_with("cn-") { ".cn" } else { "" };
    let own = || format!("https://{host}.{region}.amazonaws.com{partition}");
    Ok(config.endpoint_url().map_or_else(own, str::to_owned))
}

impl Post<'_> {
    pub(crate) async fn signed(self, config: &SdkConfig) -> Result<http::Request<String>, BoxError> {
        let mut request = http::Request::builder().method("POST").uri(endpoint(config, self.host)? + self.path);
        for (name, value) in [("content-type", self.content_type)].into_iter().chain(self.header) {
            request = request.header(name, http::HeaderValue::from_static(value));
        }
        let mut request = request.body(self.body)?;
        let body = SignableBody::Bytes(request.body().as_bytes());
        let signature = signature(&request, body, self.service, SigningSettings::default(), config).await?;
        signature.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

/// What makes a request one of ours, with the headers that it has.
pub(crate) async fn signature<B>(
    request: &http::Request<B>,
    body: SignableBody<'_>,
    service: &str,
    settings: SigningSettings,
    config: &SdkConfig,
) -> Result<SigningInstructions, BoxError> {
    let region = config.region().ok_or("there is no region")?.as_ref();
    let provider = config.credentials_provider().ok_or("there are no credentials")?;
    let identity = provider.provide_credentials().await?.into();
    let params = SigningParams::builder().identity(&identity).region(region).name(service);
    let params = params.time(SystemTime::now()).settings(settings).build()?.into();
    let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let signable = SignableRequest::new(request.method().as_str(), request.uri().to_string(), headers, body)?;
    Ok(sign(signable, &params)?.into_parts().0)
}

/// What a service says of an error: its code where it has one, else the status. Never its message, which may repeat what
/// was sent. `MessageRejected`, of `com.amazonaws.ses#MessageRejected:http://…` too.
pub(crate) fn code(answer: &HttpResponse) -> String {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Said {
        #[serde(rename = "__type")]
        kind: String,
    }
    let said: Said = answer.body().bytes().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
    let named = answer.headers().get("x-amzn-errortype").unwrap_or(&said.kind);
    if named.is_empty() {
        return format!("status {}", answer.status().as_u16());
    }
    let name = named.split(':').next().unwrap_or_default();
    name.rsplit('#').next().unwrap_or_default().to_owned()
}
