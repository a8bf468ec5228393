//! The root secret, in Secrets Manager.

use crate::failure::port_error;
use aws_sdk_secretsmanager::Client;
use aws_types::SdkConfig;
use bundler::{
    ports::{Answer, PortError, ReadRootSecret},
    signature::RootSecret,
};
use std::sync::OnceLock;

pub struct Secret {
    config: SdkConfig,
    client: OnceLock<Client>,
    arn: String,
}

impl Secret {
    pub fn new(config: &SdkConfig, arn: String) -> Self {
        Self { config: config.clone(), client: OnceLock::new(), arn }
    }

    /// Made when it is first needed: a client parses all of AWS's partitions, which costs as much as a bare function's
    /// whole start.
    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(&self.config))
    }
}

impl ReadRootSecret for Secret {
    async fn read_root_secret(&self) -> Answer<RootSecret> {
        let doing = "reading the root secret";
        let request = self.client().get_secret_value().secret_id(&self.arn);
        let answer = request.send().await.map_err(|error| port_error(doing, &error))?;
        let text = answer.secret_string().unwrap_or_default();
        RootSecret::parse(text).map_err(|code| PortError { doing, code })
    }
}
