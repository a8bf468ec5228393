//! The bucket that files are copied into, the platform's, and the queue of files to copy.

use crate::{
    operation::{self, Tries},
    s3::{Ask, S3, delete, escape},
    signed::Post,
};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_types::SdkConfig;
use bundler::{
    file::{FileKey, content_type},
    ports::{Answer, DeleteObject, EnqueueCopy, FoundObject, PortError, PutObject, StoreCopy},
};
use serde_json::json;
use std::{fmt::Write, time::Duration};

pub struct Copies {
    s3: S3,
    config: SdkConfig,
    queue_url: String,
}

impl Copies {
    pub fn new(config: &SdkConfig, connector: SharedHttpConnector, bucket: String, queue_url: String) -> Self {
        Self { s3: S3::new(config, connector, bucket), config: config.clone(), queue_url }
    }
}

impl EnqueueCopy for Copies {
    async fn enqueue_copy(&self, key: &FileKey, after: Duration) -> Answer<()> {
        let doing = "enqueueing a file";
        let message = json!({
            "QueueUrl": self.queue_url,
            "MessageBody": key.to_reference(),
            "DelaySeconds": after.as_secs(),
        });
        let post = Post {
            host: "sqs",
            service: "sqs",
            path: "/",
            content_type: "application/x-amz-json-1.0",
            header: Some(("x-amz-target", "AmazonSQS.SendMessage")),
            body: message.to_string(),
        };
        operation::send(&self.config, doing, Tries::Several, post).await.map(|_| ())
    }
}

fn type_header(mimetype: &str) -> Vec<(&'static str, String)> {
    vec![("content-type", content_type(mimetype))]
}

impl PutObject for Copies {
    async fn put_object(&self, object: &str, mimetype: &str, content: Vec<u8>) -> Answer<()> {
        let ask = Ask {
            doing: "putting a copy",
            method: "PUT",
            key: object,
            query: String::new(),
            headers: type_header(mimetype),
            body: content,
        };
        self.s3.send(ask).await.map(|_| ())
    }
}

impl DeleteObject for Copies {
    async fn delete_object(&self, object: &str) -> Answer<()> {
        delete(&self.s3, object).await
    }
}

impl StoreCopy for Copies {
    async fn begin_upload(&self, object: &str, mimetype: &str) -> Answer<String> {
        let doing = "beginning an upload";
        let (query, headers) = ("uploads=".to_owned(), type_header(mimetype));
        let told = self.s3.send(Ask { doing, method: "POST", key: object, query, headers, body: Vec::new() }).await?;
        told.elements("UploadId")
            .into_iter()
            .next()
            .ok_or_else(|| PortError { doing, code: "unreadable answer".to_owned() })
    }

    async fn put_part(&self, object: &str, upload: &str, number: usize, content: Vec<u8>) -> Answer<String> {
        let doing = "putting a part";
        let query = format!("partNumber={number}&uploadId={}", escape(upload, ""));
        let told = self.s3.send(Ask { doing, method: "PUT", key: object, query, headers: Vec::new(), body: content });
        let told = told.await?;
        told.header("etag").map(str::to_owned).ok_or_else(|| PortError { doing, code: "unreadable answer".to_owned() })
    }

    async fn complete_upload(&self, object: &str, upload: &str, parts: &[String]) -> Answer<()> {
        let mut body = String::from("<CompleteMultipartUpload>");
        for (index, etag) in parts.iter().enumerate() {
            let etag = etag.replace('"', "&quot;");
            // Writing to a String does not fail.
            let _ = write!(body, "<Part><PartNumber>{}</PartNumber><ETag>{etag}</ETag></Part>", index + 1);
        }
        body.push_str("</CompleteMultipartUpload>");
        let ask = Ask {
            doing: "completing an upload",
            method: "POST",
            key: object,
            query: format!("uploadId={}", escape(upload, "")),
            headers: vec![("content-type", "application/xml".to_owned())],
            body: body.into_bytes(),
        };
        self.s3.send(ask).await.map(|_| ())
    }

    async fn abort_upload(&self, object: &str, upload: &str) -> Answer<()> {
        let query = format!("uploadId={}", escape(upload, ""));
        let doing = "aborting an upload";
        let ask = Ask { doing, method: "DELETE", key: object, query, headers: Vec::new(), body: Vec::new() };
        self.s3.send(ask).await.map(|_| ())
    }

    async fn find_object(&self, bucket: &str, key: &str) -> Answer<Option<FoundObject>> {
        let doing = "finding an object";
        let ask = Ask { doing, method: "HEAD", key, query: String::new(), headers: Vec::new(), body: Vec::new() };
        match self.s3.beside(bucket).ask(ask).await? {
            Ok(told) => {
                let size = told.header("content-length").and_then(|size| size.parse().ok());
                let size = size.ok_or_else(|| PortError { doing, code: "unreadable answer".to_owned() })?;
                Ok(Some(FoundObject { size, mimetype: told.header("content-type").map(str::to_owned) }))
            }
            // Where one may not list, what is not there is forbidden.
            Err((403 | 404, _)) => Ok(None),
            Err((_, code)) => Err(PortError { doing, code }),
        }
    }

    async fn copy_object(&self, bucket: &str, key: &str, object: &str, mimetype: &str) -> Answer<()> {
        let mut headers = type_header(mimetype);
        headers.push(("x-amz-copy-source", format!("/{bucket}/{}", escape(key, "/"))));
        headers.push(("x-amz-metadata-directive", "REPLACE".to_owned()));
        // To read the platform's tags would take another permission.
        headers.push(("x-amz-tagging-directive", "REPLACE".to_owned()));
        let doing = "copying an object";
        let ask = Ask { doing, method: "PUT", key: object, query: String::new(), headers, body: Vec::new() };
        self.s3.send(ask).await.map(|_| ())
    }
}
