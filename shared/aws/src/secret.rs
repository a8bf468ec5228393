//! The root secret, in Secrets Manager.

use crate::failure::port_error;
use aws_sdk_secretsmanager::Client;
use aws_types::SdkConfig;
use bundler::{
    ports::{Answer, PortError, ReadRootSecret},
    signature::RootSecret,
};

pub struct Secret {
    client: Client,
    arn: String,
}

impl Secret {
    pub fn new(config: &SdkConfig, arn: String) -> Self {
        Self { client: Client::new(config), arn }
    }
}

impl ReadRootSecret for Secret {
    async fn read_root_secret(&self) -> Answer<RootSecret> {
        let doing = "reading the root secret";
        let request = self.client.get_secret_value().secret_id(&self.arn);
        let answer = request.send().await.map_err(|error| port_error(doing, &error))?;
        let text = answer.secret_string().unwrap_or_default();
        RootSecret::parse(text).map_err(|code| PortError { doing, code })
    }
}
