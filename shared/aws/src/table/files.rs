//! What is known of files.

use super::{FREE, Table, codec};
use crate::failure::{is_condition, port_error};
use aws_sdk_dynamodb::types::AttributeValue;
use bundler::{
    file::{File, FileKey},
    id::{KeyPart, WorkspaceId},
    ports::{Answer, FileTable, Page, PortError, ReadFiles},
    table::{bucket, file},
    timestamp::Timestamp,
};
use std::ops::RangeInclusive;

impl ReadFiles for Table {
    async fn read_files(
        &self,
        workspace: &WorkspaceId,
        chat: &KeyPart,
        moments: RangeInclusive<Timestamp>,
        after: Option<&str>,
    ) -> Answer<Page<File>> {
        let doing = "reading files";
        let (first, last) = (file::sort_key(*moments.start(), None), file::sort_key(*moments.end(), None));
        // A range has two ends that belong to it. The text after `after` is itself and a NUL.
        let query = self
            .client()
            .query()
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :next AND :last")
            .expression_attribute_values(":pk", AttributeValue::S(file::partition(workspace, chat)))
            .expression_attribute_values(":next", AttributeValue::S(format!("{}\0", after.unwrap_or(&first))))
            .expression_attribute_values(":last", AttributeValue::S(bucket::behind(&last)));
        let (items, after) = self.page(doing, query).await?;
        let after = after.map(codec::sort_key).transpose().map_err(|error| PortError::item(doing, &error))?;
        Ok(Page::of(&items, after, File::from_item))
    }
}

impl FileTable for Table {
    async fn read_file(&self, key: &FileKey) -> Answer<Option<File>> {
        let doing = "reading a file";
        let item = self.get(doing, &file::key(key)).await?;
        item.map(|item| File::from_item(&item)).transpose().map_err(|error| PortError::item(doing, &error))
    }

    async fn put_file(&self, file: &File) -> Answer<bool> {
        let request = self.client().put_item().table_name(&self.name);
        let request = request.set_item(Some(codec::attributes(file.to_item())));
        let request = match file.revision.checked_sub(1) {
            None => request.condition_expression(FREE),
            Some(before) => request
                .condition_expression("#revision = :before")
                .expression_attribute_names("#revision", file::REVISION)
                .expression_attribute_values(":before", AttributeValue::N(before.to_string())),
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_condition(&error) => Ok(false),
            Err(error) => Err(port_error("putting a file", &error)),
        }
    }
}
