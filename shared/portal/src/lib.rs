//! The API of the settings: who asks is let in or not, what is asked is read, the core does it, and what it says is shown.
//!
//! It knows nothing of AWS and decides nothing about webhooks: ports come from whoever runs it, decisions from `bundler`.
//! What goes over the wire is types of this crate, which `openapi.json` describes.
//!
//! - who may: [`door`]; what is asked of the world: [`Ports`]
//! - what may be asked for: [`routes`]; each is a thin function of a module of its own

mod change;
mod chats;
mod create;
mod csv;
mod door;
mod fields;
mod gathered;
mod held;
mod links;
mod log;
mod pages;
mod ports;
mod reply;
mod routes;
mod show;
mod traffic;
mod trial;
mod upstream;
mod view;
mod wanted;
mod words;

pub use ports::{Ports, RandomBytes};
pub use routes::{DOCUMENT, Manner, Route, router, routes};

use bundler::{
    cache::RootSecretCache, health::Patience, portal::Site, portal::tries::Blocked, window::AggregationUnit,
};
use std::{net::IpAddr, sync::Mutex};

/// What answering needs.
pub struct Portal<P> {
    pub ports: P,
    pub unit: AggregationUnit,
    /// The platform that the last sentence of a note names.
    pub platform: String,
    /// At how many errors in a row a webhook is disabled, as the sender has it.
    pub disable_at: u32,
    /// What ingest's addresses begin with, as upstreams call it; nothing, where that is not known here.
    pub ingest_origin: Option<String>,
    keys: RootSecretCache,
    blocked: Mutex<Blocked>,
}

/// Where a request comes from, and what it has been sent to. Whoever runs the router puts it into the request's
/// extensions, from what it knows itself: nothing that a caller can write may be in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    pub address: IpAddr,
    pub site: Site,
}

impl<P: Ports> Portal<P> {
    pub fn new(ports: P, unit: AggregationUnit, platform: String) -> Self {
        let disable_at = Patience::default().disable_at;
        Self {
            ports,
            unit,
            platform,
            disable_at,
            ingest_origin: None,
            keys: RootSecretCache::default(),
            blocked: Mutex::default(),
        }
    }
}
