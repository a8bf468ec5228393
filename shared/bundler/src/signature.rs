//! Standard Webhooks signatures (v1, HMAC-SHA256), and the keys that are derived from the root secret.

use crate::{
    id::{WorkspaceId, push_hex},
    timestamp::Timestamp,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;

/// A webhook's signing secret: `whsec_` and the base64 of 24 to 64 random bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct SigningSecret(String);

const PREFIX: &str = "whsec_";

impl SigningSecret {
    pub fn parse(text: &str) -> Result<Self, String> {
        let bytes = text.strip_prefix(PREFIX).and_then(|encoded| STANDARD.decode(encoded).ok());
        match bytes.map(|bytes| bytes.len()) {
            Some(24..=64) => Ok(Self(text.to_owned())),
            Some(_) => Err("must hold 24 to 64 bytes".to_owned()),
            None => Err(format!("must be {PREFIX} and base64")),
        }
    }

    /// From 32 random bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(format!("{PREFIX}{}", STANDARD.encode(bytes)))
    }

    /// The secret itself, for its owner and for the table.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn sign(&self, id: &str, timestamp: u64, body: &[u8]) -> String {
        let key = self.0.strip_prefix(PREFIX).and_then(|encoded| STANDARD.decode(encoded).ok()).unwrap_or_default();
        let mut mac = keyed(&key);
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl TryFrom<String> for SigningSecret {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("SigningSecret(***)")
    }
}

/// The `webhook-signature` header: a signature for each secret, separated by a space.
pub fn header<'a>(
    secrets: impl IntoIterator<Item = &'a SigningSecret>,
    id: &str,
    sent: Timestamp,
    body: &[u8],
) -> String {
    let signatures = secrets.into_iter().map(|secret| secret.sign(id, sent.seconds(), body));
    signatures.collect::<Vec<_>>().join(" ")
}

/// The one generated secret of a deployment, which every key is derived from by purpose.
#[derive(Clone)]
pub struct RootSecret(String);

impl RootSecret {
    /// At least 32 characters.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.len() < 32 { Err("must have at least 32 characters".to_owned()) } else { Ok(Self(text.to_owned())) }
    }

    /// The key that the platform's own back end sends its events with, for every workspace.
    pub fn ingest_key(&self) -> String {
        self.derive("bundlehook ingest key v1")
    }

    /// Whether `key` is the platform's, in a time that does not depend on how much of it is right.
    pub fn is_ingest_key(&self, key: &str) -> bool {
        self.ingest_key().as_bytes().ct_eq(key.as_bytes()).into()
    }

    /// The key that one workspace's own systems send its events with, and no other's.
    pub fn workspace_ingest_key(&self, workspace: &WorkspaceId) -> String {
        self.derive(&format!("bundlehook workspace ingest key v1 {}", workspace.as_str()))
    }

    /// Whether `key` is this workspace's own, in a time that does not depend on how much of it is right.
    pub fn is_workspace_ingest_key(&self, workspace: &WorkspaceId, key: &str) -> bool {
        self.workspace_ingest_key(workspace).as_bytes().ct_eq(key.as_bytes()).into()
    }

    /// The key of who runs the deployment: it opens every workspace's settings, and alone makes portal links.
    pub fn admin_key(&self) -> String {
        self.derive("bundlehook admin key v1")
    }

    /// Whether `key` is the admin key, in a time that does not depend on how much of it is right.
    pub fn is_admin_key(&self, key: &str) -> bool {
        self.admin_key().as_bytes().ct_eq(key.as_bytes()).into()
    }

    /// HMAC-SHA256 of `message`, keyed with the purpose's key.
    pub fn seal(&self, purpose: Purpose, message: &[u8]) -> Seal {
        self.sealing(purpose, message).finalize().into_bytes().into()
    }

    /// Whether `seal` is the one that `message` has for this purpose, in a time that does not depend on how much of it
    /// is right.
    pub fn is_seal(&self, purpose: Purpose, message: &[u8], seal: &[u8]) -> bool {
        self.sealing(purpose, message).verify_slice(seal).is_ok()
    }

    fn sealing(&self, purpose: Purpose, message: &[u8]) -> Hmac<Sha256> {
        let mut mac = keyed(self.derive(purpose.name()).as_bytes());
        mac.update(message);
        mac
    }

    /// 64 hex digits: HMAC-SHA256 of the purpose, keyed with the secret's text.
    fn derive(&self, purpose: &str) -> String {
        let mut mac = keyed(self.0.as_bytes());
        mac.update(purpose.as_bytes());
        let mut key = String::new();
        push_hex(&mut key, "", &mac.finalize().into_bytes());
        key
    }
}

impl fmt::Debug for RootSecret {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("RootSecret(***)")
    }
}

