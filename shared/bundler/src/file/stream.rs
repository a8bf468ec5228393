//! From an answer's body into an upload: a part at a time.

use super::{File, Trouble};
use crate::{
    limits,
    ports::{Answer, Fetch, Fetched, ReadBody, StoreCopy},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::mem;

/// A file on its way.
pub(super) struct Stream<'a, F, B> {
    pub(super) source: &'a F,
    pub(super) bucket: &'a B,
    /// The copy's key.
    pub(super) object: &'a str,
    pub(super) file: &'a File,
}

/// What has come so far.
struct Taken {
    size: u64,
    digest: Sha256,
    /// What is not in a part yet.
    rest: Vec<u8>,
}

/// What a copy of several parts has of the upload's.
struct Upload {
    id: String,
    parts: Vec<String>,
}

impl<F: Fetch, B: StoreCopy> Stream<'_, F, B> {
    /// Copies what is there, and says how large it is; or why there is no copy. The error is the bucket's.
    pub(super) async fn copy(
        &self,
        url: &str,
        headers: &[(String, String)],
        sha256: Option<&str>,
    ) -> Answer<Result<u64, Trouble>> {
        let fetched = match self.source.fetch(url, headers).await {
            Ok(fetched) if fetched.status == 200 => fetched,
            Ok(fetched) => return Ok(Err(Trouble::of_status(fetched.status))),
            Err(failure) => return Ok(Err(Trouble::of_error(failure.class))),
        };
        if let Err(trouble) = check(self.file, fetched.size, fetched.mimetype.as_deref()) {
            return Ok(Err(trouble));
        }
        let mut upload = None;
        let taken = self.take(fetched, sha256, &mut upload).await;
        match (taken, upload) {
            (Ok(Ok(taken)), None) => {
                self.bucket.put_object(self.object, &self.file.mimetype, taken.rest).await?;
                Ok(Ok(taken.size))
            }
            (Ok(Ok(taken)), Some(mut upload)) => {
                if !taken.rest.is_empty() {
                    self.put_part(&mut upload, taken.rest).await?;
                }
                self.bucket.complete_upload(self.object, &upload.id, &upload.parts).await?;
                Ok(Ok(taken.size))
            }
            (other, upload) => {
                if let Some(upload) = upload {
                    // What is left of one that is not aborted either, the bucket's own rule takes away.
                    self.bucket.abort_upload(self.object, &upload.id).await?;
                }
                other.map(|taken| taken.map(|taken| taken.size))
            }
        }
    }

    /// Reads the body, a part of it at a time into an upload, which begins with the first whole part.
    async fn take(
        &self,
        fetched: Fetched<F::Body>,
        sha256: Option<&str>,
        upload: &mut Option<Upload>,
    ) -> Answer<Result<Taken, Trouble>> {
        let mut body = fetched.body;
        let mut taken = Taken { size: 0, digest: Sha256::new(), rest: Vec::new() };
        loop {
            let piece = match body.next().await {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                Err(failure) => return Ok(Err(Trouble::of_error(failure.class))),
            };
            taken.size += piece.len() as u64;
            if taken.size > limits::COPIED_FILE_BYTES {
                return Ok(Err(Trouble::TooLarge));
            }
            if self.file.size.is_some_and(|size| taken.size > size) {
                return Ok(Err(Trouble::Size));
            }
            taken.digest.update(&piece);
            let mut piece = &piece[..];
            while !piece.is_empty() {
                let room = limits::UPLOAD_PART_BYTES - taken.rest.len();
                // All of it at once: what grows by and by is in memory twice whenever it moves.
                taken.rest.reserve_exact(room);
                let (now, later) = piece.split_at(room.min(piece.len()));
                taken.rest.extend_from_slice(now);
                piece = later;
                if taken.rest.len() == limits::UPLOAD_PART_BYTES {
                    // Its room goes with it, and is free again before the next part needs its own.
                    self.put_part_of(upload, mem::take(&mut taken.rest)).await?;
                }
            }
        }
        let is_whole = self.file.size.or(fetched.size).is_none_or(|size| taken.size == size);
        let is_same = sha256.is_none_or(|said| STANDARD.encode(taken.digest.clone().finalize()) == said);
        Ok(match (is_whole, is_same) {
            (true, true) => Ok(taken),
            (false, _) => Err(Trouble::Size),
            (true, false) => Err(Trouble::Digest),
        })
    }

    async fn put_part_of(&self, upload: &mut Option<Upload>, part: Vec<u8>) -> Answer<()> {
        let upload = match upload {
            Some(upload) => upload,
            None => {
                let id = self.bucket.begin_upload(self.object, &self.file.mimetype).await?;
                upload.insert(Upload { id, parts: Vec::new() })
            }
        };
        self.put_part(upload, part).await
    }

    async fn put_part(&self, upload: &mut Upload, part: Vec<u8>) -> Answer<()> {
        let number = upload.parts.len() + 1;
        upload.parts.push(self.bucket.put_part(self.object, &upload.id, number, part).await?);
        Ok(())
    }
}

