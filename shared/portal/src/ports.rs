//! What the API asks of the world: the core's ports, and a few things more. It reads no clock and no environment.

use bundler::{
    log::Log,
    ports::{
        Answer, Clock, CountFailedTry, CreateWebhook, CutTable, Enqueue, EraseObjects, EraseTable, KeepFile,
        KeepTraffic, MintLinks, OwnerTable, PutUpstream, ReadActions, ReadAttempted, ReadAttempts, ReadDelivery,
        ReadFiles, ReadGathering, ReadHeld, ReadLaneMessage, ReadRests, ReadRootSecret, SendTest, UseOnce,
    },
};

/// Random bytes, of which nobody can tell the next. Not a request; a port all the same.
pub trait RandomBytes: Sync {
    fn random_bytes(&self) -> Answer<[u8; 32]>;
}

/// Everything that the table is asked for here, under one name.
pub trait Table:
    OwnerTable
    + CreateWebhook
    + ReadActions
    + ReadAttempts
    + ReadAttempted
    + ReadDelivery
    + ReadFiles
    + ReadGathering
    + ReadHeld
    + ReadLaneMessage
    + ReadRests
    + CutTable
    + EraseTable
    + KeepTraffic
    + PutUpstream
    + UseOnce
    + CountFailedTry
{
}

impl<T> Table for T where
    T: OwnerTable
        + CreateWebhook
        + ReadActions
        + ReadAttempts
        + ReadAttempted
        + ReadDelivery
        + ReadFiles
        + ReadFiles
        + ReadGathering
        + ReadHeld
        + ReadLaneMessage
        + ReadRests
        + CutTable
        + EraseTable
        + KeepTraffic
        + PutUpstream
        + UseOnce
        + CountFailedTry
{
}

/// The bucket that messages' files are copied into, as it is needed here.
pub trait Copies: MintLinks + EraseObjects {}

impl<T: MintLinks + EraseObjects> Copies for T {}

/// The world, as whoever runs the router has it.
pub trait Ports: Send + Sync + 'static {
    type Table: Table;
    type Queue: Enqueue;
    type Secret: ReadRootSecret;
    type Tester: SendTest;
    type Files: KeepFile;
    type Copies: Copies;
    type Clock: Clock;
    type Random: RandomBytes;
    type Log: Log;

    fn table(&self) -> &Self::Table;
    fn queue(&self) -> &Self::Queue;
    fn secret(&self) -> &Self::Secret;
    fn tester(&self) -> &Self::Tester;
    fn files(&self) -> &Self::Files;
    fn copies(&self) -> &Self::Copies;
    fn clock(&self) -> &Self::Clock;
    fn random(&self) -> &Self::Random;
    fn log(&self) -> &Self::Log;

    /// Whether a webhook may have this URL, as the sender would decide it before it resolves anything; or what is wrong
    /// with it, without any of it.
    fn check_url(&self, url: &str) -> Result<(), String>;
}
