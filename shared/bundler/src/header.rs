//! Headers of an owner's own, which go out with every request of a webhook. What is parsed here cannot take the place of
//! one of ours, change how a request is framed, or begin a line of its own.
//!
//! A value is a secret as often as not: none is in an error, and none shows in `Debug`.

use crate::{attempt::HEADERS, limits};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names, in lower case and each there once, and values, in their order.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(String, String)>")]
pub struct CustomHeaders(Vec<(String, String)>);

/// Headers by which a connection or a message on it is told where it begins and ends, and what is agreed with the
/// receiver beside the request (RFC 9110 sections 7.6, 8 and 12.5.3).
const OF_THE_CONNECTION: [&str; 11] = [
    "accept-encoding",
    "connection",
    "cookie",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// Families of names: ours, those that describe the body, which is ours, and a proxy's.
const FAMILIES: [&str; 4] = ["webhook-", "bundlehook-", "content-", "proxy-"];

impl CustomHeaders {
    /// The error names the header, or its place where the name itself is wrong, and never what is to be sent.
    pub fn parse(headers: Vec<(String, String)>) -> Result<Self, String> {
        if headers.len() > limits::CUSTOM_HEADERS {
            return Err(format!("there may be at most {} headers", limits::CUSTOM_HEADERS));
        }
        let mut parsed: Vec<(String, String)> = Vec::new();
        for (place, (name, value)) in headers.into_iter().enumerate() {
            let name = name.to_ascii_lowercase();
            if !is_name(&name) {
                let most = limits::HEADER_NAME_CHARS;
                let place = place + 1;
                return Err(format!(
                    "the name of header {place} must be 1 to {most} letters, digits and signs such as - and _"
                ));
            }
            if is_reserved(&name) {
                return Err(format!("the header {name} is set by the sender itself"));
            }
            if parsed.iter().any(|(earlier, _)| *earlier == name) {
                return Err(format!("the header {name} is there twice"));
            }
            if !is_value(&value) {
                return Err(format!(
                    "the value of the header {name} must be visible ASCII, with spaces only inside it"
                ));
            }
            parsed.push((name, value));
        }
        let bytes: usize = parsed.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > limits::CUSTOM_HEADERS_BYTES {
            return Err(format!("headers may have at most {} bytes together", limits::CUSTOM_HEADERS_BYTES));
        }
        Ok(Self(parsed))
    }

    pub fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<Vec<(String, String)>> for CustomHeaders {
    type Error = String;

    fn try_from(headers: Vec<(String, String)>) -> Result<Self, String> {
        Self::parse(headers)
    }
}

impl fmt::Debug for CustomHeaders {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_map().entries(self.0.iter().map(|(name, _)| (name, "***"))).finish()
    }
}

/// A token (RFC 9110 section 5.6.2).
fn is_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (1..=limits::HEADER_NAME_CHARS).contains(&name.len()) && name.bytes().all(is_token)
}

/// A field value of section 5.5, without tabs and without what is not ASCII, which receivers read in different ways.
fn is_value(value: &str) -> bool {
    !value.is_empty() && value.trim_matches(' ') == value && value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn is_reserved(name: &str) -> bool {
    HEADERS.contains(&name)
        || OF_THE_CONNECTION.contains(&name)
        || FAMILIES.iter().any(|family| name.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(headers: &[(&str, &str)]) -> Result<CustomHeaders, String> {
        CustomHeaders::parse(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_a_receiver_may_ask_for_is_taken_as_it_is_its_name_in_lower_case() {
        let headers = [
            ("Authorization", "Bearer a.b-c_d~e+f/g=="),
            ("X-API-Key", "p4ss, w0rd; \"quoted\""),
            ("a!#$%&'*+-.^_`|~9", "!"),
            ("x-forwarded-by", "~ ~"),
        ];
        let parsed = parse(&headers).expect("headers");
        let lower = |(name, value): &(&str, &str)| (name.to_lowercase(), (*value).to_owned());
        assert_eq!(parsed.iter().cloned().collect::<Vec<_>>(), headers.iter().map(lower).collect::<Vec<_>>());
        let stored = serde_json::to_string(&parsed).expect("JSON");
        assert_eq!(serde_json::from_str::<CustomHeaders>(&stored).expect("headers"), parsed);
    }

    #[test]
    fn a_name_that_is_ours_or_the_connections_is_refused_however_it_is_written() {
        let others = ["webhook-x", "bundlehook-", "content-length", "content-encoding", "proxy-authorization"];
        for name in HEADERS.into_iter().chain(OF_THE_CONNECTION).chain(others) {
            for written in [name.to_owned(), name.to_uppercase(), format!("{}{}", name[..1].to_uppercase(), &name[1..])]
            {
                let error = parse(&[(&written, "s3cr3t")]).expect_err(&written);
                assert!(error.contains(name) && !error.contains("s3cr3t"), "{error}");
            }
        }
    }

    #[test]
    fn no_name_or_value_can_end_its_line_or_hide_another() {
        for name in ["", " x", "x ", "x y", "x:", ":authority", "x\r\ny", "x\n", "x\0", "ключ", "x\u{7f}", "(x)", "x,y"]
        {
            let error = parse(&[("x-right", "right"), (name, "s3cr3t")]).expect_err(name);
            assert!(error.contains("header 2") && !error.contains("s3cr3t"), "{error}");
        }
        let wrong = [
            "",
            " ",
            " s3cr3t",
            "s3cr3t ",
            "s3cr3t\r\nx-evil: 1",
            "s3cr3t\n",
            "s3cr3t\r",
            "\ts3cr3t",
            "s3\tcr3t",
            "s3cr3t\0",
            "s3cr3t\u{7f}",
            "s3cr3t\u{85}",
            "s3cr3té",
            "s3cr3t\u{2028}",
        ];
        for value in wrong {
            let error = parse(&[("x-key", value)]).expect_err(value);
            assert!(error.contains("x-key") && !error.contains("s3cr3t"), "{error}");
        }
    }

    #[test]
    fn there_are_few_of_them_and_each_once() {
        let twice = parse(&[("x-key", "s3cr3t"), ("y", "1"), ("X-Key", "s3cr3t")]).expect_err("twice");
        assert!(twice.contains("x-key") && !twice.contains("s3cr3t"), "{twice}");
        let many = |count: usize| (0..count).map(|number| (format!("x-{number}"), "1".to_owned())).collect();
        assert!(CustomHeaders::parse(many(20)).is_ok() && CustomHeaders::parse(many(21)).is_err());
        let long = |name: usize, value: usize| parse(&[(&"n".repeat(name), &"v".repeat(value))]).is_ok();
        assert!(long(128, 3_968) && !long(129, 1) && !long(128, 3_969));
    }

    #[test]
    fn stored_headers_that_are_wrong_do_not_read_and_no_value_shows_in_debug() {
        for stored in [r#"[["host","s3cr3t"]]"#, r#"[["x","a\r\nb"]]"#, r#"[["x"]]"#, r#"{"x":"y"}"#] {
            assert!(serde_json::from_str::<CustomHeaders>(stored).is_err(), "{stored}");
        }
        let shown = format!("{:?}", parse(&[("x-key", "s3cr3t")]).expect("headers"));
        assert_eq!(shown, r#"{"x-key": "***"}"#);
    }
}
