//! The demonstration's secrets. They are no secrets: everything listens on the loopback interface alone, and a key that
//! is always the same keeps a pasted command working the next day. A deployment generates its own. What is made on the
//! settings page is random, as it is there.

use bundler::{
    ports::{Answer, PortError, ReadRootSecret},
    signature::{RootSecret, SigningSecret},
};
use portal::RandomBytes;

/// The root secret, as the function `ingest` reads it.
pub(crate) struct Root;

impl ReadRootSecret for Root {
    async fn read_root_secret(&self) -> Answer<RootSecret> {
        let code = |code| PortError { doing: "reading the demonstration's secret", code };
        RootSecret::parse("everybody may know the secret of this demonstration").map_err(code)
    }
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
