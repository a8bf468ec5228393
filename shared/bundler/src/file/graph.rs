//! Meta's Graph API, as far as files go: a media id is asked for, and answered with a URL that lives five minutes and that
//! takes the same token (WhatsApp Cloud API, "Media", "Retrieve media URL").

use super::Trouble;
use crate::ports::{Fetch, ReadBody};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

/// Where the API is: `https://graph.facebook.com` and `v23.0`.
#[derive(Debug, Clone)]
pub struct Graph {
    base: String,
    version: String,
}

/// A file as the API tells of it.
pub(super) struct Media {
    pub(super) url: String,
    /// In base64, as webhooks say it.
    pub(super) sha256: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    url: String,
    #[serde(default)]
    sha256: Option<String>,
}

/// What such an answer has at the most, bytes: some hundred are usual.
const ANSWER_BYTES: usize = 64 * 1_024;

impl Graph {
    /// The error says what is wrong with them.
    pub fn new(base: &str, version: &str) -> Result<Self, String> {
        let base = base.trim_end_matches('/');
        if !base.starts_with("https://") && !base.starts_with("http://") {
            return Err("Graph API's URL must begin with https://".to_owned());
        }
        if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
            return Err("Graph API's version must look like v23.0".to_owned());
        }
        Ok(Self { base: base.to_owned(), version: version.to_owned() })
    }

    pub(super) async fn find<F: Fetch>(
        &self,
        source: &F,
        media: &str,
        headers: &[(String, String)],
    ) -> Result<Media, Trouble> {
        // An id that is no number might lead elsewhere than to a file.
        if media.is_empty() || !media.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) {
            return Err(Trouble::NotFound);
        }
        let url = format!("{}/{}/{media}", self.base, self.version);
        let fetched = source.fetch(&url, headers).await.map_err(|failure| Trouble::of_error(failure.class))?;
        let (status, mut body) = (fetched.status, fetched.body);
        if status != 200 {
            // Of an id that is gone, the API says 400.
            return Err(if status == 400 { Trouble::NotFound } else { Trouble::of_status(status) });
        }
        let mut answer = Vec::new();
        while let Some(piece) = body.next().await.map_err(|failure| Trouble::of_error(failure.class))? {
            answer.extend_from_slice(&piece);
            if answer.len() > ANSWER_BYTES {
                return Err(Trouble::Status);
            }
        }
        let said: Said = serde_json::from_slice(&answer).map_err(|_| Trouble::Status)?;
        // Here it is written in hex, in webhooks in base64.
        Ok(Media {
            url: said.url,
            sha256: said.sha256.as_deref().and_then(from_hex).map(|bytes| STANDARD.encode(bytes)),
        })
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?);
    (text.len() == 64).then(|| text.as_bytes().chunks(2).map(pair).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_and_a_version_that_are_none_are_refused() {
        assert!(Graph::new("https://graph.facebook.com/", "v23.0").is_ok());
        for (base, version) in [("graph.facebook.com", "v23.0"), ("https://a.org", ""), ("https://a.org", "../v1")] {
            assert!(Graph::new(base, version).is_err(), "{base} {version}");
        }
    }

    #[test]
    fn a_digest_in_hex_is_the_one_in_base64() {
        assert_eq!(from_hex(&"0a".repeat(32)), Some(vec![10; 32]));
        for bad in ["", "0a", &"0".repeat(63), &"xy".repeat(32)] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }
}
