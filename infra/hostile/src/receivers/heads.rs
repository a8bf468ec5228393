//! Receivers whose answer goes wrong in its head: too slow, too long, or no head at all.

use super::{Expected::Error, HTTP_1, Receiver, Stage, receiver};
use bundler::attempt::ErrorClass::{Connect, Timeout};

const PLAIN: Stage = Stage::Plain;

pub(super) const RECEIVERS: &[Receiver] = &[
    receiver("drip-head", PLAIN, Error(Timeout), "head, 5 bytes a second", |peer| {
        peer.request()?;
        peer.drip("HTTP/1.1 200 OK\r\nx-slow: ")?;
        peer.drip("a".repeat(1_000))
    }),
    receiver("flood-100", PLAIN, Error(Timeout), "100 Continue without end", |peer| {
        peer.request()?;
        peer.flood("HTTP/1.1 100 Continue\r\n\r\n".repeat(600))
    }),
    receiver("flood-103", HTTP_1, Error(Timeout), "103 Early Hints without end", |peer| {
        peer.request()?;
        peer.flood("HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n".repeat(250))
    }),
    receiver("endless-headers", PLAIN, Error(Connect), "header lines without end", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\n")?;
        peer.forever("x-more: of the same\r\n".repeat(700))
    }),
    receiver("endless-header", HTTP_1, Error(Connect), "a header line without end", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\nx-more: ")?;
        peer.forever("a".repeat(16_384))
    }),
    receiver("endless-reason", PLAIN, Error(Connect), "a status line without end", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 ")?;
        peer.forever("O".repeat(16_384))
    }),
    receiver("flood-empty-lines", PLAIN, Error(Connect), "empty lines without end", |peer| {
        peer.request()?;
        peer.flood("\r\n".repeat(8_192))
    }),
    receiver("reset-in-head", HTTP_1, Error(Connect), "resets within the head", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\nx-half: ")?;
        peer.reset()
    }),
    receiver("close-in-head", PLAIN, Error(Connect), "closes within the head", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\nx-half: ")
    }),
    receiver("ssh", PLAIN, Error(Connect), "speaks SSH", |peer| {
        peer.request()?;
        peer.say("SSH-2.0-OpenSSH_9.9\r\n")?;
        peer.hold()
    }),
    receiver("http-0.9", PLAIN, Error(Connect), "speaks HTTP/0.9", |peer| {
        peer.request()?;
        peer.say("<html>ok</html>")
    }),
    receiver("status-099", PLAIN, Error(Connect), "status 099", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 099 No\r\ncontent-length: 0\r\n\r\n")
    }),
    receiver("nul-in-header", PLAIN, Error(Connect), "a NUL in a header", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\nx-nul: \0\r\ncontent-length: 0\r\n\r\n")
    }),
    receiver("two-lengths", PLAIN, Error(Connect), "two content-lengths that differ", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok!")
    }),
    receiver("negative-length", PLAIN, Error(Connect), "content-length -1", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nok")
    }),
    receiver("absurd-length", PLAIN, Error(Connect), "content-length of 30 digits", |peer| {
        peer.request()?;
        peer.say(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\nok", "9".repeat(30)))
    }),
];