/// Whether a file that is said to be so large and of this kind may be the one that upstream declared.
pub(super) fn check(file: &File, size: Option<u64>, mimetype: Option<&str>) -> Result<(), Trouble> {
    if size.is_some_and(|size| size > limits::COPIED_FILE_BYTES) {
        return Err(Trouble::TooLarge);
    }
    if size.zip(file.size).is_some_and(|(answered, declared)| answered != declared) {
        return Err(Trouble::Size);
    }
    if mimetype.is_some_and(|answered| is_another_kind(&file.mimetype, answered)) {
        return Err(Trouble::Type);
    }
    Ok(())
}

/// Whether nobody would give these two names to one file. Servers know few types, and many names for each; what they do
/// not know is bytes. But a page is no picture, and what is served instead of a file that needs a login is a page.
fn is_another_kind(declared: &str, answered: &str) -> bool {
    let (declared, answered) = (essence(declared), essence(answered));
    let is_page = |kind: &str| matches!(kind, "text/html" | "application/xhtml+xml");
    let family = |kind: &str| match kind.split_once('/').map_or(kind, |(family, _)| family) {
        // An Opus recording is a video to some servers, and Ogg an application.
        "audio" | "video" => 'm',
        "image" => 'i',
        "text" | "application" | "message" | "multipart" | "model" | "font" => 'd',
        _ => '?',
    };
    let bytes =
        |kind: &str| matches!(kind, "application/octet-stream" | "binary/octet-stream" | "application/ogg" | "");
    if declared == answered || bytes(&declared) || bytes(&answered) {
        return false;
    }
    is_page(&answered) || is_page(&declared) && family(&answered) != 'd' || {
        let (one, other) = (family(&declared), family(&answered));
        one != other && one != '?' && other != '?'
    }
}

/// Without parameters, in lower case.
fn essence(mimetype: &str) -> String {
    mimetype.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_no_picture_and_one_file_may_have_many_names() {
        for (declared, answered) in [
            ("image/jpeg", "image/jpg"),
            ("image/png", "application/octet-stream"),
            ("audio/ogg; codecs=opus", "application/ogg"),
            ("audio/ogg; codecs=opus", "Audio/OGG"),
            ("video/mp4", "audio/mp4"),
            ("text/csv", "application/vnd.ms-excel"),
            ("text/html", "text/html; charset=utf-8"),
            ("application/octet-stream", "text/html"),
            ("x-unknown/thing", "image/png"),
        ] {
            assert!(!is_another_kind(declared, answered), "{declared} {answered}");
        }
        for (declared, answered) in [
            ("image/png", "text/html"),
            ("application/pdf", "text/html; charset=utf-8"),
            ("image/png", "application/json"),
            ("application/pdf", "image/png"),
            ("audio/mpeg", "image/png"),
        ] {
            assert!(is_another_kind(declared, answered), "{declared} {answered}");
        }
    }
}
