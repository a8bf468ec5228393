//! The port that keeps what is too long for an answer, and makes a link to it.

use super::{Answer, PortError};
use std::future::Future;

/// A file as it is downloaded. It has no `Debug`, because of its content.
pub struct File {
    /// What nobody can guess, in the stack's own words: `<workspace>/<random>`.
    pub key: String,
    /// What a browser saves it as.
    pub name: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

/// Where files are kept for a day.
pub trait KeepFile: Sync {
    /// What an answer may have, bytes; what is longer has to be kept. `usize::MAX`, where nothing bounds an answer: then
    /// nothing is kept.
    fn answer_bytes(&self) -> usize;

    /// `PutObject`; and a link that downloads the file under its name, whoever follows it, for
    /// [`DOWNLOAD_LINK`](crate::limits::DOWNLOAD_LINK), or until the credentials end that it is signed with, which is no
    /// request.
    fn keep(&self, file: File) -> impl Future<Output = Answer<String>> + Send;
}

/// For whoever answers without such a bound.
pub struct NoFiles;

impl KeepFile for NoFiles {
    fn answer_bytes(&self) -> usize {
        usize::MAX
    }

    async fn keep(&self, _file: File) -> Answer<String> {
        Err(PortError { doing: "keeping a file", code: "there is no place for files".to_owned() })
    }
}
