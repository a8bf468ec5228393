//! Links to copies. They are signed with credentials of a role of their own, which may do nothing else, and whose end is
//! known: a link must not end before its time because those of the function do, of which nobody is told when that is.

use crate::{
    s3::{Ask, S3, Said, TRIES, Told, delete, escape},
    signed::Post,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::{http::SharedHttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use bundler::{
    file::{content_type, disposition},
    limits,
    ports::{Answer, DeleteObject, EraseObjects, MintLinks, PortError, Wanted},
};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

/// What STS gives to a role that has been assumed by another: an hour at the most.
const LIVES: Duration = Duration::from_secs(3_600);
/// So long before a link would have to end with its credentials, others are asked for.
const RESERVE: Duration = Duration::from_secs(5 * 60);

pub struct Links {
    s3: S3,
    config: SdkConfig,
    role: String,
    /// Credentials, and until when links are signed with them.
    known: Mutex<Option<(SdkConfig, SystemTime)>>,
}

impl Links {
    pub fn new(config: &SdkConfig, connector: SharedHttpConnector, bucket: String, role: String) -> Self {
        let s3 = S3::new(config, connector, bucket);
        Self { s3, config: config.clone(), role, known: Mutex::new(None) }
    }

    /// What links are signed with now, and for as long as one lives.
    async fn signing(&self, now: SystemTime) -> Answer<SdkConfig> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((config, until)) = known
            && now < until
        {
            return Ok(config);
        }
        let config = self.assume().await?;
        let until = now + LIVES.saturating_sub(limits::FILE_LINK + RESERVE);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((config.clone(), until));
        Ok(config)
    }

    /// STS's API reference, `AssumeRole`.
    async fn assume(&self) -> Answer<SdkConfig> {
        let doing = "assuming the role of links";
        let form = format!(
            "Action=AssumeRole&Version=2011-06-15&RoleSessionName=links&DurationSeconds={}&RoleArn={}",
            LIVES.as_secs(),
            escape(&self.role, "")
        );
        let mut passing = String::new();
        for _ in 0..TRIES {
            let post = Post {
                host: "sts",
                service: "sts",
                path: "/",
                content_type: "application/x-www-form-urlencoded",
                header: None,
                body: form.clone(),
            };
            let unbuilt = |_| PortError { doing, code: "request could not be built".to_owned() };
            let request = post.signed(&self.config).await.map_err(unbuilt)?.map(SdkBody::from);
            let request = HttpRequest::try_from(request).map_err(|error| unbuilt(error.into()))?;
            match self.s3.call(request).await {
                Said::Told(answer) => return self.with_credentials(doing, &answer),
                Said::Refused(_, code) => return Err(PortError { doing, code }),
                Said::Passing(code) => passing = code,
            }
        }
        Err(PortError { doing, code: passing })
    }

    /// The configuration with the credentials that STS has given.
    fn with_credentials(&self, doing: &'static str, answer: &Told) -> Answer<SdkConfig> {
        let part = |name| answer.elements(name).into_iter().next();
        let read = || Some((part("AccessKeyId")?, part("SecretAccessKey")?, part("SessionToken")?));
        let (id, secret, token) = read().ok_or_else(|| PortError { doing, code: "unreadable answer".to_owned() })?;
        let credentials = Credentials::new(id, secret, Some(token), None, "links");
        let provider = SharedCredentialsProvider::new(credentials);
        Ok(self.config.to_builder().credentials_provider(provider).build())
    }
}

/// With the function's own credentials: the role of links may do nothing but read.
impl EraseObjects for Links {
    async fn list_objects(&self, prefix: &str) -> Answer<Vec<String>> {
        let query = format!("list-type=2&prefix={}", escape(prefix, ""));
        let doing = "listing copies";
        let told = self.s3.send(Ask { doing, method: "GET", key: "", query, headers: Vec::new(), body: Vec::new() });
        Ok(told.await?.elements("Key"))
    }
}

impl DeleteObject for Links {
    async fn delete_object(&self, object: &str) -> Answer<()> {
        delete(&self.s3, object).await
    }
}

impl MintLinks for Links {
    async fn mint_links(&self, wanted: &[Wanted<'_>]) -> Answer<Vec<String>> {
        let s3 = self.s3.with(self.signing(SystemTime::now()).await?);
        let mut links = Vec::with_capacity(wanted.len());
        for Wanted { object, filename, mimetype } in wanted {
            let query = format!(
                "response-content-disposition={}&response-content-type={}",
                escape(&disposition(filename), ""),
                escape(&content_type(mimetype), "")
            );
            let link = s3.link(object, &query, limits::FILE_LINK).await;
            let unsigned = |_| PortError { doing: "signing a link", code: "it could not be signed".to_owned() };
            links.push(link.map_err(unsigned)?);
        }
        Ok(links)
    }
}
