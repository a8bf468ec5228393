//! Of TLS, by ring, what AWS is called with and no more: whatever a provider names is linked. It answers by AES, which
//! Lambda's processors compute themselves, under RSA or ECDSA, and asks for no certificate of ours: no private key is read.

use rustls::{
    Error, SignatureScheme,
    crypto::{
        CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, WebPkiSupportedAlgorithms,
        ring::{
            ALL_KX_GROUPS,
            cipher_suite::{
                TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS13_AES_128_GCM_SHA256,
                TLS13_AES_256_GCM_SHA384,
            },
        },
    },
    pki_types::PrivateKeyDer,
    sign::SigningKey,
};
use std::sync::Arc;
use webpki::ring::{
    ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P384_SHA256, ECDSA_P384_SHA384,
    RSA_PKCS1_2048_8192_SHA256 as PKCS1_SHA256, RSA_PKCS1_2048_8192_SHA384 as PKCS1_SHA384,
    RSA_PKCS1_2048_8192_SHA512 as PKCS1_SHA512, RSA_PSS_2048_8192_SHA256_LEGACY_KEY as PSS_SHA256,
    RSA_PSS_2048_8192_SHA384_LEGACY_KEY as PSS_SHA384, RSA_PSS_2048_8192_SHA512_LEGACY_KEY as PSS_SHA512,
};

const SIGNATURES: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[
        ECDSA_P256_SHA256,
        ECDSA_P256_SHA384,
        ECDSA_P384_SHA256,
        ECDSA_P384_SHA384,
        PSS_SHA256,
        PSS_SHA384,
        PSS_SHA512,
        PKCS1_SHA256,
        PKCS1_SHA384,
        PKCS1_SHA512,
    ],
    // The best first. TLS 1.2 does not tie a scheme to a curve.
    mapping: &[
        (SignatureScheme::ECDSA_NISTP384_SHA384, &[ECDSA_P384_SHA384, ECDSA_P256_SHA384]),
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[ECDSA_P256_SHA256, ECDSA_P384_SHA256]),
        (SignatureScheme::RSA_PSS_SHA512, &[PSS_SHA512]),
        (SignatureScheme::RSA_PSS_SHA384, &[PSS_SHA384]),
        (SignatureScheme::RSA_PSS_SHA256, &[PSS_SHA256]),
        (SignatureScheme::RSA_PKCS1_SHA512, &[PKCS1_SHA512]),
        (SignatureScheme::RSA_PKCS1_SHA384, &[PKCS1_SHA384]),
        (SignatureScheme::RSA_PKCS1_SHA256, &[PKCS1_SHA256]),
    ],
};

pub(crate) fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: vec![
            TLS13_AES_256_GCM_SHA384,
            TLS13_AES_128_GCM_SHA256,
            TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ],
        kx_groups: ALL_KX_GROUPS.to_vec(),
        signature_verification_algorithms: SIGNATURES,
        secure_random: &System,
        key_provider: &System,
    }
}

/// The system's random bytes, and no keys.
#[derive(Debug)]
struct System;

impl SecureRandom for System {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        getrandom::fill(bytes).map_err(|_| GetRandomFailed)
    }
}

impl KeyProvider for System {
    fn load_private_key(&self, _key: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General("there are no private keys here".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::crypto::ring::default_provider;

    #[test]
    fn what_is_offered_is_rings_own_in_its_order_less_what_aws_does_not_need() {
        let (ours, rings) = (provider(), default_provider());
        let suites = rings.cipher_suites.into_iter().filter(|suite| !format!("{suite:?}").contains("CHACHA20"));
        assert_eq!(ours.cipher_suites, suites.collect::<Vec<_>>());
        let (ours, rings) = (SIGNATURES, rings.signature_verification_algorithms);
        let schemes = rings.mapping.iter().filter(|(scheme, _)| *scheme != SignatureScheme::ED25519);
        let named = |(scheme, algorithms): &(SignatureScheme, &[_])| (*scheme, format!("{algorithms:?}"));
        assert_eq!(ours.mapping.iter().map(named).collect::<Vec<_>>(), schemes.map(named).collect::<Vec<_>>());
        let mapped = ours.mapping.iter().flat_map(|(_, algorithms)| algorithms.iter());
        assert_eq!(mapped.count(), ours.all.len(), "each in both");
    }
}
