//! One end of a connection, as a receiver has it: plain, or under TLS. It reads what it is asked to read and says what
//! it is told to say, at the pace it is told; nothing here is polite by itself.

use rustls::{ServerConnection, StreamOwned};
use socket2::SockRef;
use std::{
    io::{self, Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

/// Between two bytes of a drip: fifteen seconds of it are 75 bytes.
const DRIP: Duration = Duration::from_millis(200);
/// Between two pieces of a flood. A piece is some KiB, so a client that kept them would grow by megabytes a second,
/// and the machine has time for the other receivers.
const FLOOD: Duration = Duration::from_millis(5);

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

pub(crate) struct Peer {
    stream: Stream,
    /// How many connections the receiver had before this one.
    pub(crate) earlier: usize,
    /// Where nobody may be sent.
    pub(crate) canary_port: u16,
}

impl Peer {
    pub(crate) fn new(socket: TcpStream, tls: Option<ServerConnection>, earlier: usize, canary_port: u16) -> Self {
        let stream = match tls {
            None => Stream::Plain(socket),
            Some(tls) => Stream::Tls(Box::new(StreamOwned::new(tls, socket))),
        };
        Self { stream, earlier, canary_port }
    }

    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.write_all(bytes.as_ref())?;
        self.flush()
    }

    pub(crate) fn drip(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        for byte in bytes.as_ref() {
            self.say([*byte])?;
            thread::sleep(DRIP);
        }
        Ok(())
    }

    /// As fast as the client takes it, until it goes.
    pub(crate) fn forever(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        loop {
            self.say(&bytes)?;
        }
    }

    /// Steadily, until the client goes. What the client says meanwhile is read, so that it is never held up.
    pub(crate) fn flood(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.socket().set_read_timeout(Some(FLOOD))?;
        loop {
            self.say(&bytes)?;
            match self.read(&mut [0; 16 * 1_024]) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Says nothing more and keeps the connection until the client goes.
    pub(crate) fn hold(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink()).map(|_| ())
    }

    /// Lets what was said arrive, then ends the connection by a reset instead of a goodbye.
    pub(crate) fn reset(&mut self) -> io::Result<()> {
        thread::sleep(DRIP);
        SockRef::from(self.socket()).set_linger(Some(Duration::ZERO))
    }

    /// Ends TLS as it should be ended; without this it is cut off.
    pub(crate) fn goodbye(&mut self) -> io::Result<()> {
        if let Stream::Tls(stream) = &mut self.stream {
            stream.conn.send_close_notify();
        }
        self.flush()
    }

    /// Reads an HTTP/1.1 request to its end.
    pub(crate) fn request(&mut self) -> io::Result<()> {
        let head = self.until(b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
        let body = io::copy(&mut self.take(length.unwrap_or(0)), &mut io::sink())?;
        if Some(body) == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn until(&mut self, end: &[u8]) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        while !read.ends_with(end) {
            let mut byte = [0];
            self.read_exact(&mut byte)?;
            read.extend(byte);
        }
        Ok(read)
    }

    pub(crate) fn socket(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(socket) => socket,
            Stream::Tls(stream) => &stream.sock,
        }
    }
}

impl Read for Peer {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(socket) => socket.read(into),
            Stream::Tls(stream) => stream.read(into),
        }
    }
}

impl Write for Peer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(socket) => socket.write(bytes),
            Stream::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(socket) => socket.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}
