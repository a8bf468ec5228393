//! Where receivers stand: listeners on loopback for one process's requests, and a canary that none may reach.

use crate::{
    Result,
    certificates::Authority,
    peer::Peer,
    receivers::{Receiver, Stage},
};
use rustls::ServerConnection;
use socket2::{Domain, Socket, Type};
use std::{
    iter,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

const LOOPBACK: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

pub(crate) struct Place {
    pub(crate) authority: Authority,
    pub(crate) canary: Canary,
}

/// Listens and never answers. The system makes the connections; they are counted when asked for.
pub(crate) struct Canary {
    listener: TcpListener,
    pub(crate) port: u16,
}

impl Canary {
    pub(crate) fn new() -> Result<Self> {
        let listener = TcpListener::bind(LOOPBACK)?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// Since it was asked last.
    pub(crate) fn connections(&self) -> usize {
        iter::from_fn(|| self.listener.accept().ok()).count()
    }
}

/// A receiver that stands, as long as this is kept.
pub(crate) struct Standing {
    pub(crate) url: String,
    /// A queue and what fills it.
    _queue: Option<(Socket, Vec<TcpStream>)>,
}

impl Place {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { authority: Authority::new()?, canary: Canary::new()? })
    }

    pub(crate) fn set_up(&self, receiver: &'static Receiver) -> Result<Standing> {
        let (scheme, tls) = match receiver.stage {
            Stage::Plain => ("http", None),
            Stage::ByHand => ("https", None),
            Stage::Tls(certificate, protocol) => ("https", Some(self.authority.server(certificate, protocol)?)),
            Stage::Url(url) => return Ok(Standing { url: url.to_owned(), _queue: None }),
            Stage::Nobody => {
                // The port was free a moment ago, and nobody else has a reason to take it now.
                let address = TcpListener::bind(LOOPBACK)?.local_addr()?;
                return Ok(Standing { url: format!("http://{address}/hook"), _queue: None });
            }
            Stage::FullQueue => {
                let (address, queue) = full_queue()?;
                return Ok(Standing { url: format!("http://{address}/hook"), _queue: Some(queue) });
            }
        };
        let listener = TcpListener::bind(LOOPBACK)?;
        let url = format!("{scheme}://{}/hook", listener.local_addr()?);
        let canary_port = self.canary.port;
        thread::spawn(move || {
            for (earlier, socket) in listener.incoming().flatten().enumerate() {
                let tls = tls.as_ref().map(|config| ServerConnection::new(Arc::clone(config))).transpose();
                let Ok(tls) = tls else { return };
                // A client that goes makes an error of whatever is played; that is how most of them end.
                thread::spawn(move || (receiver.play)(&mut Peer::new(socket, tls, earlier, canary_port)));
            }
        });
        Ok(Standing { url, _queue: None })
    }
}

/// A listener that has as many connections waiting as it takes: the system answers no more.
fn full_queue() -> Result<(SocketAddr, (Socket, Vec<TcpStream>))> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from(LOOPBACK).into())?;
    socket.listen(0)?;
    let address = socket.local_addr()?.as_socket().ok_or("a socket without an address")?;
    let waiting = iter::from_fn(|| TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok());
    let waiting = waiting.take(64).collect();
    Ok((address, (socket, waiting)))
}
