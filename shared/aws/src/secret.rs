//! The root secret, and what upstreams are known by, in Secrets Manager: `GetSecretValue`.

use crate::{
    operation::{self, Tries},
    signed::Post,
};
use aws_types::SdkConfig;
use bundler::{
    ports::{Answer, PortError, ReadCredentials, ReadRootSecret},
    signature::RootSecret,
    upstream::Credentials,
};
use serde::Deserialize;
use serde_json::json;

pub struct Secret {
    config: SdkConfig,
    arn: String,
}

#[derive(Deserialize)]
struct Stored {
    #[serde(rename = "SecretString")]
    text: String,
}

impl Secret {
    pub fn new(config: &SdkConfig, arn: String) -> Self {
        Self { config: config.clone(), arn }
    }

    async fn read<T>(&self, doing: &'static str, parse: impl FnOnce(&str) -> Result<T, String>) -> Answer<T> {
        let post = Post {
            host: "secretsmanager",
            service: "secretsmanager",
            path: "/",
            content_type: "application/x-amz-json-1.1",
            header: Some(("x-amz-target", "secretsmanager.GetSecretValue")),
            body: json!({ "SecretId": self.arn }).to_string(),
        };
        let answer = operation::send(&self.config, doing, Tries::Several, post).await?;
        // serde's own words may repeat what it has read.
        let unreadable = |_| PortError { doing, code: "unreadable answer".to_owned() };
        let stored: Stored = serde_json::from_slice(&answer).map_err(unreadable)?;
        parse(&stored.text).map_err(|code| PortError { doing, code })
    }
}

impl ReadRootSecret for Secret {
    async fn read_root_secret(&self) -> Answer<RootSecret> {
        self.read("reading the root secret", RootSecret::parse).await
    }
}

impl ReadCredentials for Secret {
    async fn read_credentials(&self) -> Answer<Credentials> {
        self.read("reading what upstreams are known by", Credentials::parse).await
    }
}
