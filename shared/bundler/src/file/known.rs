//! What is known of the files of what goes out: what is told of each, and whether a delivery waits for one.

use super::{File, FileKey, FileState, Trouble, ended_link};
use crate::{
    delivery::{DeliveryKey, Lane},
    document::FileLink,
    event::Event,
    limits,
    ports::{Answer, MintLinks, ReadFiles, Wanted},
    timestamp::Timestamp,
};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// A chat's files of a span of time.
#[derive(Default)]
pub struct KnownFiles(BTreeMap<FileKey, File>);

/// Links to the copies of a document's files, or what stands for them in the log.
#[derive(Default)]
pub struct Links(BTreeMap<FileKey, FileLink>);

impl Links {
    pub fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// What is told of the message's file.
    pub fn of(&self, event: &Event) -> FileLink {
        self.0.get(&FileKey::of(event)).cloned().unwrap_or_default()
    }
}

impl KnownFiles {
    /// What is known of the files of these messages, in order; no request, if they have none.
    pub async fn of_messages<T: ReadFiles>(table: &T, lane: &Lane, messages: &[Event]) -> Answer<Self> {
        let mut moments = messages.iter().filter(|event| has_file(event)).map(|event| event.message.timestamp);
        let Some(first) = moments.next() else { return Ok(Self::default()) };
        Self::of_span(table, lane, first..=moments.next_back().unwrap_or(first)).await
    }

    /// What is known of the files of these messages, and of those before them that they do not go out before.
    pub async fn up_to<T: ReadFiles>(table: &T, lane: &Lane, messages: &[Event]) -> Answer<Self> {
        let (Some(first), Some(last)) = (messages.first(), messages.last()) else { return Ok(Self::default()) };
        let first = first.message.timestamp.minus(limits::FILE_ORDER);
        Self::of_span(table, lane, first..=last.message.timestamp).await
    }

    async fn of_span<T: ReadFiles>(table: &T, lane: &Lane, moments: RangeInclusive<Timestamp>) -> Answer<Self> {
        let (mut known, mut after) = (BTreeMap::new(), None);
        loop {
            let page = table.read_files(&lane.workspace, &lane.chat, moments.clone(), after.as_deref()).await?;
            known.extend(page.rows.into_iter().map(|file| (file.key.clone(), file)));
            after = page.after;
            if after.is_none() {
                return Ok(Self(known));
            }
        }
    }

    /// The last file up to a message for which the delivery has to wait: it may still come, or others that waited for it
    /// have not been enqueued yet.
    pub fn blocking(&self, last: &Event, delivery: &DeliveryKey) -> Option<&File> {
        let is_in_turn = |file: &File| !file.is_pending() && file.waiting.iter().any(|one| one.delivery == *delivery);
        let mut files = self.0.range(..=FileKey::of(last)).map(|(_, file)| file);
        files.rfind(|file| file.is_open() && !is_in_turn(file))
    }

    /// Deliveries of the lane that have waited for one of these files, and were enqueued.
    pub fn released(&self, lane: &Lane) -> Vec<DeliveryKey> {
        let waited = self.0.values().filter(|file| file.is_released).flat_map(|file| &file.waiting);
        waited.map(|one| one.delivery.clone()).filter(|delivery| delivery.lane == *lane).collect()
    }

    /// Why the files of these messages cannot be had that cannot.
    pub fn troubles(&self, messages: &[Event]) -> Vec<Trouble> {
        let trouble = |event: &Event| match self.0.get(&FileKey::of(event)).map(|file| &file.state) {
            Some(FileState::Kept { .. }) => None,
            Some(FileState::Gone(trouble)) => Some(*trouble),
            // What goes out without waiting for it, and what nobody was told to copy.
            Some(FileState::Pending(_)) | None => Some(Trouble::Ours),
        };
        messages.iter().filter(|event| has_file(event)).filter_map(trouble).collect()
    }

    /// A link to each copy of these messages' files, from now on; no request, if there are none.
    pub async fn mint<L: MintLinks>(&self, minting: &L, messages: &[Event]) -> Answer<Links> {
        let kept: Vec<(FileKey, u64, Wanted<'_>)> = self.kept(messages).collect();
        if kept.is_empty() {
            return Ok(Links::default());
        }
        let wanted: Vec<Wanted<'_>> = kept.iter().map(|(_, _, wanted)| wanted.clone()).collect();
        let urls = minting.mint_links(&wanted).await?;
        let link = |((key, size, _), url)| (key, FileLink { url: Some(url), size: Some(size) });
        Ok(Links(kept.into_iter().zip(urls).map(link).collect()))
    }

    /// What stands in the log for these links.
    pub fn ended(&self, messages: &[Event]) -> Links {
        let link = |(key, size, wanted): (FileKey, u64, Wanted<'_>)| {
            (key, FileLink { url: Some(ended_link(&wanted.object)), size: Some(size) })
        };
        Links(self.kept(messages).map(link).collect())
    }

    fn kept<'a>(&'a self, messages: &'a [Event]) -> impl Iterator<Item = (FileKey, u64, Wanted<'a>)> {
        messages.iter().filter_map(|event| {
            let attachment = event.message.attachment.as_ref()?;
            let key = FileKey::of(event);
            let FileState::Kept { size } = self.0.get(&key)?.state else { return None };
            let wanted =
                Wanted { object: key.object(), filename: &attachment.filename, mimetype: &attachment.mimetype };
            Some((key, size, wanted))
        })
    }
}

fn has_file(event: &Event) -> bool {
    event.message.attachment.is_some()
}
