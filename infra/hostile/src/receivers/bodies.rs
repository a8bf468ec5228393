//! Receivers whose answer goes wrong in its body: too slow, too long, too short, or not what its length says.

use super::{
    Expected::{Delivered, Error},
    HTTP_1, Receiver, Stage, receiver,
};
use bundler::attempt::ErrorClass::{Body, Timeout};

const PLAIN: Stage = Stage::Plain;
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

pub(super) const RECEIVERS: &[Receiver] = &[
    receiver("drip-body", PLAIN, Error(Timeout), "body, 5 bytes a second", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")?;
        peer.drip("a".repeat(1_000))
    }),
    receiver("drip-chunks", HTTP_1, Error(Timeout), "chunks, 5 bytes a second", |peer| {
        peer.request()?;
        peer.say(CHUNKED)?;
        peer.drip("1\r\na\r\n".repeat(1_000))
    }),
    receiver("hold-body", PLAIN, Error(Timeout), "half a body, then silence", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf")?;
        peer.hold()
    }),
    receiver("endless-body", PLAIN, Delivered, "a body without end", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\n\r\n")?;
        peer.forever("a".repeat(65_536))
    }),
    receiver("endless-chunks", HTTP_1, Delivered, "chunks without end", |peer| {
        peer.request()?;
        peer.say(CHUNKED)?;
        peer.forever(format!("4000\r\n{}\r\n", "a".repeat(16_384)))
    }),
    receiver("largest-length", PLAIN, Delivered, "a body of 2^63 bytes", |peer| {
        peer.request()?;
        peer.say(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", i64::MAX))?;
        peer.forever("a".repeat(65_536))
    }),
    receiver("gzip-bomb", HTTP_1, Delivered, "zeros, compressed", |peer| {
        peer.request()?;
        peer.say(format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", 1 << 20))?;
        peer.say([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])?;
        // A compressed block of zeros: 258 of them in each byte and a half.
        peer.forever([0x63, 0x60, 0x18, 0x05, 0xa3, 0x60, 0x14, 0x0c].repeat(2_048))
    }),
    receiver("chunk-of-2^64", PLAIN, Error(Body), "a chunk larger than can be counted", |peer| {
        peer.request()?;
        peer.say(format!("{CHUNKED}fffffffffffffffff\r\na\r\n"))?;
        peer.hold()
    }),
    receiver("chunk-of-words", PLAIN, Error(Body), "a chunk of size `zzz`", |peer| {
        peer.request()?;
        peer.say(format!("{CHUNKED}zzz\r\na\r\n0\r\n\r\n"))
    }),
    receiver("chunk-extension", HTTP_1, Error(Body), "a chunk's extension without end", |peer| {
        peer.request()?;
        peer.say(format!("{CHUNKED}1;"))?;
        peer.forever("a".repeat(16_384))
    }),
    receiver("endless-trailers", PLAIN, Error(Body), "trailers without end", |peer| {
        peer.request()?;
        peer.say(format!("{CHUNKED}1\r\na\r\n0\r\n"))?;
        peer.forever("x-more: of the same\r\n".repeat(700))
    }),
    receiver("too-short", PLAIN, Error(Body), "closes before the body's length", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf")
    }),
    receiver("no-last-chunk", HTTP_1, Error(Body), "closes before the last chunk", |peer| {
        peer.request()?;
        peer.say(format!("{CHUNKED}1\r\na\r\n"))?;
        peer.goodbye()
    }),
    receiver("cut-off", HTTP_1, Error(Body), "cut off without TLS's goodbye", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\n\r\nperhaps not all")
    }),
    receiver("reset-in-body", HTTP_1, Error(Body), "resets within the body", |peer| {
        peer.request()?;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf")?;
        peer.reset()
    }),
    receiver("too-long", PLAIN, Delivered, "more than the body's length", |peer| {
        peer.request()?;
        peer.say(format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok{}", "more".repeat(10_000)))
    }),
    receiver("not-utf-8", PLAIN, Delivered, "a body that is not UTF-8", |peer| {
        peer.request()?;
        peer.say(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 5\r\n\r\n\xff\xfe\0\x80\xc0")
    }),
];
