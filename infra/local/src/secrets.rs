//! The demonstration's secrets. They are no secrets: everything listens on the loopback interface alone, and a key that
//! is always the same keeps a pasted command working the next day. A deployment generates its own. What is made on the
//! settings page is random, as it is there.

use bundler::{
    ports::{Answer, PortError, ReadCredentials, ReadRootSecret},
    signature::{RootSecret, SigningSecret},
    upstream::Credentials,
};
use portal::RandomBytes;

/// What Meta signs its calls with, and says when the callback URL is set, and what files are fetched with from it.
pub(crate) const WHATSAPP_APP: &str = "everybody may know the app secret";
const WHATSAPP_VERIFY: &str = "everybody-may-know-the-verify-token";
pub(crate) const WHATSAPP_TOKEN: &str = "everybody-may-know-the-access-token";
/// Twilio's account, and what it signs its calls with.
pub(crate) const TWILIO_ACCOUNT: &str = "AC00000000000000000000000000000000";
pub(crate) const TWILIO_TOKEN: &str = "everybody-may-know-the-auth-token";

/// What upstreams are known by, as the functions `ingest` and `attachments` read it.
pub(crate) struct Upstreams;

impl ReadCredentials for Upstreams {
    async fn read_credentials(&self) -> Answer<Credentials> {
        Ok(Credentials {
            whatsapp_app_secrets: vec![WHATSAPP_APP.to_owned()],
            whatsapp_verify_token: Some(WHATSAPP_VERIFY.to_owned()),
            whatsapp_access_token: Some(WHATSAPP_TOKEN.to_owned()),
            twilio_account_sid: Some(TWILIO_ACCOUNT.to_owned()),
            twilio_auth_tokens: vec![TWILIO_TOKEN.to_owned()],
        })
    }
}

/// The root secret, as the function `ingest` reads it.
pub(crate) struct Root;

impl ReadRootSecret for Root {
    async fn read_root_secret(&self) -> Answer<RootSecret> {
        root().map_err(|code| PortError { doing: "reading the demonstration's secret", code })
    }
}

pub(crate) fn root() -> Result<RootSecret, String> {
    RootSecret::parse("everybody may know the secret of this demonstration")
}

/// The system's random bytes.
pub(crate) struct Random;

impl RandomBytes for Random {
    fn random_bytes(&self) -> Answer<[u8; 32]> {
        let mut bytes = [0; 32];
        let filled = getrandom::fill(&mut bytes);
        filled.map_err(|error| PortError { doing: "making random bytes", code: error.to_string() })?;
        Ok(bytes)
    }
}

/// What the webhook's sender and its receiver share.
pub(crate) fn signing() -> SigningSecret {
    SigningSecret::from_bytes(*b"everybody may know this one too.")
}
