//! The ports of files: what is known of them, who is to copy them, and where the copies stand.

use super::{Answer, Page};
use crate::{
    attempt::Failure,
    file::{File, FileKey},
    id::{KeyPart, WorkspaceId},
    timestamp::Timestamp,
};
use std::{future::Future, ops::RangeInclusive, time::Duration};

/// What is known of files, for who only looks.
pub trait ReadFiles: Sync {
    /// `Query` of one page of a chat's files, of messages from the one moment to the other, in order, behind `after`.
    fn read_files(
        &self,
        workspace: &WorkspaceId,
        chat: &KeyPart,
        moments: RangeInclusive<Timestamp>,
        after: Option<&str>,
    ) -> impl Future<Output = Answer<Page<File>>> + Send;
}

/// The requests that change what is known of a file.
pub trait FileTable: Sync {
    /// `GetItem`.
    fn read_file(&self, key: &FileKey) -> impl Future<Output = Answer<Option<File>>> + Send;

    /// `PutItem`, if what stands there has the revision before this one's, or, for the first one, 0, if nothing does.
    /// Returns whether it was written; must be a no-op otherwise.
    fn put_file(&self, file: &File) -> impl Future<Output = Answer<bool>> + Send;
}

/// The queue of files to copy.
pub trait EnqueueCopy: Sync {
    /// `SendMessage` of the file's name, to be handed out after a while. Copying what is copied is harmless.
    fn enqueue_copy(&self, key: &FileKey, after: Duration) -> impl Future<Output = Answer<()>> + Send;
}

/// Where copies stand, as those see it who have a whole small file.
pub trait PutObject: Sync {
    /// `PutObject`, over whatever stands there.
    fn put_object(&self, object: &str, mimetype: &str, content: Vec<u8>) -> impl Future<Output = Answer<()>> + Send;
}

/// Where copies stand, as the copier sees it. Nothing stands at a copy's key before all of it does.
pub trait StoreCopy: PutObject + DeleteObject {
    /// `CreateMultipartUpload`: the upload's id.
    fn begin_upload(&self, object: &str, mimetype: &str) -> impl Future<Output = Answer<String>> + Send;

    /// `UploadPart`, from 1; all but the last of at least 5 MiB. Returns what the part is known by.
    fn put_part(
        &self,
        object: &str,
        upload: &str,
        number: usize,
        content: Vec<u8>,
    ) -> impl Future<Output = Answer<String>> + Send;

    /// `CompleteMultipartUpload`, of all parts in order.
    fn complete_upload(&self, object: &str, upload: &str, parts: &[String]) -> impl Future<Output = Answer<()>> + Send;

    /// `AbortMultipartUpload`.
    fn abort_upload(&self, object: &str, upload: &str) -> impl Future<Output = Answer<()>> + Send;

    /// `HeadObject` of the platform's bucket; nothing if it is not there, or may not be read.
    fn find_object(&self, bucket: &str, key: &str) -> impl Future<Output = Answer<Option<FoundObject>>> + Send;

    /// `CopyObject` from the platform's bucket.
    fn copy_object(
        &self,
        bucket: &str,
        key: &str,
        object: &str,
        mimetype: &str,
    ) -> impl Future<Output = Answer<()>> + Send;
}

/// A bucket's one copy, for who takes it away.
pub trait DeleteObject: Sync {
    /// `DeleteObject`, which need not be there.
    fn delete_object(&self, object: &str) -> impl Future<Output = Answer<()>> + Send;
}

/// The bucket of copies, as those see it who erase.
pub trait EraseObjects: DeleteObject {
    /// `ListObjectsV2`: the first thousand keys that begin with `prefix`.
    fn list_objects(&self, prefix: &str) -> impl Future<Output = Answer<Vec<String>>> + Send;
}

/// What is told of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundObject {
    pub size: u64,
    pub mimetype: Option<String>,
}

/// Where files are fetched from: one HTTP request, guarded; redirects are followed where each of their steps may be called.
pub trait Fetch: Sync {
    type Body: ReadBody;

    /// An answer's head, or why there is none. Headers go to the URL's own origin alone.
    fn fetch(
        &self,
        url: &str,
        headers: &[(String, String)],
    ) -> impl Future<Output = Result<Fetched<Self::Body>, Failure>> + Send;
}

/// The head of an answer, and the rest of it.
pub struct Fetched<B> {
    pub status: u16,
    pub mimetype: Option<String>,
    pub size: Option<u64>,
    pub body: B,
}

/// An answer's body as it comes.
pub trait ReadBody: Send {
    /// The next piece; nothing at its end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, Failure>> + Send;
}

/// The bucket of copies, as those see it who hand out links.
pub trait MintLinks: Sync {
    /// A link to each copy, which downloads it under its name and as its type, whoever follows it, from now for
    /// [`FILE_LINK`](crate::limits::FILE_LINK). At most one request, `AssumeRole`, where the credentials that links are
    /// signed with would end before.
    fn mint_links(&self, wanted: &[Wanted<'_>]) -> impl Future<Output = Answer<Vec<String>>> + Send;
}

/// A copy that somebody is to download.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    pub object: String,
    pub filename: &'a str,
    pub mimetype: &'a str,
}
