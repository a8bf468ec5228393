//! What Lambda makes of an HTTP request to a Function URL, payload format 2.0, and of the reply to it.

use base64::{Engine, engine::general_purpose::STANDARD};
use bundler::{
    api::{Call, Reply},
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    raw_path: String,
    /// Names in lower case.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: RequestContext,
}

#[derive(Deserialize)]
struct RequestContext {
    http: Http,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}

impl Event {
    pub(crate) fn call<'a>(&'a self, body: &'a [u8], now: Timestamp) -> Call<'a> {
        Call {
            method: &self.request_context.http.method,
            path: &self.raw_path,
            authorization: self.headers.get("authorization").map(String::as_str),
            body,
            now,
        }
    }

    /// The body's bytes. Base64 that does not decode is no body that anybody sent: it reads as empty, which no event is.
    pub(crate) fn body(&self) -> Cow<'_, [u8]> {
        let body = self.body.as_deref().unwrap_or_default();
        if self.is_base64_encoded {
            Cow::Owned(STANDARD.decode(body).unwrap_or_default())
        } else {
            Cow::Borrowed(body.as_bytes())
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    status_code: u16,
    headers: BTreeMap<&'static str, String>,
    body: String,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self {
            status_code: reply.status,
            headers: reply.headers.into_iter().collect(),
            body: String::from_utf8_lossy(&reply.body).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(body: &str, base64: &str) -> Event {
        let json = format!(
            r#"{{"version":"2.0","rawPath":"/v1/workspaces/acme/messages","rawQueryString":"","headers":{{"authorization":
            "Bearer x"}},"requestContext":{{"http":{{"method":"POST","path":"/"}}}},"body":{body},"isBase64Encoded":{base64}}}"#
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
}
