//! The upstreams that are played: who has the messages, and sends each call to the ingest endpoint by HTTP, signed as that
//! upstream signs in earnest. What is called is made by the sample; it judges no answer but whether it was taken.

use crate::{names::TWILIO, secrets, world};
use base64::{Engine, engine::general_purpose::STANDARD};
use bundler::{
    attempt::{Body, Request},
    id::push_hex,
    ports::{Post, ReadRootSecret},
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::Sha1;
use sha2::Sha256;
use std::{fmt::Write, net::SocketAddr};

/// The workspace whose messages these are.
pub(crate) const WORKSPACE: &str = "acme";

/// Whose calls are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The platform's own back end.
    Native,
    /// Meta's WhatsApp Cloud API.
    WhatsApp,
    Twilio,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Native, Self::WhatsApp, Self::Twilio];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::WhatsApp => "whatsapp",
            Self::Twilio => "twilio",
        }
    }

    fn path(self) -> String {
        match self {
            Self::Native => format!("/v1/workspaces/{WORKSPACE}/messages"),
            Self::WhatsApp => format!("/v1/whatsapp/{WORKSPACE}"),
            Self::Twilio => format!("/v1/twilio/{WORKSPACE}"),
        }
    }
}

/// One call, before it is signed.
pub(crate) enum Call {
    /// A native event.
    Native(Vec<u8>),
    /// A call of Meta's.
    WhatsApp(Value),
    /// A form of Twilio's.
    Twilio(Vec<(&'static str, String)>),
}

impl Call {
    fn kind(&self) -> Kind {
        match self {
            Self::Native(_) => Kind::Native,
            Self::WhatsApp(_) => Kind::WhatsApp,
            Self::Twilio(_) => Kind::Twilio,
        }
    }
}

pub(crate) struct Upstream {
    client: outbound::Client,
    endpoint: SocketAddr,
    key: String,
}

impl Upstream {
    pub(crate) async fn new(endpoint: SocketAddr) -> Result<Self, String> {
        let root = secrets::Root.read_root_secret().await.map_err(|error| error.to_string())?;
        Ok(Self { client: outbound::Client::new(world::POLICY)?, endpoint, key: root.ingest_key() })
    }

    /// Where this upstream's calls go.
    pub(crate) fn url(&self, kind: Kind) -> String {
        format!("http://{}{}", self.endpoint, kind.path())
    }

    /// What native events are sent with.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Sends one call; anything but its being taken is an error.
    pub(crate) async fn send(&self, call: &Call) -> Result<(), String> {
        let url = self.url(call.kind());
        let ((name, signature), content_type, body) = match call {
            Call::Native(event) => {
                (("authorization", format!("Bearer {}", self.key)), "application/json", event.clone())
            }
            Call::WhatsApp(call) => {
                let body = call.to_string().into_bytes();
                (("x-hub-signature-256", hub_signature(&body)), "application/json", body)
            }
            Call::Twilio(fields) => {
                let signature = twilio_signature(&url, fields);
                (("x-twilio-signature", signature), "application/x-www-form-urlencoded", form(fields).into_bytes())
            }
        };
        let headers = [("content-type", content_type.to_owned()), (name, signature)];
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        match self.client.post(&Request { url, headers, body }).await.result {
            Ok(response) if [200, 202].contains(&response.status) => Ok(()),
            Ok(response) => {
                let answer = match response.body {
                    Body::Text(text) => text,
                    Body::Base64(_) | Body::Gathered { .. } | Body::LeftOut { .. } => String::new(),
                };
                Err(format!("sending a message: answered {} {answer}", response.status))
            }
            Err(failure) => Err(format!("sending a message: {}", failure.detail)),
        }
    }
}

/// Where Twilio has a message's file.
pub(crate) fn twilio_media(message: &str, id: &str) -> String {
    format!("{TWILIO}/2010-04-01/Accounts/{}/Messages/{message}/Media/{id}", secrets::TWILIO_ACCOUNT)
}

/// As Meta signs a body.
fn hub_signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secrets::WHATSAPP_APP.as_bytes()).expect("a key of any length");
    mac.update(body);
    let mut signature = String::new();
    push_hex(&mut signature, "sha256=", &mac.finalize().into_bytes());
    signature
}

/// As Twilio signs a form: the URL, and then each name and value in the names' order.
fn twilio_signature(url: &str, fields: &[(&'static str, String)]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secrets::TWILIO_TOKEN.as_bytes()).expect("a key of any length");
    mac.update(url.as_bytes());
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort();
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

/// As forms are written (WHATWG's URL standard).
fn form(fields: &[(&'static str, String)]) -> String {
    let mut form = String::new();
    for (name, value) in fields {
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(name);
        form.push('=');
        for byte in value.bytes() {
            match byte {
                b' ' => form.push('+'),
                plain if plain.is_ascii_alphanumeric() || b"*-._".contains(&plain) => form.push(char::from(plain)),
                // Writing to a String does not fail.
                other => drop(write!(form, "%{other:02X}")),
            }
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_written_as_browsers_do_and_signed_whatever_its_order() {
        let fields = [("To", "+1 800".to_owned()), ("Body", "a&b=ç".to_owned())];
        assert_eq!(form(&fields), "To=%2B1+800&Body=a%26b%3D%C3%A7");
        let [to, body] = fields.clone();
        assert_eq!(twilio_signature("http://a/", &fields), twilio_signature("http://a/", &[body, to]));
        assert_ne!(twilio_signature("http://a/", &fields), twilio_signature("http://b/", &fields));
    }
}
