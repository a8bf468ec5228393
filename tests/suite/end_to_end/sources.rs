//! Where upstreams have files: a server that stands for a platform's, and for Meta's Graph API. What it serves is made of
//! what it is asked for, so that whoever downloads a copy knows what it must be.

use super::http::{self, Message};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::io::{BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::LazyLock;
use std::thread;

/// The token that the Graph API is asked with.
pub(crate) const TOKEN: &str = "EAAG-of-the-tests";
/// A media id that the Graph API knows nothing of any more.
pub(crate) const GONE: &str = "9000";

static ADDRESS: LazyLock<SocketAddr> = LazyLock::new(start);

/// Where it is, as a stack's parameter names it.
pub(crate) fn origin() -> String {
    format!("http://localhost:{}", ADDRESS.port())
}

/// A file of so many bytes, for whoever asks.
pub(crate) fn plain(number: usize, size: u64) -> String {
    format!("{}/plain/{number}/{size}", origin())
}

/// What a file holds.
pub(crate) fn content(number: usize, size: u64) -> Vec<u8> {
    (0..size).map(|place| u8::try_from((place * 31 + number as u64) % 251).expect("less than 256")).collect()
}

/// Of a media id, that is a number: the file's size, which follows from it.
pub(crate) fn media(id: usize) -> Vec<u8> {
    content(id, id as u64 * 1_000)
}

fn start() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback interface has a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    address
}

/// Serves a connection until the client closes it or breaks it off.
fn serve(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket can be read and written"));
    while let Ok(Some(request)) = http::read(&mut reader) {
        let (status, mimetype, body) = answer(&request);
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status} Scripted\r\ncontent-type: {mimetype}\r\ncontent-length: {length}\r\n\r\n");
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).is_err() {
            return;
        }
    }
}

fn answer(request: &Message) -> (u16, &'static str, Vec<u8>) {
    let parts: Vec<&str> = request.target().split('/').skip(1).collect();
    let is_known = request.header("authorization") == Some(&format!("Bearer {TOKEN}"));
    match parts[..] {
        ["plain", number, size] => {
            let (number, size) = (number.parse().expect("a number"), size.parse().expect("a size"));
            (200, "application/octet-stream", content(number, size))
        }
        ["media", id] if is_known => (200, "image/jpeg", media(id.parse().expect("an id"))),
        ["media", _] => (401, "application/json", Vec::new()),
        [version, _] if version.starts_with('v') && !is_known => (401, "application/json", Vec::new()),
        [version, GONE] if version.starts_with('v') => (400, "application/json", b"{}".to_vec()),
        [version, id] if version.starts_with('v') => {
            let content = media(id.parse().expect("an id"));
            let mut hex = String::new();
            bundler::id::push_hex(&mut hex, "", &Sha256::digest(&content));
            let said = json!({
                "messaging_product": "whatsapp", "url": format!("{}/media/{id}", origin()), "mime_type": "image/jpeg",
                "sha256": hex, "file_size": content.len().to_string(), "id": id,
            });
            (200, "application/json", said.to_string().into_bytes())
        }
        _ => (404, "text/plain", Vec::new()),
    }
}
