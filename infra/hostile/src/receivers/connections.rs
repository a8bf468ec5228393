//! Receivers that go wrong before anything is said, or are never met.

use super::{
    Expected::{Delivered, Error},
    HTTP_1, Receiver, Stage, TO_CONNECT, good, receiver,
};
use crate::peer::Peer;
use bundler::attempt::ErrorClass::{BlockedAddress, Connect, Dns, InvalidUrl, Timeout};
use std::io::Read;

pub(super) const RECEIVERS: &[Receiver] = &[
    receiver(
        "user-info",
        Stage::Url("https://user:word@example.org/"),
        Error(InvalidUrl),
        "URL with a password",
        |_| Ok(()),
    ),
    receiver("mail-port", Stage::Url("http://127.0.0.1:25/"), Error(BlockedAddress), "URL with the mail port", |_| {
        Ok(())
    }),
    receiver("no-name", Stage::Url("http://nobody.invalid/"), Error(Dns), "a name that nobody has", |_| Ok(())),
    receiver("nobody", Stage::Nobody, Error(Connect), "nobody listens", |_| Ok(())),
    receiver("full-queue", Stage::FullQueue, Error(Timeout), "takes no more connections", |_| Ok(()))
        .within(TO_CONNECT),
    receiver("silence", Stage::Plain, Error(Timeout), "takes the request, says nothing", Peer::hold),
    receiver("deaf", Stage::Plain, Error(Timeout), "never reads", |_| {
        std::thread::sleep(std::time::Duration::from_secs(60));
        Ok(())
    }),
    receiver("close", Stage::Plain, Error(Connect), "closes after the request", Peer::request),
    receiver("dies", HTTP_1, Delivered, "third request: a connection died", |peer| {
        good(peer)?;
        if peer.earlier > 0 {
            good(peer)?;
        }
        peer.hold()
    })
    .called(3),
    receiver("reset-at-once", Stage::Plain, Error(Connect), "resets when connected", Peer::reset),
    receiver("reset-in-request", HTTP_1, Error(Connect), "resets within the request", |peer| {
        peer.read_exact(&mut [0; 100])?;
        peer.reset()
    }),
    receiver("reset-after-request", HTTP_1, Error(Connect), "resets after the request", |peer| {
        peer.request()?;
        peer.reset()
    }),
];
