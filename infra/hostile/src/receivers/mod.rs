//! All hostile receivers, each with what it does and what has to come of a request to it. They are data and a few
//! lines of play each; how they are set up and judged is not their business.

mod answers;
mod bodies;
mod connections;
mod handshakes;
mod heads;

use crate::{
    certificates::{Certificate, Protocol},
    peer::Peer,
};
use bundler::{attempt::ErrorClass, limits};
use std::{io, time::Duration};

pub(crate) struct Receiver {
    /// In lower case, words joined by hyphens: what `cargo hostile` is asked for.
    pub(crate) name: &'static str,
    pub(crate) does: &'static str,
    pub(crate) stage: Stage,
    /// How often it is called, one request after the other. What comes of the last is judged.
    pub(crate) requests: u32,
    pub(crate) expected: Expected,
    pub(crate) at_most: Duration,
    pub(crate) play: fn(&mut Peer) -> io::Result<()>,
}

/// Where a receiver stands, and what its URL says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// `http://`
    Plain,
    /// `https://`, with TLS that works as far as the certificate lets it.
    Tls(Certificate, Protocol),
    /// `https://`, but what comes back is what the receiver plays, byte by byte.
    ByHand,
    /// Nobody listens.
    Nobody,
    /// Somebody listens, whose queue of connections is full.
    FullQueue,
    /// No receiver is set up; the URL is this.
    Url(&'static str),
}

/// What has to come of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Error(ErrorClass),
    /// An answer that counts as delivered.
    Delivered,
}

impl Expected {
    /// The word for it in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Error(class) => class.name(),
            Self::Delivered => "delivered",
        }
    }
}

/// A request has to end within so long, whatever a receiver does: its own time, and a second to notice.
const AT_MOST: Duration = limits::REQUEST.saturating_add(Duration::from_secs(1));
/// The same of a connection that cannot be made.
const TO_CONNECT: Duration = limits::CONNECT.saturating_add(Duration::from_secs(1));

const HTTP_1: Stage = Stage::Tls(Certificate::Good, Protocol::Http1);

/// What every client must be able to deliver to, by each protocol.
pub(crate) const GOOD: &[Receiver] = &[
    receiver("plain", Stage::Plain, Expected::Delivered, "HTTP", good),
    receiver("tls", HTTP_1, Expected::Delivered, "HTTPS", good),
];

/// In the order of a request's life.
pub(crate) fn all() -> Vec<&'static Receiver> {
    let kinds =
        [connections::RECEIVERS, handshakes::RECEIVERS, heads::RECEIVERS, answers::RECEIVERS, bodies::RECEIVERS];
    kinds.into_iter().flatten().collect()
}

/// Takes a request and answers it.
fn good(peer: &mut Peer) -> io::Result<()> {
    peer.request()?;
    peer.say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
}

/// The row of a receiver's table, in the order in which it reads.
const fn receiver(
    name: &'static str,
    stage: Stage,
    expected: Expected,
    does: &'static str,
    play: fn(&mut Peer) -> io::Result<()>,
) -> Receiver {
    Receiver { name, does, stage, requests: 1, expected, at_most: AT_MOST, play }
}

impl Receiver {
    const fn called(self, requests: u32) -> Self {
        Self { requests, ..self }
    }

    /// Has to end before most others.
    const fn within(self, at_most: Duration) -> Self {
        Self { at_most, ..self }
    }

    /// Those that take their time go first.
    pub(crate) fn is_slow(&self) -> bool {
        self.requests > 1 || self.expected == Expected::Error(ErrorClass::Timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn receivers_have_names_of_their_own_and_every_class_of_error_is_met() {
        let all = all();
        assert!(all.len() >= 24);
        assert_eq!(all.iter().map(|receiver| receiver.name).collect::<BTreeSet<_>>().len(), all.len());
        let classes: BTreeSet<_> = all.iter().map(|receiver| receiver.expected.name()).collect();
        let expected = [
            "blocked_address",
            "body",
            "connect",
            "delivered",
            "dns",
            "invalid_url",
            "redirect",
            "status",
            "timeout",
            "tls",
        ];
        assert_eq!(classes, expected.into());
    }
}
