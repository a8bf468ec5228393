//! Files in memory: what is known of them, the queue of those to copy, and the bucket of copies.

use super::{
    consumed::{Consistency, Cost},
    store::Store,
    table::{MemoryTable, Range},
};
use crate::{
    file::{File, FileKey, escaped, safe_name},
    id::{KeyPart, WorkspaceId},
    ports::{
        Answer, Clock, DeleteObject, EnqueueCopy, EraseObjects, FileTable, FoundObject, MintLinks, Page, PortError,
        PutObject, ReadFiles, StoreCopy, Wanted,
    },
    table::{Item, ItemKey, bucket, file},
    timestamp::Timestamp,
};
use std::{ops::RangeInclusive, time::Duration};

impl ReadFiles for MemoryTable {
    async fn read_files(
        &self,
        workspace: &WorkspaceId,
        chat: &KeyPart,
        moments: RangeInclusive<Timestamp>,
        after: Option<&str>,
    ) -> Answer<Page<File>> {
        let (first, last) = (file::sort_key(*moments.start(), None), file::sort_key(*moments.end(), None));
        let pk = file::partition(workspace, chat);
        let range = Range {
            pk: &pk,
            prefix: "",
            after: Some(after.unwrap_or(&first)),
            until: Some(&bucket::behind(&last)),
            most: None,
        };
        let (items, after) = self.read_range("reading files", Consistency::Strong, &range)?;
        Ok(Page::of(&items, after, File::from_item))
    }
}

impl FileTable for MemoryTable {
    async fn read_file(&self, key: &FileKey) -> Answer<Option<File>> {
        let doing = "reading a file";
        let item = self.get(doing, &file::key(key))?;
        item.map(|item| File::from_item(&item)).transpose().map_err(|error| PortError::item(doing, &error))
    }

    async fn put_file(&self, file: &File) -> Answer<bool> {
        let item = file.to_item();
        self.store.request("putting a file", |request| {
            let stands = request.standing(&item).and_then(|item| item.get_number(file::REVISION).ok());
            let is_next = stands == file.revision.checked_sub(1);
            if is_next {
                request.put(item);
            }
            is_next
        })
    }
}

/// The queue of files to copy, in no order but that of its times, and the bucket of copies.
pub struct MemoryFiles<C> {
    store: Store,
    clock: C,
    /// Where links lead, without the object's key.
    base: String,
}

const QUEUE: &str = "copy";
/// Stands at what was handed out. Whoever enqueues it again writes it without.
const RECEIVED: &str = "received";

impl<C: Clock> MemoryFiles<C> {
    pub fn new(store: Store, clock: C, base: &str) -> Self {
        Self { store, clock, base: base.to_owned() }
    }

    /// What is to be copied by now. Each stays until it is finished.
    pub fn due_copies(&self) -> Answer<Vec<String>> {
        let now = self.clock.now();
        let is_due = |item: &&Item| item.get_millis("visible").is_ok_and(|visible| visible <= now);
        self.store.unbilled("receiving", |request| {
            let due: Vec<Item> = request.range(QUEUE, "", None).filter(is_due).cloned().collect();
            let reference = |item: &Item| item.get_text("reference").unwrap_or_default().to_owned();
            let references = due.iter().map(reference).collect();
            for item in due {
                request.put(item.number(RECEIVED, 1));
            }
            references
        })
    }

    /// Done with one. What was enqueued meanwhile stays, however much time has passed.
    pub fn finish_copy(&self, reference: &str) -> Answer<()> {
        self.store.unbilled("finishing", |request| {
            let key = ItemKey { pk: QUEUE.to_owned(), sk: reference.to_owned() };
            if request.get(&key).is_some_and(|item| item.get_number(RECEIVED).is_ok()) {
                request.delete(&key);
            }
        })
    }

    /// A copy's type and content.
    pub fn object(&self, object: &str) -> Answer<Option<(String, Vec<u8>)>> {
        let key = object_key(object);
        self.store.unbilled("reading an object", |request| {
            let item = request.get(&key)?;
            Some((item.get_text("mimetype").ok()?.to_owned(), item.get_bytes("content").ok()?.to_vec()))
        })
    }

    fn put(&self, doing: &'static str, item: Item) -> Answer<()> {
        self.store.unbilled(doing, |request| request.put(item))
    }
}

fn object_key(object: &str) -> ItemKey {
    ItemKey { pk: "object".to_owned(), sk: object.to_owned() }
}

fn part_key(object: &str, number: usize) -> ItemKey {
    ItemKey { pk: format!("upload#{object}"), sk: format!("{number:05}") }
}

impl<C: Clock> EnqueueCopy for MemoryFiles<C> {
    async fn enqueue_copy(&self, key: &FileKey, after: Duration) -> Answer<()> {
        let reference = key.to_reference();
        self.store.note("enqueueing a file", Cost::queue(1, reference.len()));
        let visible = self.clock.now().plus(after).millis();
        let key = ItemKey { pk: QUEUE.to_owned(), sk: reference.clone() };
        self.put("enqueueing a file", Item::new(key).text("reference", reference).number("visible", visible))
    }
}

