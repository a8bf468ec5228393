//! The resolver that connections are made by: it answers with public addresses or not at all.

use crate::classify::Blocked;
use bundler::{
    attempt::{ErrorClass, Failure},
    endpoint::{self, Reach},
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};

pub(crate) struct Guarded {
    reach: Reach,
}

impl Guarded {
    pub(crate) fn new(reach: Reach) -> Self {
        Self { reach }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One address that may not be called spoils the answer: a name that mixes them is up to something.
            if found.iter().any(|address| permitted(address.ip(), reach).is_err()) {
                return Err(Blocked.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
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

impl Blocked {
    pub(crate) fn failure() -> Failure {
        let detail = "the host's name leads to an address that is not public".to_owned();
        Failure { class: ErrorClass::BlockedAddress, detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::dns::Resolve;

    #[test]
    fn a_name_that_leads_to_this_machine_is_refused_where_the_connection_is_made() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let resolve = |reach| runtime.block_on(Guarded::new(reach).resolve("localhost".parse().expect("a name")));
        assert!(resolve(Reach::Public).is_err());
        assert!(resolve(Reach::Private).is_ok());
    }
}
