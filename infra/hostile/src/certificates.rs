//! Certificates for receivers, good and bad, made anew in each run under an authority that lives as long as the
//! process. No key is ever written anywhere.

use crate::Result;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use std::sync::Arc;

/// What a receiver shows for a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certificate {
    Good,
    Expired,
    NotYetValid,
    OtherName,
    SelfSigned,
    UnknownAuthority,
    /// Signed by a certificate that is good, and not an authority's.
    SignedByLeaf,
    ForClients,
    /// Good, behind a hundred more than anybody needs.
    LongChain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// What a receiver on this machine is called.
const NAMES: [&str; 2] = ["localhost", "127.0.0.1"];

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Result<Self> {
        let mut root = CertificateParams::new([])?;
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Self(CertifiedIssuer::self_signed(root, KeyPair::generate()?)?))
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.0.as_ref().der().clone()
    }

    /// A receiver's side of TLS.
    pub(crate) fn server(&self, certificate: Certificate, protocol: Protocol) -> Result<Arc<ServerConfig>> {
        let key = KeyPair::generate()?;
        let chain = self.chain(certificate, &key)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = match protocol {
            Protocol::Http1 => vec![b"http/1.1".to_vec()],
            Protocol::Http2 => vec![b"h2".to_vec()],
        };
        Ok(Arc::new(config))
    }

    fn chain(&self, certificate: Certificate, key: &KeyPair) -> Result<Vec<CertificateDer<'static>>> {
        let mut leaf = CertificateParams::new(NAMES.map(str::to_owned))?;
        let chain = match certificate {
            Certificate::Good => vec![leaf.signed_by(key, &self.0)?],
            Certificate::Expired => {
                leaf.not_before = date_time_ymd(2019, 1, 1);
                leaf.not_after = date_time_ymd(2020, 1, 1);
                vec![leaf.signed_by(key, &self.0)?]
            }
            Certificate::NotYetValid => {
                leaf.not_before = date_time_ymd(2999, 1, 1);
                leaf.not_after = date_time_ymd(3000, 1, 1);
                vec![leaf.signed_by(key, &self.0)?]
            }
            Certificate::OtherName => {
                let other = CertificateParams::new(["other.example.org".to_owned()])?;
                vec![other.signed_by(key, &self.0)?]
            }
            Certificate::SelfSigned => vec![leaf.self_signed(key)?],
            Certificate::UnknownAuthority => vec![leaf.signed_by(key, &Self::new()?.0)?],
            Certificate::SignedByLeaf => {
                let between = CertifiedIssuer::signed_by(leaf.clone(), KeyPair::generate()?, &self.0)?;
                vec![leaf.signed_by(key, &between)?, between.as_ref().clone()]
            }
            Certificate::ForClients => {
                leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
                vec![leaf.signed_by(key, &self.0)?]
            }
            Certificate::LongChain => {
                let more = CertificateParams::new((0..200).map(|n| format!("{n}.example.org")).collect::<Vec<_>>())?;
                let more = more.signed_by(&KeyPair::generate()?, &self.0)?;
                std::iter::once(leaf.signed_by(key, &self.0)?).chain(std::iter::repeat_n(more, 100)).collect()
            }
        };
        Ok(chain.into_iter().map(|certificate| certificate.der().clone()).collect())
    }
}
