//! The requests about files, behind gates, the queue of those to copy and the bucket of copies.

use super::{
    ports::{Ports, at_once},
    world::World,
};
use bundler::{
    file::{File, FileKey},
    id::{KeyPart, WorkspaceId},
    ports::{Answer, EnqueueCopy, FileTable, MintLinks, Page, PutObject, ReadFiles, Wanted},
    timestamp::Timestamp,
};
use std::{ops::RangeInclusive, time::Duration};

impl ReadFiles for Ports {
    async fn read_files(
        &self,
        workspace: &WorkspaceId,
        chat: &KeyPart,
        moments: RangeInclusive<Timestamp>,
        after: Option<&str>,
    ) -> Answer<Page<File>> {
        let about = || format!("{workspace} {chat}");
        let (workspace, chat, after) = (workspace.clone(), chat.clone(), after.map(str::to_owned));
        let read = move |world: &World, _| {
            at_once(world.table.read_files(&workspace, &chat, moments.clone(), after.as_deref()))
        };
        self.ask("read_files", about, read).await
    }
}

impl FileTable for Ports {
    async fn read_file(&self, key: &FileKey) -> Answer<Option<File>> {
        let about = || key.to_reference();
        let key = key.clone();
        self.ask("read_file", about, move |world: &World, _| at_once(world.table.read_file(&key))).await
    }

    async fn put_file(&self, file: &File) -> Answer<bool> {
        let about = || format!("{} {:?}", file.key.to_reference(), file.state);
        let file = file.clone();
        self.ask("put_file", about, move |world: &World, _| at_once(world.table.put_file(&file))).await
    }
}

impl EnqueueCopy for Ports {
    async fn enqueue_copy(&self, key: &FileKey, after: Duration) -> Answer<()> {
        let about = || key.to_reference();
        let key = key.clone();
        self.ask("enqueue_copy", about, move |world: &World, _| at_once(world.files.enqueue_copy(&key, after))).await
    }
}

impl PutObject for Ports {
    async fn put_object(&self, object: &str, mimetype: &str, content: Vec<u8>) -> Answer<()> {
        let about = || object.to_owned();
        let (object, mimetype) = (object.to_owned(), mimetype.to_owned());
        let put = move |world: &World, _| at_once(world.files.put_object(&object, &mimetype, content.clone()));
        self.ask("put_object", about, put).await
    }
}

impl MintLinks for Ports {
    async fn mint_links(&self, wanted: &[Wanted<'_>]) -> Answer<Vec<String>> {
        let objects: Vec<String> = wanted.iter().map(|wanted| wanted.object.clone()).collect();
        let links = objects.iter().map(|object| format!("https://files.example.org/{object}")).collect::<Vec<_>>();
        self.ask("mint_links", || objects.join(" "), move |_, _| Ok(links.clone())).await
    }
}
