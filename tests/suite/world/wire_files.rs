//! The ports of files with a tape in front of them.

use super::wire::Wire;
use bundler::{
    file::{File, FileKey},
    id::{KeyPart, WorkspaceId},
    ports::{
        Answer, DeleteObject, EnqueueCopy, EraseObjects, FileTable, FoundObject, MintLinks, Page, PutObject, ReadFiles,
        StoreCopy, Wanted,
    },
    timestamp::Timestamp,
};
use std::{ops::RangeInclusive, time::Duration};

impl<T: ReadFiles> ReadFiles for Wire<T> {
    async fn read_files(
        &self,
        workspace: &WorkspaceId,
        chat: &KeyPart,
        moments: RangeInclusive<Timestamp>,
        after: Option<&str>,
    ) -> Answer<Page<File>> {
        self.tape.pass("read_files", self.inner.read_files(workspace, chat, moments, after)).await
    }
}

impl<T: FileTable> FileTable for Wire<T> {
    async fn read_file(&self, key: &FileKey) -> Answer<Option<File>> {
        self.tape.pass("read_file", self.inner.read_file(key)).await
    }

    async fn put_file(&self, file: &File) -> Answer<bool> {
        self.tape.pass("put_file", self.inner.put_file(file)).await
    }
}

impl<F: EnqueueCopy> EnqueueCopy for Wire<F> {
    async fn enqueue_copy(&self, key: &FileKey, after: Duration) -> Answer<()> {
        self.tape.pass("enqueue_copy", self.inner.enqueue_copy(key, after)).await
    }
}

impl<F: PutObject> PutObject for Wire<F> {
    async fn put_object(&self, object: &str, mimetype: &str, content: Vec<u8>) -> Answer<()> {
        self.tape.pass("put_object", self.inner.put_object(object, mimetype, content)).await
    }
}

impl<F: StoreCopy> StoreCopy for Wire<F> {
    async fn begin_upload(&self, object: &str, mimetype: &str) -> Answer<String> {
        self.tape.pass("begin_upload", self.inner.begin_upload(object, mimetype)).await
    }

    async fn put_part(&self, object: &str, upload: &str, number: usize, content: Vec<u8>) -> Answer<String> {
        self.tape.pass("put_part", self.inner.put_part(object, upload, number, content)).await
    }

    async fn complete_upload(&self, object: &str, upload: &str, parts: &[String]) -> Answer<()> {
        self.tape.pass("complete_upload", self.inner.complete_upload(object, upload, parts)).await
    }

    async fn abort_upload(&self, object: &str, upload: &str) -> Answer<()> {
        self.tape.pass("abort_upload", self.inner.abort_upload(object, upload)).await
    }

    async fn find_object(&self, bucket: &str, key: &str) -> Answer<Option<FoundObject>> {
        self.tape.pass("find_object", self.inner.find_object(bucket, key)).await
    }

    async fn copy_object(&self, bucket: &str, key: &str, object: &str, mimetype: &str) -> Answer<()> {
        self.tape.pass("copy_object", self.inner.copy_object(bucket, key, object, mimetype)).await
    }
}

impl<F: DeleteObject> DeleteObject for Wire<F> {
    async fn delete_object(&self, object: &str) -> Answer<()> {
        self.tape.pass("delete_object", self.inner.delete_object(object)).await
    }
}

impl<F: EraseObjects> EraseObjects for Wire<F> {
    async fn list_objects(&self, prefix: &str) -> Answer<Vec<String>> {
        self.tape.pass("list_objects", self.inner.list_objects(prefix)).await
    }
}

impl<F: MintLinks> MintLinks for Wire<F> {
    async fn mint_links(&self, wanted: &[Wanted<'_>]) -> Answer<Vec<String>> {
        self.tape.pass("mint_links", self.inner.mint_links(wanted)).await
    }
}
