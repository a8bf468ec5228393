//! S3, by the few signed requests that there is use for: they are sent over the SDK's own connections, up to three times
//! where another may help.

use crate::signed::{endpoint, signature};
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignatureLocation, SigningSettings,
    UriPathNormalizationMode,
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{HttpConnector, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
    },
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use aws_types::SdkConfig;
use bundler::ports::{Answer, PortError};
use std::{fmt::Write, mem, time::Duration};

pub(crate) const TRIES: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// A bucket, and what reaches it.
#[derive(Clone)]
pub(crate) struct S3 {
    config: SdkConfig,
    connector: SharedHttpConnector,
    bucket: String,
}

/// A request to it.
pub(crate) struct Ask<'a> {
    pub(crate) doing: &'static str,
    pub(crate) method: &'static str,
    /// An object's key, as it is.
    pub(crate) key: &'a str,
    /// As it stands in a URL.
    pub(crate) query: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// What S3 said with a status of success.
pub(crate) struct Told {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The texts of the elements of this name: what S3 writes in these has no markup of its own.
    pub(crate) fn elements(&self, name: &str) -> Vec<String> {
        elements(&self.body, name)
    }
}

/// What is to be done about a status.
pub(crate) enum Said {
    Told(Told),
    /// Another try may help.
    Passing(String),
    Refused(u16, String),
}

impl S3 {
    pub(crate) fn new(config: &SdkConfig, connector: SharedHttpConnector, bucket: String) -> Self {
        Self { config: config.clone(), connector, bucket }
    }

    /// Another bucket, reached the same way.
    pub(crate) fn beside(&self, bucket: &str) -> Self {
        Self { bucket: bucket.to_owned(), ..self.clone() }
    }

    /// The same with other credentials.
    pub(crate) fn with(&self, config: SdkConfig) -> Self {
        Self { config, ..self.clone() }
    }

    /// Where an object is.
    pub(crate) fn url(&self, key: &str) -> Result<String, &'static str> {
        let bucket = &self.bucket;
        let base = match self.config.endpoint_url() {
            Some(emulator) => format!("{emulator}/{bucket}"),
            None => endpoint(&self.config, &format!("{bucket}.s3"))?,
        };
        Ok(format!("{base}/{}", escape(key, "/")))
    }

    /// Sends a request, and takes any refusal for an error.
    pub(crate) async fn send(&self, ask: Ask<'_>) -> Answer<Told> {
        let doing = ask.doing;
        self.ask(ask).await?.map_err(|(_, code)| PortError { doing, code })
    }

    /// Sends a request; what is refused is told with its status.
    pub(crate) async fn ask(&self, mut ask: Ask<'_>) -> Answer<Result<Told, (u16, String)>> {
        // Every try sends these bytes, and none a copy of them: a part of an upload is in memory once.
        let body = SdkBody::from(mem::take(&mut ask.body));
        let failed = |code: String| PortError { doing: ask.doing, code };
        let (mut wait, mut left) = (FIRST_WAIT, TRIES);
        loop {
            let request =
                self.signed(&ask, &body).await.map_err(|_| failed("request could not be built".to_owned()))?;
            left -= 1;
            let passing = match self.call(request).await {
                Said::Told(told) => return Ok(Ok(told)),
                Said::Refused(status, code) => return Ok(Err((status, code))),
                Said::Passing(code) => code,
            };
            if left == 0 {
                return Err(failed(passing));
            }
            if let Some(sleep) = self.config.sleep_impl() {
                aws_smithy_async::rt::sleep::AsyncSleep::sleep(&sleep, wait).await;
            }
            wait *= 4;
        }
    }

    /// Sends a request once, to whatever service it is for that answers in XML.
    pub(crate) async fn call(&self, request: HttpRequest) -> Said {
        match self.connector.call(request).await {
            Err(_) => Said::Passing("no connection".to_owned()),
            Ok(answer) => read(answer).await,
        }
    }

    async fn signed(&self, ask: &Ask<'_>, body: &SdkBody) -> Result<HttpRequest, BoxError> {
        let mut url = self.url(ask.key)?;
        if !ask.query.is_empty() {
            url = format!("{url}?{}", ask.query);
        }
        let mut request = http::Request::builder().method(ask.method).uri(url);
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let mut request = request.body(body.try_clone().ok_or("a body that can be sent once")?)?;
        let mut settings = settings();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let body = SignableBody::Bytes(body.bytes().ok_or("a body that is not in memory")?);
        let signature = signature(&request, body, "s3", settings, &self.config).await?;
        signature.apply_to_request_http1x(&mut request);
        Ok(HttpRequest::try_from(request)?)
    }

    /// S3's user guide, "Authenticating requests: using query parameters". A link ends with the credentials that it is
    /// signed with, if they end before.
    pub(crate) async fn link(&self, key: &str, query: &str, lives: Duration) -> Result<String, BoxError> {
        let question = if query.is_empty() { "" } else { "?" };
        let mut request = http::Request::get(format!("{}{question}{query}", self.url(key)?)).body(())?;
        let mut settings = settings();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(lives);
        let signature = signature(&request, SignableBody::UnsignedPayload, "s3", settings, &self.config).await?;
        signature.apply_to_request_http1x(&mut request);
        Ok(request.uri().to_string())
    }
}

/// Deletes an object, which need not be there.
pub(crate) async fn delete(s3: &S3, object: &str) -> Answer<()> {
    let doing = "deleting an object";
    let ask = Ask { doing, method: "DELETE", key: object, query: String::new(), headers: Vec::new(), body: Vec::new() };
    s3.send(ask).await.map(|_| ())
}

/// S3 signs a path as it is, unlike other services.
fn settings() -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings
}

async fn read(answer: HttpResponse) -> Said {
    let status = answer.status().as_u16();
    let headers = answer.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let Ok(body) = ByteStream::new(answer.into_body()).collect().await else {
        return Said::Passing("no connection".to_owned());
    };
    let body = String::from_utf8(body.to_vec()).unwrap_or_default();
    // What takes S3 long is answered before it is done, and may still be an error then.
    let error = elements(&body, "Error").into_iter().next();
    match (status, error) {
        (200..=299, None) => Said::Told(Told { headers, body }),
        (200..=299 | 500..=599 | 429, _) => Said::Passing(code(&body, status)),
        _ => Said::Refused(status, code(&body, status)),
    }
}

/// The error's code. Never its message, which may repeat what was sent.
fn code(body: &str, status: u16) -> String {
    elements(body, "Code").into_iter().next().unwrap_or_else(|| format!("status {status}"))
}

/// The texts of all elements of this name.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let text = |part: &str| part.split_once(&close).map(|(text, _)| text.replace("&quot;", "\"").replace("&amp;", "&"));
    xml.split(&open).skip(1).filter_map(text).collect()
}

/// `%` and two digits for every byte but letters, digits, `-._~` and those that are `kept` (RFC 3986 section 2.3).
pub(crate) fn escape(text: &str, kept: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.as_bytes().contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
