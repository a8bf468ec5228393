//! Receivers whose answer is whole, and is not what it should be.

use super::{
    Expected::{Delivered, Error},
    HTTP_1, Receiver, Stage, receiver,
};
use crate::peer::Peer;
use bundler::attempt::ErrorClass::{Redirect, Status};
use std::io;

const PLAIN: Stage = Stage::Plain;

pub(super) const RECEIVERS: &[Receiver] = &[
    receiver("redirect-301", PLAIN, Error(Redirect), "301 to loopback", |peer| redirect(peer, "301 Moved")),
    receiver("redirect-302", HTTP_1, Error(Redirect), "302 to loopback", |peer| redirect(peer, "302 Found")),
    receiver("redirect-303", PLAIN, Error(Redirect), "303 to loopback", |peer| redirect(peer, "303 See Other")),
    receiver("redirect-307", PLAIN, Error(Redirect), "307 to loopback", |peer| redirect(peer, "307 Temporary")),
    receiver("redirect-308", HTTP_1, Error(Redirect), "308 to loopback", |peer| redirect(peer, "308 Permanent")),
    receiver("refresh", PLAIN, Error(Status), "Refresh, Alt-Svc to loopback", |peer| {
        peer.request()?;
        let there = format!("127.0.0.1:{}", peer.canary_port);
        let head = format!("refresh: 0; url=http://{there}/\r\nalt-svc: h2=\"{there}\"\r\nlocation: http://{there}/");
        peer.say(format!("HTTP/1.1 202 Accepted\r\n{head}\r\ncontent-length: 0\r\n\r\n"))
    }),
    receiver("status-101", PLAIN, Error(Status), "101 to another protocol", |peer| {
        status(peer, "101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x")?;
        peer.forever("x".repeat(16_384))
    }),
    receiver("status-204", PLAIN, Error(Status), "204 with a body", |peer| status(peer, "204 No Content")),
    receiver("status-304", PLAIN, Error(Redirect), "304 with a body", |peer| status(peer, "304 Not Modified")),
    receiver("status-401", PLAIN, Error(Status), "401 that asks for a password", |peer| {
        status(peer, "401 Unauthorized\r\nwww-authenticate: Basic realm=x, Negotiate")
    }),
    receiver("status-407", PLAIN, Error(Status), "407 as if it were a proxy", |peer| {
        status(peer, "407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=x")
    }),
    receiver("status-410", PLAIN, Error(Status), "410 Gone", |peer| status(peer, "410 Gone")),
    receiver("status-421", PLAIN, Error(Status), "421, which asks to try again", |peer| {
        status(peer, "421 Misdirected Request")
    }),
    receiver("status-999", PLAIN, Error(Status), "status 999", |peer| status(peer, "999 What")),
    receiver("retry-after", HTTP_1, Error(Status), "429, Retry-After of 30 digits", |peer| {
        status(peer, &format!("429 Too Many Requests\r\nretry-after: {}\r\nretry-after: -1", "9".repeat(30)))
    }),
    receiver("bytes-in-header", PLAIN, Error(Status), "headers that are not UTF-8", |peer| {
        peer.request()?;
        peer.say(b"HTTP/1.1 500 \xff\xfe\r\nx-bytes: \x80\xff\xc0\r\ncontent-length: 0\r\n\r\n")
    }),
    receiver("two-answers", PLAIN, Delivered, "another answer behind the first", |peer| {
        status(peer, "200 OK")?;
        peer.say("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n")
    }),
];

/// An answer of this status, and more lines if they stand behind it.
fn status(peer: &mut Peer, status: &str) -> io::Result<()> {
    peer.request()?;
    peer.say(format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nno"))
}

fn redirect(peer: &mut Peer, status: &str) -> io::Result<()> {
    peer.request()?;
    let there = format!("http://127.0.0.1:{}/latest/meta-data", peer.canary_port);
    peer.say(format!("HTTP/1.1 {status}\r\nlocation: {there}\r\ncontent-length: 0\r\n\r\n"))
}
