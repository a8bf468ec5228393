//! Files in the stack's own bucket, by the one call of S3 that there is use for: `PutObject`; and links to them.

use crate::s3::{Ask, S3};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_types::SdkConfig;
use bundler::{
    file::disposition,
    limits,
    ports::{Answer, File, KeepFile, PortError},
};

/// Under this prefix whatever is kept expires after a day, by the bucket's own rule.
pub const PREFIX: &str = "downloads/";

pub struct Files(S3);

impl Files {
    pub fn new(config: &SdkConfig, connector: SharedHttpConnector, bucket: String) -> Self {
        Self(S3::new(config, connector, bucket))
    }
}

impl KeepFile for Files {
    fn answer_bytes(&self) -> usize {
        limits::PORTAL_ANSWER_BYTES
    }

    async fn keep(&self, file: File) -> Answer<String> {
        let (doing, key) = ("keeping a file", format!("{PREFIX}{}", file.key));
        let headers = vec![("content-type", file.content_type), ("content-disposition", disposition(&file.name))];
        let ask = Ask { doing, method: "PUT", key: &key, query: String::new(), headers, body: file.body };
        self.0.send(ask).await?;
        // A function is not told when its credentials end, and this link with them: hours after it got them. Who gets it
        // follows it at once.
        let link = self.0.link(&key, "", limits::DOWNLOAD_LINK).await;
        link.map_err(|_| PortError { doing, code: "the link could not be signed".to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::configure;
    use aws_smithy_runtime_api::client::{
        http::{HttpConnector, HttpConnectorFuture, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
    };
    use aws_smithy_types::body::SdkBody;
    use std::sync::{Arc, Mutex};

    /// Keeps each request, and answers with this status.
    #[derive(Clone, Debug)]
    struct S3(Arc<Mutex<Vec<http::Request<SdkBody>>>>, u16);

    impl HttpConnector for S3 {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            self.0.lock().expect("requests").push(request.try_into_http1x().expect("a request"));
            let body = if self.1 == 200 { "" } else { "<Error><Message>secret</Message></Error>" };
            let body = SdkBody::from(body);
            let answer = http::Response::builder().status(self.1).body(body).expect("an answer");
            HttpConnectorFuture::ready(Ok(HttpResponse::try_from(answer).expect("an answer")))
        }
    }

    fn keep(status: u16, endpoint: Option<&str>) -> (Answer<String>, http::Request<SdkBody>) {
        let s3 = S3(Arc::default(), status);
        let variable = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" => Some("AKIDEXAMPLE".to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some("secret".to_owned()),
            "AWS_SESSION_TOKEN" => Some("token".to_owned()),
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            "AWS_ENDPOINT_URL" => endpoint.map(str::to_owned),
            _ => None,
        };
        let client = http_client_fn(|_, _| panic!("a file goes by its own way"));
        let config = configure(client, variable).expect("a configuration");
        let files = Files::new(&config, SharedHttpConnector::new(s3.clone()), "bucket-1".to_owned());
        let file = File {
            key: "acme/00ff".to_owned(),
            name: "requests-acme-default.csv".to_owned(),
            content_type: "text/csv; charset=utf-8".to_owned(),
            body: b"a,b".to_vec(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let said = runtime.block_on(files.keep(file));
        let mut requests = s3.0.lock().expect("requests");
        assert_eq!(requests.len(), 1);
        (said, requests.remove(0))
    }

    #[test]
    fn a_file_is_one_signed_request_and_a_link_that_ends_in_a_quarter_of_an_hour() {
        let (said, request) = keep(200, None);
        let object = "https://bucket-1.s3.eu-central-1.amazonaws.com/downloads/acme/00ff";
        assert_eq!((request.method().as_str(), request.uri().to_string()), ("PUT", object.to_owned()));
        let header = |name: &str| request.headers()[name].to_str().expect("text").to_owned();
        let name = "requests-acme-default.csv";
        let disposition = format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}");
        assert_eq!(header("content-disposition"), disposition);
        assert_eq!(header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(header("x-amz-security-token"), "token");
        assert_eq!(header("x-amz-content-sha256"), "1eb7c54d52831bbfe8942af0b1c56b7409523a59ed6ca99c1174fef7eb32c1b5");
        assert!(header("authorization").contains("/eu-central-1/s3/aws4_request, SignedHeaders=content-disposition;content-type;host;x-amz-content-sha256;x-amz-date;"));
        assert_eq!(request.body().bytes(), Some(&b"a,b"[..]));
        let link = said.expect("a link");
        let (place, query) = link.split_once('?').expect("a query");
        assert_eq!(place, object);
        for part in ["X-Amz-Expires=900", "X-Amz-SignedHeaders=host", "X-Amz-Security-Token=token", "X-Amz-Signature="]
        {
            assert!(query.contains(part), "{query}");
        }
    }

    #[test]
    fn an_emulators_bucket_is_in_the_path() {
        let (said, request) = keep(200, Some("http://localhost:4566"));
        assert_eq!(request.uri(), "http://localhost:4566/bucket-1/downloads/acme/00ff");
        assert!(said.expect("a link").starts_with("http://localhost:4566/bucket-1/downloads/acme/00ff?"));
    }

    #[test]
    fn a_file_that_is_not_kept_has_no_link_and_the_error_repeats_nothing() {
        let (said, _) = keep(403, None);
        assert_eq!(said, Err(PortError { doing: "keeping a file", code: "status 403".to_owned() }));
    }
}
