//! Whether it is Meta who calls: once with the verify token, when somebody sets the callback URL, and then with a
//! signature over the bytes of each body.

use crate::{
    signature::keyed,
    upstream::{Credentials, form},
};
use hmac::Mac;
use subtle::ConstantTimeEq;

/// What the callback URL's verification is answered with; nothing, if the token is not ours.
pub fn challenge(credentials: &Credentials, query: &str) -> Option<String> {
    let (mut mode, mut token, mut challenge) = (None, None, None);
    for (name, value) in form::pairs(query) {
        match &*name {
            "hub.mode" => mode = Some(value),
            "hub.verify_token" => token = Some(value),
            "hub.challenge" => challenge = Some(value),
            _ => {}
        }
    }
    let (own, token) = (credentials.whatsapp_verify_token.as_ref()?, token?);
    let is_ours = bool::from(own.as_bytes().ct_eq(token.as_bytes()));
    (is_ours && mode? == "subscribe").then_some(challenge?.into_owned())
}

/// Whether the `X-Hub-Signature-256` header is the body's, with any of the app's secrets, in a time that does not depend
/// on how much of it is right.
pub fn is_signed(credentials: &Credentials, signature: Option<&str>, body: &[u8]) -> bool {
    let hex = signature.and_then(|header| header.strip_prefix("sha256="));
    let Some(signature) = hex.and_then(form::unhex) else { return false };
    credentials.whatsapp_app_secrets.iter().fold(false, |found, secret| {
        let mut mac = keyed(secret.as_bytes());
        mac.update(body);
        // All are looked at, so that the time taken does not tell which one signs.
        found | mac.verify_slice(&signature).is_ok()
    })
}
