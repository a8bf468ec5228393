//! Where files are fetched from: anywhere by the guarded client, but for the names of those who are played here. Those lead
//! to this machine, so that nobody else is called by them, and so that what was to be fetched before a restart still can be.

use crate::{
    fakes::{self, Library},
    secrets,
    world::POLICY,
};
use axum::Router;
use bundler::{
    attempt::Failure,
    ports::{Fetch, Fetched},
};
use outbound::{Download, Downloads};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

pub(crate) const GRAPH: &str = "https://graph.facebook.com";
pub(crate) const TWILIO: &str = "https://api.twilio.com";
/// Where the platform has files.
pub(crate) const STORE: &str = "https://files.example.com";

/// Who is played, and where.
#[derive(Clone, Copy)]
pub(crate) struct Addresses {
    pub(crate) graph: SocketAddr,
    pub(crate) twilio: SocketAddr,
    pub(crate) store: SocketAddr,
}

impl Addresses {
    /// Plays all of them in the background until the process ends.
    pub(crate) async fn start(library: &Library) -> Result<Self, String> {
        let ([graph, twilio, store], addresses) = {
            let (graph, at_graph) = listen(0).await?;
            let (twilio, at_twilio) = listen(0).await?;
            let (store, at_store) = listen(0).await?;
            ([graph, twilio, store], Self { graph: at_graph, twilio: at_twilio, store: at_store })
        };
        serve(graph, fakes::graph(library.clone(), secrets::WHATSAPP_TOKEN, addresses.graph));
        serve(twilio, fakes::twilio(library.clone(), secrets::TWILIO_ACCOUNT, secrets::TWILIO_TOKEN, addresses.store));
        serve(store, fakes::store(library.clone()));
        Ok(addresses)
    }

    /// Where nobody listens who could be told so.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        Self { graph: nowhere, twilio: nowhere, store: nowhere }
    }
}

fn serve(listener: TcpListener, router: Router) {
    tokio::spawn(async move { axum::serve(listener, router).await });
}

/// Listens on a port of 127.0.0.1, any free one for 0.
pub(crate) async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), String> {
    let doing = |error| format!("listening on port {port} of 127.0.0.1: {error}");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(doing)?;
    let address = listener.local_addr().map_err(doing)?;
    Ok((listener, address))
}

/// The guarded client, and whom it finds here.
pub(crate) struct Names {
    downloads: Downloads,
    known: [(&'static str, SocketAddr); 3],
}

impl Names {
    pub(crate) fn new(Addresses { graph, twilio, store }: Addresses) -> Result<Self, String> {
        Ok(Self { downloads: Downloads::new(POLICY)?, known: [(GRAPH, graph), (TWILIO, twilio), (STORE, store)] })
    }

    /// The same URL with an address of this machine's, if its name is known.
    fn here(&self, url: &str) -> Option<String> {
        self.known.iter().find_map(|(name, address)| {
            let rest = url.strip_prefix(name).filter(|rest| rest.starts_with('/'))?;
            Some(format!("http://{address}{rest}"))
        })
    }
}

impl Fetch for Names {
    type Body = Download;

    async fn fetch(&self, url: &str, headers: &[(String, String)]) -> Result<Fetched<Download>, Failure> {
        let here = self.here(url);
        self.downloads.fetch(here.as_deref().unwrap_or(url), headers).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_played_lead_here_and_no_others() {
        let names = Names::new(Addresses::nowhere()).expect("a client");
        assert_eq!(names.here("https://api.twilio.com/a?b").as_deref(), Some("http://127.0.0.1:1/a?b"));
        for other in ["https://api.twilio.com.evil.example/a", "https://api.twilio.com:8443/", "https://example.org/"] {
            assert_eq!(names.here(other), None, "{other}");
        }
    }
}
