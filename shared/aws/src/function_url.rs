//! What Lambda makes of an HTTP request to a Function URL, payload format 2.0, and of the answer to it. It lets nobody in.

use base64::{Engine, engine::general_purpose::STANDARD};
use bundler::{
    api::{Call, Reply},
    timestamp::Timestamp,
};
use http::{Request, Uri, response::Parts};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap, net::IpAddr};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    /// Names in lower case.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// They stand here alone.
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: RequestContext,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    http: Http,
    #[serde(default)]
    domain_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    #[serde(default)]
    source_ip: String,
}

impl Event {
    pub fn call<'a>(&'a self, body: &'a [u8], now: Timestamp) -> Call<'a> {
        Call {
            method: &self.request_context.http.method,
            path: &self.raw_path,
            query: &self.raw_query_string,
            headers: &self.headers,
            domain: &self.request_context.domain_name,
            body,
            now,
        }
    }

    /// The body's bytes. Base64 that does not decode is no body that anybody sent: it reads as empty, which no event is.
    pub fn body(&self) -> Cow<'_, [u8]> {
        let body = self.body.as_deref().unwrap_or_default();
        if self.is_base64_encoded {
            Cow::Owned(STANDARD.decode(body).unwrap_or_default())
        } else {
            Cow::Borrowed(body.as_bytes())
        }
    }

    /// The whole request. The error is one that HTTP has no form for.
    pub fn request(&self) -> Result<Request<Vec<u8>>, http::Error> {
        let mut target = escaped(&self.raw_path);
        if !self.raw_query_string.is_empty() {
            target = format!("{target}?{}", escaped(&self.raw_query_string));
        }
        let mut request = Request::builder().method(self.request_context.http.method.as_str());
        request = request.uri(Uri::try_from(target)?);
        for (name, value) in &self.headers {
            request = request.header(name.as_str(), value.as_bytes());
        }
        for cookie in &self.cookies {
            request = request.header("cookie", cookie.as_bytes());
        }
        request.body(self.body().into_owned())
    }

    /// The address that Lambda has seen, whatever headers say.
    pub fn source(&self) -> Option<IpAddr> {
        self.request_context.http.source_ip.parse().ok()
    }

    /// The URL's own origin. Lambda names it by the URL that was called: no header can change it.
    pub fn origin(&self) -> String {
        format!("https://{}", self.request_context.domain_name)
    }
}

/// What may not stand in a request's target, escaped: some paths come decoded.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'!'..=b'~' if !b"\"<>\\^`{|}#".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    body: String,
    is_base64_encoded: bool,
}

/// A longer body is sent as base64, which adds a third. As text, its escapes may double it.
const TEXT_BYTES: usize = 1_000_000;

impl Answer {
    pub fn of(parts: &Parts, body: Vec<u8>) -> Self {
        let (mut headers, mut cookies) = (BTreeMap::<String, String>::new(), Vec::new());
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            match name.as_str() {
                "set-cookie" => cookies.push(value),
                name => drop(headers.insert(name.to_owned(), value)),
            }
        }
        let (body, is_base64_encoded) = match String::from_utf8(body) {
            Ok(text) if text.len() <= TEXT_BYTES => (text, false),
            Ok(text) => (STANDARD.encode(text), true),
            Err(error) => (STANDARD.encode(error.as_bytes()), true),
        };
        Self { status_code: parts.status.as_u16(), headers, cookies, body, is_base64_encoded }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self {
            status_code: reply.status,
            headers: reply.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            cookies: Vec::new(),
            body: String::from_utf8_lossy(&reply.body).into_owned(),
            is_base64_encoded: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Response;

    fn event(body: &str, base64: &str) -> Event {
        let json = format!(
            r#"{{"version":"2.0","rawPath":"/v1/workspaces/acme/chats/a b%2Fö","rawQueryString":"format=csv&x=ä",
            "headers":{{"authorization":"Bearer x","accept":"text/csv"}},"cookies":["a=1","b=2"],"requestContext":
            {{"domainName":"abc.lambda-url.eu-west-1.on.aws","http":{{"method":"POST","path":"/","sourceIp":"192.0.2.7"}}}},
            "body":{body},"isBase64Encoded":{base64}}}"#
        );
        serde_json::from_str(&json).expect("an event")
    }

    #[test]
    fn a_body_is_read_as_text_and_as_base64() {
        assert_eq!(event("\"{}\"", "false").body().as_ref(), b"{}");
        assert_eq!(event("\"e30=\"", "true").body().as_ref(), b"{}");
        assert_eq!(event("null", "false").body().as_ref(), b"");
        assert_eq!(event("\"e3\"", "true").body().as_ref(), b"");
    }

    #[test]
    fn a_request_has_its_path_its_query_its_cookies_and_where_it_comes_from() {
        let event = event("\"e30=\"", "true");
        let request = event.request().expect("a request");
        assert_eq!(request.uri(), "/v1/workspaces/acme/chats/a%20b%2F%C3%B6?format=csv&x=%C3%A4");
        assert_eq!((request.method().as_str(), request.body().as_slice()), ("POST", b"{}".as_slice()));
        let cookies: Vec<_> = request.headers().get_all("cookie").iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
        assert_eq!(event.source(), Some("192.0.2.7".parse().expect("an address")));
        assert_eq!(event.origin(), "https://abc.lambda-url.eu-west-1.on.aws");
    }

    #[test]
    fn an_answer_has_its_cookies_apart_and_what_is_long_or_no_text_as_base64() {
        let response = Response::builder().status(303).header("set-cookie", "a=1").header("set-cookie", "b=2");
        let (parts, ()) = response.header("location", "/x").body(()).expect("a response").into_parts();
        let written = serde_json::to_value(Answer::of(&parts, b"text".to_vec())).expect("JSON");
        let expected = serde_json::json!({
            "statusCode": 303, "headers": { "location": "/x" }, "cookies": ["a=1", "b=2"], "body": "text",
            "isBase64Encoded": false
        });
        assert_eq!(written, expected);
        for body in [vec![0xff], vec![b'"'; TEXT_BYTES + 1]] {
            let answer = Answer::of(&parts, body.clone());
            assert!(answer.is_base64_encoded && STANDARD.decode(answer.body).as_ref() == Ok(&body));
        }
    }
}