impl<C: Clock> PutObject for MemoryFiles<C> {
    async fn put_object(&self, object: &str, mimetype: &str, content: Vec<u8>) -> Answer<()> {
        self.put(
            "putting an object",
            Item::new(object_key(object)).text("mimetype", mimetype).bytes("content", content),
        )
    }
}

impl<C: Clock> StoreCopy for MemoryFiles<C> {
    async fn begin_upload(&self, object: &str, mimetype: &str) -> Answer<String> {
        self.put("beginning an upload", Item::new(part_key(object, 0)).text("mimetype", mimetype))?;
        Ok("upload".to_owned())
    }

    async fn put_part(&self, object: &str, _upload: &str, number: usize, content: Vec<u8>) -> Answer<String> {
        self.put("putting a part", Item::new(part_key(object, number)).bytes("content", content))?;
        Ok(number.to_string())
    }

    async fn complete_upload(&self, object: &str, _upload: &str, parts: &[String]) -> Answer<()> {
        self.store.unbilled("completing an upload", |request| {
            let begun = request.get(&part_key(object, 0)).and_then(|item| item.get_text("mimetype").ok());
            let mimetype = begun.unwrap_or_default().to_owned();
            let mut content = Vec::new();
            for part in parts {
                let number = part.parse().unwrap_or_default();
                let part = request.get(&part_key(object, number)).and_then(|item| item.get_bytes("content").ok());
                content.extend_from_slice(part.unwrap_or_default());
            }
            request.put(Item::new(object_key(object)).text("mimetype", mimetype).bytes("content", content));
        })
    }

    async fn abort_upload(&self, object: &str, _upload: &str) -> Answer<()> {
        self.store.unbilled("aborting an upload", |request| request.delete(&part_key(object, 0)))
    }

    async fn find_object(&self, bucket: &str, key: &str) -> Answer<Option<FoundObject>> {
        let found = self.object(&format!("{bucket}/{key}"))?;
        Ok(found.map(|(mimetype, content)| FoundObject { size: content.len() as u64, mimetype: Some(mimetype) }))
    }

    async fn copy_object(&self, bucket: &str, key: &str, object: &str, mimetype: &str) -> Answer<()> {
        let (_, content) = self.object(&format!("{bucket}/{key}"))?.unwrap_or_default();
        self.put_object(object, mimetype, content).await
    }
}

impl<C: Clock> EraseObjects for MemoryFiles<C> {
    async fn list_objects(&self, prefix: &str) -> Answer<Vec<String>> {
        let key = |item: &Item| item.key.sk.clone();
        self.store
            .unbilled("listing objects", |request| request.range("object", prefix, None).map(key).take(1_000).collect())
    }
}

impl<C: Clock> DeleteObject for MemoryFiles<C> {
    async fn delete_object(&self, object: &str) -> Answer<()> {
        self.store.unbilled("deleting an object", |request| request.delete(&object_key(object)))
    }
}

impl<C: Clock> MintLinks for MemoryFiles<C> {
    async fn mint_links(&self, wanted: &[Wanted<'_>]) -> Answer<Vec<String>> {
        let until = self.clock.now().plus(crate::limits::FILE_LINK).seconds();
        // Query strings of S3 hold a name as well.
        let link = |wanted: &Wanted<'_>| {
            let name = escaped(&safe_name(wanted.filename));
            format!("{}/{}?until={until}&name={name}", self.base, wanted.object)
        };
        Ok(wanted.iter().map(link).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Shows the seconds that it was set to.
    struct Seconds(AtomicU64);

    impl Clock for &Seconds {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(self.0.load(Ordering::Relaxed)).expect("a moment")
        }
    }

    #[test]
    fn what_was_enqueued_again_while_it_was_copied_stays_though_it_is_due_before_the_copying_ends() {
        let clock = Seconds(AtomicU64::new(1_000));
        let files = MemoryFiles::new(Store::default(), &clock, "https://files.example.org");
        let key = FileKey::of(&crate::native::parse(&crate::samples::native(), "").expect("an event"));
        let enqueue = || files.enqueue_copy(&key, Duration::from_secs(10)).now_or_never().expect("at once");
        enqueue().expect("enqueued");
        assert_eq!(files.due_copies(), Ok(Vec::new()), "not before its time");
        clock.0.store(1_010, Ordering::Relaxed);
        let [reference] = &files.due_copies().expect("due")[..] else { panic!("one is due") };
        enqueue().expect("enqueued");
        clock.0.store(1_020, Ordering::Relaxed);
        files.finish_copy(reference).expect("finished");
        assert_eq!(files.due_copies(), Ok(vec![reference.clone()]));
        files.finish_copy(reference).expect("finished");
        assert_eq!(files.due_copies(), Ok(Vec::new()));
    }
}
