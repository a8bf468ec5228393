//! Standard Webhooks: whether a request is signed as it should be, over the bytes as they came. Parses no document.

use crate::Result;
use axum::http::{HeaderMap, StatusCode};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far its time may be from ours: what was caught on its way cannot be sent again later.
const TOLERANCE_SECONDS: u64 = 5 * 60;

/// One or several secrets, separated by a blank: two while one replaces the other.
pub(crate) fn keys(secrets: &str) -> Result<Vec<Vec<u8>>> {
    let key = |secret: &str| Some(STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?).filter(|key| !key.is_empty());
    let keys: Option<Vec<_>> = secrets.split_whitespace().map(key).collect();
    keys.filter(|keys| !keys.is_empty()).ok_or_else(|| "WEBHOOK_SECRET has to hold whsec_ and base64".into())
}

/// The `webhook-id`, which is safe as a folder's name; or the status to refuse the request with.
pub(crate) fn verify<'a>(
    keys: &[Vec<u8>],
    headers: &'a HeaderMap,
    body: &[u8],
    now: u64,
) -> std::result::Result<&'a str, StatusCode> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty());
    let header = |name| text(name).ok_or(StatusCode::BAD_REQUEST);
    let (id, timestamp, signatures) =
        (header("webhook-id")?, header("webhook-timestamp")?, header("webhook-signature")?);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let sent: u64 = timestamp.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
    if !(1..=100).contains(&id.len()) || !id.bytes().all(is_plain) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let is_signed = keys.iter().any(|key| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        let given = signatures.split(' ').filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
        // `verify_slice` takes the same time whatever is wrong.
        given.into_iter().any(|signature| mac.clone().verify_slice(&signature).is_ok())
    });
    if is_signed && now.abs_diff(sent) <= TOLERANCE_SECONDS { Ok(id) } else { Err(StatusCode::UNAUTHORIZED) }
}