/// What is sealed: each purpose has a key of its own, so that what is sealed for one is nothing to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// What opens a workspace's page once.
    PortalLink,
    /// What a browser keeps of that.
    PortalSession,
    /// What a form of that page holds.
    CsrfToken,
    /// Source addresses are not kept as they are.
    SourceAddress,
    /// The names of chats that upstreams know by people's numbers.
    Chat,
}

/// What HMAC-SHA256 makes.
pub type Seal = [u8; 32];

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::PortalLink => "bundlehook portal link v1",
            Self::PortalSession => "bundlehook portal session v1",
            Self::CsrfToken => "bundlehook csrf token v1",
            Self::SourceAddress => "bundlehook source address v1",
            Self::Chat => "bundlehook chat v1",
        }
    }
}

pub(crate) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_the_published_test_vector() {
        let secret = SigningSecret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").expect("a secret");
        let sent = Timestamp::from_seconds(1_649_367_553).expect("a moment");
        let body = br#"{"email":"test@example.com","username":"test_user"}"#;
        let header = header(&[secret], "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", sent, body);
        assert_eq!(header, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }

    #[test]
    fn two_secrets_sign_while_one_replaces_the_other() {
        let secrets = [SigningSecret::from_bytes([1; 32]), SigningSecret::from_bytes([2; 32])];
        let sent = Timestamp::from_seconds(1).expect("a moment");
        let both = header(&secrets, "msg_1", sent, b"{}");
        let each = secrets.each_ref().map(|secret| header([secret], "msg_1", sent, b"{}"));
        assert_eq!(both.split(' ').collect::<Vec<_>>(), each);
    }

    #[test]
    fn a_secret_too_short_or_not_base64_is_refused() {
        for bad in ["", "whsec_", "whsec_AAAA", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_!!!!"] {
            assert!(SigningSecret::parse(bad).is_err(), "{bad}");
        }
        assert!(RootSecret::parse("short").is_err());
    }

    #[test]
    fn secrets_do_not_show_in_debug_output() {
        let secret = SigningSecret::from_bytes([7; 32]);
        let root = RootSecret::parse(&"r".repeat(64)).expect("a secret");
        let shown = format!("{secret:?} {root:?}");
        assert!(!shown.contains(secret.reveal()) && !shown.contains("rrr"));
    }

    #[test]
    fn the_ingest_key_is_derived_and_no_other_key_is_taken() {
        let root = RootSecret::parse(&"r".repeat(64)).expect("a secret");
        let key = root.ingest_key();
        assert!(root.is_ingest_key(&key));
        for wrong in ["", "x", &key[1..], &format!("{key}0"), &key.to_uppercase(), &"r".repeat(64)] {
            assert!(!root.is_ingest_key(wrong), "{wrong}");
        }
    }

    #[test]
    fn every_workspace_has_a_key_of_its_own() {
        let root = RootSecret::parse(&"r".repeat(64)).expect("a secret");
        let ids = ["acme", "acme2", "ACME", "a", "ingest"].map(|id| WorkspaceId::parse(id).expect("an id"));
        for one in &ids {
            let key = root.workspace_ingest_key(one);
            assert!(!root.is_ingest_key(&key) && !root.is_workspace_ingest_key(one, &root.ingest_key()));
            for other in &ids {
                assert_eq!(root.is_workspace_ingest_key(other, &key), one == other, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn every_key_is_another_and_none_is_taken_for_the_admin_key() {
        let root = RootSecret::parse(&"r".repeat(64)).expect("a secret");
        let acme = WorkspaceId::parse("acme").expect("an id");
        let admin = root.admin_key();
        assert!(
            root.is_admin_key(&admin) && !root.is_ingest_key(&admin) && !root.is_workspace_ingest_key(&acme, &admin)
        );
        for wrong in ["", &admin[1..], &admin.to_uppercase(), &root.ingest_key(), &root.workspace_ingest_key(&acme)] {
            assert!(!root.is_admin_key(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_seal_is_good_for_its_message_purpose_and_secret_alone() {
        let [root, other] = ["r", "s"].map(|text| RootSecret::parse(&text.repeat(64)).expect("a secret"));
        let all =
            [Purpose::PortalLink, Purpose::PortalSession, Purpose::CsrfToken, Purpose::SourceAddress, Purpose::Chat];
        for one in all {
            let seal = root.seal(one, b"message");
            assert!(root.is_seal(one, b"message", &seal));
            assert!(!root.is_seal(one, b"messagf", &seal) && !other.is_seal(one, b"message", &seal));
            assert!(!root.is_seal(one, b"message", &seal[1..]) && !root.is_seal(one, b"message", &[]));
            for purpose in all {
                assert_eq!(root.is_seal(purpose, b"message", &seal), purpose == one, "{purpose:?} {one:?}");
            }
        }
    }
}
