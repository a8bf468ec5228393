//! Receivers that speak HTTP/2, and what only it has: frames that are not answers, streams that are cut, and headers
//! that grow when they are unpacked. Frames are written by hand (RFC 9113, RFC 7541).

use super::{
    Expected::{Delivered, Error},
    HTTP_2, Receiver, receiver,
};
use crate::peer::Peer;
use bundler::attempt::ErrorClass::{Body, Connect, Redirect, Timeout};
use std::io::{self, Read};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

pub(super) const RECEIVERS: &[Receiver] = &[
    receiver("h2-silence", HTTP_2, Error(Timeout), "HTTP/2: says nothing", Peer::hold),
    receiver("h2-no-window", HTTP_2, Error(Timeout), "HTTP/2: takes no body", |peer| {
        peer.say(frame(SETTINGS, 0, 0, []))?;
        peer.hold()
    }),
    receiver("h2-settings", HTTP_2, Error(Timeout), "HTTP/2: SETTINGS without end", |peer| {
        request(peer)?;
        peer.flood(frame(SETTINGS, 0, 0, [0, 3, 0, 0, 0, 100]).repeat(200))
    }),
    receiver("h2-pings", HTTP_2, Error(Timeout), "HTTP/2: PINGs without end", |peer| {
        request(peer)?;
        peer.flood(frame(PING, 0, 0, *b"and pong").repeat(200))
    }),
    receiver("h2-deaf-pings", HTTP_2, Error(Timeout), "HTTP/2: PINGs, never reads", |peer| {
        request(peer)?;
        peer.forever(frame(PING, 0, 0, *b"and pong").repeat(200))
    }),
    receiver("h2-103", HTTP_2, Error(Timeout), "HTTP/2: 103 without end", |peer| {
        request(peer)?;
        // `:status` by its name's index, then 103.
        peer.flood(frame(HEADERS, END_HEADERS, 1, *b"\x08\x03103").repeat(200))
    }),
    receiver("h2-drip", HTTP_2, Error(Timeout), "HTTP/2: body, 5 bytes a second", |peer| {
        answer(peer)?;
        peer.drip(frame(DATA, 0, 1, *b"a").repeat(1_000))
    }),
    receiver("h2-empty-data", HTTP_2, Error(Body), "HTTP/2: empty DATA without end", |peer| {
        answer(peer)?;
        peer.flood(frame(DATA, 0, 1, []).repeat(200))
    }),
    receiver("h2-endless-data", HTTP_2, Delivered, "HTTP/2: a body without end", |peer| {
        answer(peer)?;
        peer.flood(frame(DATA, 0, 1, [b'a'; 8_192]))
    }),
    receiver("h2-gush", HTTP_2, Delivered, "HTTP/2: data beyond every window", |peer| {
        answer(peer)?;
        peer.forever(frame(DATA, 0, 1, [b'a'; 16_384]))
    }),
    receiver("h2-dies", HTTP_2, Delivered, "HTTP/2: third request: a connection died", |peer| {
        answer(peer)?;
        peer.say(frame(DATA, END_STREAM, 1, *b"ok"))?;
        peer.hold()
    })
    .called(3),
    receiver("h2-continuation", HTTP_2, Error(Connect), "HTTP/2: CONTINUATION without end", |peer| {
        request(peer)?;
        peer.say(frame(HEADERS, 0, 1, [0x88]))?;
        peer.forever(frame(CONTINUATION, 0, 1, field(&"a".repeat(4_000))))
    }),
    receiver("h2-empty-continuation", HTTP_2, Error(Connect), "HTTP/2: empty CONTINUATION, endless", |peer| {
        request(peer)?;
        peer.say(frame(HEADERS, 0, 1, [0x88]))?;
        peer.forever(frame(CONTINUATION, 0, 1, []).repeat(1_000))
    }),
    receiver("h2-packed-headers", HTTP_2, Error(Connect), "HTTP/2: 40 MB of headers in 14 KB", |peer| {
        request(peer)?;
        // One field goes into the table of both sides, and is named ten thousand times by its place there.
        let named = [[0x88, 0x40].as_slice(), &field(&"a".repeat(3_900))[1..], &[0xbe; 10_000]].concat();
        peer.say(frame(HEADERS, END_HEADERS, 1, named))?;
        peer.hold()
    }),
    receiver("h2-rst", HTTP_2, Error(Connect), "HTTP/2: RST_STREAM, try again", |peer| {
        request(peer)?;
        peer.say(frame(RST_STREAM, 0, 1, [0, 0, 0, 7]))?;
        peer.hold()
    }),
    receiver("h2-rst-in-body", HTTP_2, Error(Body), "HTTP/2: RST_STREAM in the body", |peer| {
        answer(peer)?;
        peer.say(frame(DATA, 0, 1, *b"half"))?;
        peer.say(frame(RST_STREAM, 0, 1, [0, 0, 0, 2]))?;
        peer.hold()
    }),
    receiver("h2-goaway", HTTP_2, Error(Connect), "HTTP/2: GOAWAY, nothing done", |peer| {
        request(peer)?;
        peer.say(frame(GOAWAY, 0, 0, [0; 8]))?;
        peer.hold()
    }),
    receiver("h2-push", HTTP_2, Error(Connect), "HTTP/2: PUSH_PROMISE", |peer| {
        request(peer)?;
        peer.say(frame(PUSH_PROMISE, END_HEADERS, 1, [0, 0, 0, 2, 0x82, 0x87, 0x84, 0x41, 1, b'a']))?;
        peer.hold()
    }),
    receiver("h2-large-frame", HTTP_2, Error(Connect), "HTTP/2: a frame of 16 MiB", |peer| {
        request(peer)?;
        peer.say([0xff, 0xff, 0xff, DATA, 0, 0, 0, 0, 1])?;
        peer.forever([0; 16_384])
    }),
    receiver("h2-other-stream", HTTP_2, Error(Connect), "HTTP/2: data nobody asked for", |peer| {
        request(peer)?;
        peer.forever(frame(DATA, 0, 3, [b'a'; 8_192]))
    }),
    receiver("h2-http-1", HTTP_2, Error(Connect), "HTTP/2 agreed, HTTP/1.1 spoken", |peer| {
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
        peer.hold()
    }),
    receiver("h2-short-body", HTTP_2, Error(Body), "HTTP/2: shorter than its length", |peer| {
        request(peer)?;
        // `content-length` by its name's index, literal, then 9.
        peer.say(frame(HEADERS, END_HEADERS, 1, [0x88, 0x0f, 0x0d, 1, b'9']))?;
        peer.say(frame(DATA, END_STREAM, 1, *b"half"))?;
        peer.hold()
    }),
    receiver("h2-close-in-body", HTTP_2, Error(Body), "HTTP/2: closes within the body", |peer| {
        answer(peer)?;
        peer.say(frame(DATA, 0, 1, *b"half"))
    }),
    receiver("h2-redirect", HTTP_2, Error(Redirect), "HTTP/2: 307 to loopback", |peer| {
        request(peer)?;
        let there = format!("http://127.0.0.1:{}/", peer.canary_port);
        let length = u8::try_from(there.len()).unwrap_or(0);
        // `:status` 307, then `location` by its name's index, literal.
        let head = [b"\x08\x03307\x0f\x1f".as_slice(), &[length], there.as_bytes()].concat();
        peer.say(frame(HEADERS, END_HEADERS | END_STREAM, 1, head))?;
        peer.hold()
    }),
];

