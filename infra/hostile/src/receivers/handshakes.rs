//! Receivers whose TLS is bad: certificates, versions, and handshakes that never end. What TLS libraries refuse to say
//! is said byte by byte.

use super::{Expected::Error, Receiver, Stage, TO_CONNECT, receiver};
use crate::{
    certificates::{Certificate, Protocol},
    peer::Peer,
};
use bundler::attempt::ErrorClass::{Connect, Timeout, Tls};
use std::io::{self, Read};

const fn shows(certificate: Certificate) -> Stage {
    Stage::Tls(certificate, Protocol::Http1)
}

pub(super) const RECEIVERS: &[Receiver] = &[
    receiver("expired", shows(Certificate::Expired), Error(Tls), "certificate of 2019", answer),
    receiver("not-yet-valid", shows(Certificate::NotYetValid), Error(Tls), "certificate of 2999", answer),
    receiver("other-name", shows(Certificate::OtherName), Error(Tls), "certificate of another name", answer),
    receiver("self-signed", shows(Certificate::SelfSigned), Error(Tls), "certificate signed by itself", answer),
    receiver("unknown-authority", shows(Certificate::UnknownAuthority), Error(Tls), "unknown authority", answer),
    receiver("signed-by-leaf", shows(Certificate::SignedByLeaf), Error(Tls), "signed by a receiver's", answer),
    receiver("for-clients", shows(Certificate::ForClients), Error(Tls), "certificate for clients", answer),
    receiver("long-chain", shows(Certificate::LongChain), Error(Tls), "a hundred certificates", answer),
    receiver("tls-1.0", Stage::ByHand, Error(Tls), "speaks TLS 1.0", |peer| {
        hello(peer)?;
        peer.say(server_hello([3, 1]))?;
        peer.hold()
    }),
    receiver("ssl-3", Stage::ByHand, Error(Tls), "speaks SSL 3.0", |peer| {
        hello(peer)?;
        peer.say(server_hello([3, 0]))?;
        peer.hold()
    }),
    receiver("tls-refused", Stage::ByHand, Error(Tls), "alert: no such version", |peer| {
        hello(peer)?;
        peer.say([21, 3, 1, 0, 2, 2, 70])?;
        peer.hold()
    }),
    receiver("tls-weak", Stage::ByHand, Error(Tls), "a cipher nobody offered", |peer| {
        hello(peer)?;
        peer.say(server_hello([3, 3]))?;
        peer.hold()
    }),
    receiver("no-tls", Stage::ByHand, Error(Tls), "plain HTTP on the TLS port", |peer| {
        hello(peer)?;
        peer.say("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")?;
        peer.hold()
    }),
    receiver("h2-only", Stage::Tls(Certificate::Good, Protocol::Http2), Error(Tls), "speaks HTTP/2 alone", answer),
    receiver("h2-unasked", shows(Certificate::Good), Error(Connect), "HTTP/1.1 agreed, HTTP/2 spoken", |peer| {
        // The SETTINGS that an HTTP/2 connection begins with.
        peer.say([0, 0, 0, 4, 0, 0, 0, 0, 0])?;
        peer.hold()
    }),
    receiver("tls-silence", Stage::ByHand, Error(Timeout), "no answer to the handshake", Peer::hold).within(TO_CONNECT),
    receiver("tls-drip", Stage::ByHand, Error(Timeout), "handshake, 5 bytes a second", |peer| {
        hello(peer)?;
        peer.drip(server_hello([3, 3]))?;
        peer.hold()
    })
    .within(TO_CONNECT),
    receiver("tls-close", Stage::ByHand, Error(Connect), "closes in the handshake", hello),
    receiver("tls-reset", Stage::ByHand, Error(Connect), "resets in the handshake", |peer| {
        hello(peer)?;
        peer.reset()
    }),
    receiver("tls-endless", Stage::ByHand, Error(Tls), "a handshake of 16 MiB", |peer| {
        hello(peer)?;
        peer.say([22, 3, 3, 64, 0, 11, 255, 255, 255])?;
        peer.say([0; 16_380])?;
        peer.forever([[22, 3, 3, 64, 0].as_slice(), &[0; 16_384]].concat())
    }),
    receiver("tls-alerts", Stage::ByHand, Error(Tls), "warnings without end", |peer| {
        hello(peer)?;
        peer.forever([21, 3, 3, 0, 2, 1, 90].repeat(1_000))
    }),
    receiver("tls-empty", Stage::ByHand, Error(Tls), "empty records without end", |peer| {
        hello(peer)?;
        peer.forever([22, 3, 3, 0, 0].repeat(1_000))
    }),
];

/// Nobody gets so far.
fn answer(peer: &mut Peer) -> io::Result<()> {
    peer.request()?;
    peer.say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
}

/// Reads the client's first record.
fn hello(peer: &mut Peer) -> io::Result<()> {
    let mut header = [0; 5];
    peer.read_exact(&mut header)?;
    let length = u64::from(u16::from_be_bytes([header[3], header[4]]));
    io::copy(&mut peer.take(length), &mut io::sink()).map(|_| ())
}

/// A `ServerHello` of a version, as those before 1.3 are: AES-128 by RSA alone, which no client of ours offers.
fn server_hello(version: [u8; 2]) -> Vec<u8> {
    let random = [7; 32];
    let hello = [version.as_slice(), &random, &[0], &[0x00, 0x2f], &[0]].concat();
    let length = u8::try_from(hello.len()).unwrap_or(u8::MAX);
    [&[22, version[0], version[1], 0, length + 4, 2, 0, 0, length], hello.as_slice()].concat()
}
