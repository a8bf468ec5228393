//! What the demo receiver gets by a webhook's links: each file whole, as far as it can be had. It follows links into this
//! process alone, so that a document from elsewhere has it call nobody.

use crate::world::POLICY;
use bundler::ports::{Fetch, Fetched, ReadBody};
use outbound::Downloads;
use sha2::{Digest, Sha256};

/// What is left of a file that was downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Download {
    pub(crate) size: u64,
    pub(crate) sha256: [u8; 32],
}

/// What became of an attachment; the error says why there is no file, in few words.
pub(crate) type Had = Result<Download, String>;

/// The receiver's client.
pub(crate) struct Client {
    downloads: Downloads,
    /// What links into this process begin with.
    base: String,
}

impl Client {
    pub(crate) fn new(base: &str) -> Result<Self, String> {
        Ok(Self { downloads: Downloads::new(POLICY)?, base: format!("{base}/") })
    }

    /// Follows an attachment's link.
    pub(crate) async fn get(&self, link: Option<&str>) -> Had {
        let link = link.ok_or("it came without a link")?;
        if !link.starts_with(&self.base) {
            return Err("its link leads elsewhere".to_owned());
        }
        let broken = |failure: bundler::attempt::Failure| format!("the download failed: {}", failure.class.name());
        let Fetched { status, mut body, .. } = self.downloads.fetch(link, &[]).await.map_err(broken)?;
        if status != 200 {
            return Err(format!("its link was answered {status}"));
        }
        let (mut size, mut digest) = (0, Sha256::new());
        while let Some(piece) = body.next().await.map_err(broken)? {
            size += piece.len() as u64;
            digest.update(&piece);
        }
        Ok(Download { size, sha256: digest.finalize().into() })
    }
}