fn frame(kind: u8, flags: u8, stream: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// A header field as it is: `x: value`, of 127 bytes and more, not to be remembered.
fn field(value: &str) -> Vec<u8> {
    let mut field = vec![0, 1, b'x', 0x7f];
    let mut rest = value.len() - 127;
    while rest >= 128 {
        field.push(u8::try_from(rest % 128).unwrap_or(0) | 128);
        rest /= 128;
    }
    field.push(u8::try_from(rest).unwrap_or(0));
    [&field, value.as_bytes()].concat()
}

/// Opens the connection with room for any request, and reads one to its end.
fn request(peer: &mut Peer) -> io::Result<()> {
    peer.say(frame(SETTINGS, 0, 0, [0, 4, 0, 0x10, 0, 0]))?;
    peer.say(frame(WINDOW_UPDATE, 0, 0, [0, 0x10, 0, 0]))?;
    peer.read_exact(&mut [0; 24])?;
    loop {
        let mut head = [0; 9];
        peer.read_exact(&mut head)?;
        let length = u64::from(u32::from_be_bytes([0, head[0], head[1], head[2]]));
        io::copy(&mut peer.take(length), &mut io::sink())?;
        match head {
            [_, _, _, SETTINGS, 0, ..] => peer.say(frame(SETTINGS, 1, 0, []))?,
            [_, _, _, HEADERS | DATA, flags, ..] if flags & END_STREAM != 0 => return Ok(()),
            _ => {}
        }
    }
}

/// The same, and says 200.
fn answer(peer: &mut Peer) -> io::Result<()> {
    request(peer)?;
    peer.say(frame(HEADERS, END_HEADERS, 1, [0x88]))
}

/// The same, to the end.
pub(super) fn good(peer: &mut Peer) -> io::Result<()> {
    answer(peer)?;
    peer.say(frame(DATA, END_STREAM, 1, *b"ok"))?;
    peer.hold()
}
