//! A statement that we have signed, in the form in which links and cookies carry it: unpadded URL-safe base64 of a
//! version, the statement and its seal. It is signed, not encrypted: who has it can read the workspace's id.

use crate::{
    id::push_hex,
    limits,
    signature::{Purpose, RootSecret, Seal},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt;

/// The first byte. What another version has written is not read.
const VERSION: u8 = 1;

/// A token as it is sent: letters, digits, `-` and `_`. Whoever has it may use it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The token itself, for whom it is made.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(super) fn encode(bytes: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn sign(root: &RootSecret, purpose: Purpose, statement: &[u8]) -> Self {
        let mut signed = vec![VERSION];
        signed.extend(statement);
        let seal = root.seal(purpose, &signed);
        signed.extend(seal);
        Self::encode(&signed)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Token(***)")
    }
}

/// The statement of a token that we have signed for this purpose; nothing, for anything else.
pub(super) fn verify(root: &RootSecret, purpose: Purpose, token: &str) -> Option<Vec<u8>> {
    let signed = decode(token)?;
    let (said, seal) = signed.split_last_chunk::<{ size_of::<Seal>() }>()?;
    if !root.is_seal(purpose, said, seal) {
        return None;
    }
    let (version, statement) = said.split_first()?;
    (*version == VERSION).then(|| statement.to_vec())
}

/// Every byte string has one encoding alone: stray bits at the end are refused.
pub(super) fn decode(token: &str) -> Option<Vec<u8>> {
    (token.len() <= limits::PORTAL_TOKEN_CHARS).then_some(())?;
    URL_SAFE_NO_PAD.decode(token).ok()
}

/// Declares an id that is made of random bytes, which come in as an argument.
macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub [u8; limits::PORTAL_ID_BYTES]);

        impl $name {
            /// As keys hold it.
            pub fn hex(&self) -> String {
                let mut hex = String::new();
                push_hex(&mut hex, "", &self.0);
                hex
            }
        }
    };
}

random_id!(
    /// What makes each portal link another, and by which it is known that one was used: 16 random bytes.
    Nonce
);
random_id!(
    /// What makes each session another: 16 random bytes. It opens nothing by itself.
    SessionId
);
