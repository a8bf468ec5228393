//! The resolver that connections are made by: it answers with public addresses, in time, or not at all. It never gives
//! a port, and nothing is looked up a second time between its answer and the connection.

use crate::classify::Blocked;
use bundler::{
    attempt::Failure,
    endpoint::{self, Reach},
    limits,
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tokio::time::timeout;

/// Finds the addresses of a name. In production the system does; a test's answers change from call to call.
pub(crate) trait Lookup: Send + Sync + 'static {
    fn lookup(&self, name: &str) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send;
}

pub(crate) struct System;

impl Lookup for System {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

pub(crate) struct Guarded<L> {
    lookup: Arc<L>,
    reach: Reach,
}

impl<L: Lookup> Guarded<L> {
    pub(crate) fn new(lookup: L, reach: Reach) -> Self {
        Self { lookup: Arc::new(lookup), reach }
    }
}

impl<L: Lookup> Resolve for Guarded<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, reach) = (Arc::clone(&self.lookup), self.reach);
        Box::pin(async move {
            let found = timeout(limits::RESOLVE, lookup.lookup(name.as_str())).await??;
            // One address that may not be called spoils the answer: a name that mixes them is up to something.
            if found.iter().any(|address| permitted(*address, reach).is_err()) {
                return Err(Blocked.into());
            }
            if found.is_empty() {
                return Err("a name without addresses".into());
            }
            // The port is the URL's.
            Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// Whether an address may be called.
pub(crate) fn permitted(address: IpAddr, reach: Reach) -> Result<(), Failure> {
    match reach {
        Reach::Private => Ok(()),
        Reach::Public if endpoint::is_public_address(address) => Ok(()),
        Reach::Public => Err(Blocked::failure()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_to_this_machine_is_refused_where_the_connection_is_made() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let resolve =
            |reach| runtime.block_on(Guarded::new(System, reach).resolve("localhost".parse().expect("a name")));
        assert!(resolve(Reach::Public).is_err());
        assert!(resolve(Reach::Private).is_ok());
    }
}
