//! Copies a file from where upstream has it to where links lead, as a stream: no more of it is in memory than a part of an
//! upload. What it says of a file is decided by what came, never by what was said: size, kind and SHA-256 are checked
//! where upstream declared them, and nothing stands at the copy's key before all of that is right.

use super::{Copying, File, FileKey, FileState, Graph, Source, Trouble, settle, stream};
use crate::{
    cache::CredentialsCache,
    limits,
    log::{Level, Line, Log},
    ports::{Answer, Clock, Enqueue, EnqueueCopy, Fetch, FileTable, PortError, ReadCredentials, StoreCopy},
    upstream::Credentials,
};
use std::{sync::Arc, time::Duration};

/// What copying needs.
pub struct Copier<'a, T, Q, F, B, C, S> {
    pub table: &'a T,
    pub queue: &'a Q,
    /// Where upstream has files.
    pub source: &'a F,
    /// Where copies stand, and where it is said which are to be made.
    pub bucket: &'a B,
    pub clock: &'a C,
    pub graph: &'a Graph,
    /// What upstreams are known by, and where that is kept.
    pub credentials: &'a CredentialsCache,
    pub secret: &'a S,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    Kept {
        size: u64,
    },
    /// It is tried again later.
    Later(Trouble),
    /// It goes without it.
    Gone(Trouble),
    /// Nothing is known of it: its chat was erased.
    Nothing,
}

impl<T, Q, F, B, C, S> Copier<'_, T, Q, F, B, C, S>
where
    T: FileTable,
    Q: Enqueue,
    F: Fetch,
    B: StoreCopy + EnqueueCopy,
    C: Clock,
    S: ReadCredentials,
{
    /// Brings the file that a record names a step further, and says so in one line. The error is ours: the record comes
    /// again.
    pub async fn take<L: Log>(&self, log: &L, reference: &str) -> Answer<()> {
        let key = FileKey::from_reference(reference).map_err(|detail| {
            log.log(Line::new(Level::Error, "record names no file").text("error", detail));
            PortError { doing: "copying a file", code: "the record names none".to_owned() }
        })?;
        let started = self.clock.now();
        let copied = self.copy(&key).await;
        let milliseconds = u64::try_from(self.clock.now().since(started).as_millis()).unwrap_or(u64::MAX);
        let line = line(&copied)
            .text("workspace.id", key.workspace.as_str())
            .text("chat.id", key.chat.as_str())
            .text("message_id", key.message.in_line())
            .number("duration_ms", milliseconds);
        log.log(line);
        copied.map(|_| ())
    }

    async fn copy(&self, key: &FileKey) -> Answer<Copied> {
        let Some(file) = self.table.read_file(key).await? else { return Ok(Copied::Nothing) };
        let state = match &file.state {
            FileState::Pending(copying) => match self.fetch(&file, &copying.source).await? {
                Ok(size) => FileState::Kept { size },
                Err(trouble) => match retry(copying.tries, trouble) {
                    Some(after) => {
                        self.note(key).await?;
                        self.bucket.enqueue_copy(key, after).await?;
                        return Ok(Copied::Later(trouble));
                    }
                    None => FileState::Gone(trouble),
                },
            },
            // Somebody may have died before he had enqueued who waits.
            state @ (FileState::Kept { .. } | FileState::Gone(_)) => state.clone(),
        };
        Ok(match settle(self.table, self.queue, key, &state).await? {
            None => {
                // Its chat was erased meanwhile: so is what has been copied of it.
                self.bucket.delete_object(&key.object()).await?;
                Copied::Nothing
            }
            Some(FileState::Kept { size }) => Copied::Kept { size },
            Some(FileState::Gone(trouble)) => Copied::Gone(trouble),
            // It has one of the others for good.
            Some(FileState::Pending(_)) => Copied::Later(Trouble::Ours),
        })
    }

    /// Writes down that a try has not worked out.
    async fn note(&self, key: &FileKey) -> Answer<()> {
        for _ in 0..limits::HEALTH_TRIES {
            let Some(read) = self.table.read_file(key).await? else { return Ok(()) };
            let FileState::Pending(Copying { source, tries }) = &read.state else { return Ok(()) };
            let state = FileState::Pending(Copying { source: source.clone(), tries: tries + 1 });
            if self.table.put_file(&read.with(state, read.waiting.clone())).await? {
                return Ok(());
            }
        }
        Err(PortError { doing: "noting a try", code: "others were always faster".to_owned() })
    }

    async fn credentials(&self) -> Answer<Arc<Credentials>> {
        self.credentials.read(self.secret, self.clock.now()).await
    }

    /// The copy's size, or why there is none. The error is ours.
    async fn fetch(&self, file: &File, source: &Source) -> Answer<Result<u64, Trouble>> {
        let object = file.key.object();
        let stream = stream::Stream { source: self.source, bucket: self.bucket, object: &object, file };
        match source {
            Source::Url { url, headers } => {
                let headers: Vec<(String, String)> = headers.iter().cloned().collect();
                stream.copy(url.as_str(), &headers, None).await
            }
            Source::Twilio { url } => match self.credentials().await?.twilio_authorization() {
                Some(authorization) => {
                    stream.copy(url.as_str(), &[("authorization".to_owned(), authorization)], None).await
                }
                None => Ok(Err(Trouble::Denied)),
            },
            Source::WhatsApp { media, sha256 } => {
                let credentials = self.credentials().await?;
                let Some(token) = &credentials.whatsapp_access_token else { return Ok(Err(Trouble::Denied)) };
                let headers = [("authorization".to_owned(), format!("Bearer {token}"))];
                match self.graph.find(self.source, media, &headers).await {
                    Ok(found) => stream.copy(&found.url, &headers, sha256.as_deref().or(found.sha256.as_deref())).await,
                    Err(trouble) => Ok(Err(trouble)),
                }
            }
            Source::Object { bucket, key } => {
                let Some(found) = self.bucket.find_object(bucket, key).await? else {
                    return Ok(Err(Trouble::NotFound));
                };
                if let Err(trouble) = stream::check(file, Some(found.size), found.mimetype.as_deref()) {
                    return Ok(Err(trouble));
                }
                self.bucket.copy_object(bucket, key, &object, &file.mimetype).await?;
                Ok(Ok(found.size))
            }
            // It stands in the bucket before anybody is told of it.
            Source::Inline(content) => Ok(Ok(content.len() as u64)),
        }
    }
}

/// After how long what did not work out for the `tries`th time, from 0, is tried again, if that may help.
fn retry(tries: u32, trouble: Trouble) -> Option<Duration> {
    let wait = usize::try_from(tries).ok().and_then(|tries| limits::FILE_RETRIES.get(tries));
    wait.filter(|_| trouble.may_pass()).copied()
}

fn line(copied: &Answer<Copied>) -> Line {
    match copied {
        Ok(Copied::Kept { size }) => {
            Line::new(Level::Info, "file copied").text("outcome", "kept").number("file.bytes", *size)
        }
        Ok(Copied::Later(trouble)) => Line::new(Level::Warn, "file not copied yet: it is tried again")
            .text("outcome", "later")
            .text("error", trouble.name()),
        Ok(Copied::Gone(trouble)) => Line::new(Level::Warn, "file given up: its message goes without it")
            .text("outcome", "gone")
            .text("error", trouble.name()),
        Ok(Copied::Nothing) => Line::new(Level::Info, "no such file").text("outcome", "nothing"),
        Err(error) => Line::new(Level::Error, "file not copied: our own trouble")
            .text("outcome", "failed")
            .text("error", error.to_string()),
    }
}
