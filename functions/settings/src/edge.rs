//! The world as this function has it: environment to values, and each client once.

use aws::{
    connection,
    edge::{Output, SystemClock, receivers, text},
    files::Files,
    invoke::Sender,
    links::Links,
    over_hyper,
    queue::Queue,
    secret::Secret,
    table::Table,
};
use bundler::{
    endpoint::Policy,
    ports::{Answer, PortError},
};
use portal::{Ports, RandomBytes};

pub(crate) struct Edge {
    table: Table,
    queue: Queue,
    secret: Secret,
    sender: Sender,
    files: Files,
    copies: Links,
    clock: SystemClock,
    random: System,
    log: Output,
    policy: Policy,
}

/// The system's random bytes.
pub(crate) struct System;

impl RandomBytes for System {
    fn random_bytes(&self) -> Answer<[u8; 32]> {
        let mut bytes = [0; 32];
        let filled = getrandom::fill(&mut bytes);
        filled.map_err(|error| PortError { doing: "making random bytes", code: error.to_string() })?;
        Ok(bytes)
    }
}

impl Edge {
    /// The error names the variable that is missing or wrong.
    pub(crate) fn new(clock: SystemClock) -> Result<Self, String> {
        let connector = over_hyper::connector()?;
        let config = &connection::connect_over(over_hyper::http_client(connector.clone()))?;
        Ok(Self {
            table: Table::new(config, text("TABLE_NAME")?),
            queue: Queue::new(config, text("DELIVERY_QUEUE_URL")?),
            secret: Secret::new(config, text("SECRET_ARN")?),
            sender: Sender::new(config, text("SENDER_FUNCTION")?),
            files: Files::new(config, connector.clone(), text("FILES_BUCKET")?),
            copies: Links::new(config, connector, text("FILES_BUCKET")?, text("LINKS_ROLE_ARN")?),
            clock,
            random: System,
            log: Output::new("settings")?,
            policy: receivers()?,
        })
    }
}

impl Ports for Edge {
    type Table = Table;
    type Queue = Queue;
    type Secret = Secret;
    type Tester = Sender;
    type Files = Files;
    type Copies = Links;
    type Clock = SystemClock;
    type Random = System;
    type Log = Output;

    fn table(&self) -> &Table {
        &self.table
    }

    fn queue(&self) -> &Queue {
        &self.queue
    }

    fn secret(&self) -> &Secret {
        &self.secret
    }

    fn tester(&self) -> &Sender {
        &self.sender
    }

    fn files(&self) -> &Files {
        &self.files
    }

    fn copies(&self) -> &Links {
        &self.copies
    }

    fn clock(&self) -> &SystemClock {
        &self.clock
    }

    fn random(&self) -> &System {
        &self.random
    }

    fn log(&self) -> &Output {
        &self.log
    }

    fn check_url(&self, url: &str) -> Result<(), String> {
        outbound::check(url, self.policy).map_err(|failure| failure.detail)
    }
}
