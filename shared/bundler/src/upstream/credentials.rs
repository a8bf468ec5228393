//! What upstreams and a deployment know each other by: one secret of the stack, a flat JSON object that an operator fills
//! in. Whatever is missing or empty there is an upstream that is not used: nobody is let in by it.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;
use std::fmt;

/// Of every value an empty one is none.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Credentials {
    /// Meta's app secrets, which sign its calls: the new and the former one while they rotate.
    #[serde(deserialize_with = "texts")]
    pub whatsapp_app_secrets: Vec<String>,
    /// What Meta says once, when the callback URL is set.
    #[serde(deserialize_with = "text")]
    pub whatsapp_verify_token: Option<String>,
    /// What files are fetched with from the Graph API.
    #[serde(deserialize_with = "text")]
    pub whatsapp_access_token: Option<String>,
    #[serde(deserialize_with = "text")]
    pub twilio_account_sid: Option<String>,
    /// Twilio's auth tokens, which sign its calls; files are fetched with the first.
    #[serde(deserialize_with = "texts")]
    pub twilio_auth_tokens: Vec<String>,
}

/// How many secrets of a kind are believed at a time: the new one and the one before.
const ROTATING: usize = 2;

impl Credentials {
    /// Reads the secret's text; the error repeats nothing of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let not_read = |error: serde_json::Error| {
            format!(
                "the upstreams' secret is no JSON object as it should be: line {}, column {}",
                error.line(),
                error.column()
            )
        };
        // An array would read as well: as the fields in their order.
        let object: serde_json::Map<String, Value> = serde_json::from_str(text).map_err(not_read)?;
        serde_json::from_value(Value::Object(object))
            .map_err(|_| "the upstreams' secret has a field of another kind".to_owned())
    }
}

impl Credentials {
    /// What Twilio lets somebody have a file by (RFC 7617).
    pub fn twilio_authorization(&self) -> Option<String> {
        let (sid, token) = (self.twilio_account_sid.as_ref()?, self.twilio_auth_tokens.first()?);
        Some(format!("Basic {}", STANDARD.encode(format!("{sid}:{token}"))))
    }
}

/// One text, or a list of them: who has one secret need not write a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Several(Vec<String>),
    None(()),
}

fn texts<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let texts = match Texts::deserialize(deserializer)? {
        Texts::One(text) => vec![text],
        Texts::Several(texts) => texts,
        Texts::None(()) => Vec::new(),
    };
    let full = texts.into_iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(full.take(ROTATING).collect())
}

fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(texts(deserializer)?.into_iter().next())
}

impl fmt::Debug for Credentials {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Credentials(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_empty_is_none() {
        for empty in [
            "{}",
            r#"{"whatsapp_app_secrets":[],"whatsapp_verify_token":"","twilio_auth_tokens":["", " "]}"#,
            r#"{"whatsapp_app_secrets":"","whatsapp_access_token":null,"twilio_auth_tokens":null,"new":{"a":1}}"#,
        ] {
            assert_eq!(Credentials::parse(empty), Ok(Credentials::default()), "{empty}");
        }
    }

    #[test]
    fn two_secrets_of_a_kind_are_kept_and_no_third() {
        let read = Credentials::parse(r#"{"whatsapp_app_secrets":["a"," b\n","c"],"twilio_auth_tokens":"d"}"#);
        let read = read.expect("credentials");
        assert_eq!(read.whatsapp_app_secrets, ["a", "b"]);
        assert_eq!(read.twilio_auth_tokens, ["d"]);
    }

    #[test]
    fn nothing_of_it_shows() {
        for bad in ["", "[]", "secret", r#"["secret"]"#, r#"{"whatsapp_verify_token":7}"#, r#"{"a":"secret"#] {
            let error = Credentials::parse(bad).expect_err(bad);
            assert!(!error.contains("secret\"") && !error.contains('7'), "{error}");
        }
        let read = Credentials::parse(r#"{"whatsapp_access_token":"secret"}"#).expect("credentials");
        assert_eq!(format!("{read:?}"), "Credentials(***)");
    }
}
