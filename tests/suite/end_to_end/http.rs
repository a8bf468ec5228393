//! HTTP/1.1 as far as the tests need it, on both ends: every byte of a message as it is, and nothing added or mended.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A function may take its whole time-out to answer.
const READ_LIMIT: Duration = Duration::from_mins(2);

/// A request or an answer: its first line, the header fields in their order, the body's bytes.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) first_line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// The value of the first header field of this name, which is compared without regard to case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The status of an answer.
    pub(crate) fn status(&self) -> u16 {
        self.word(1).parse().expect("the second word of an answer is its status")
    }

    /// The method of a request.
    pub(crate) fn method(&self) -> &str {
        self.word(0)
    }

    /// The path and query of a request.
    pub(crate) fn target(&self) -> &str {
        self.word(1)
    }

    fn word(&self, index: usize) -> &str {
        self.first_line.split(' ').nth(index).expect("a first line has three words")
    }
}

/// Sends a request on a connection of its own and reads the answer.
pub(crate) fn request(to: SocketAddr, first_words: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Message> {
    let mut stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(READ_LIMIT))?;
    let mut head = format!("{first_words} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.extend([*name, ": ", *value, "\r\n"]);
    }
    write!(stream, "{head}content-length: {}\r\n\r\n", body.len())?;
    stream.write_all(body)?;
    read(&mut BufReader::new(stream))?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// The next message of a connection; none if the other end closed it instead.
pub(crate) fn read(from: &mut impl BufRead) -> io::Result<Option<Message>> {
    let first_line = line(from)?;
    if first_line.is_empty() {
        return Ok(None);
    }
    let mut headers = Vec::new();
    loop {
        let line = line(from)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut message = Message { first_line, headers, body: Vec::new() };
    message.body = body(from, &message)?;
    Ok(Some(message))
}

fn body(from: &mut impl BufRead, head: &Message) -> io::Result<Vec<u8>> {
    if head.header("transfer-encoding").is_some_and(|encoding| encoding.eq_ignore_ascii_case("chunked")) {
        return chunks(from);
    }
    let length = match head.header("content-length") {
        Some(length) => length.parse().map_err(|_| io::ErrorKind::InvalidData)?,
        None => 0,
    };
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok(body)
}

fn chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let length = u64::from_str_radix(&line(from)?, 16).map_err(|_| io::ErrorKind::InvalidData)?;
        from.take(length).read_to_end(&mut body)?;
        line(from)?;
        if length == 0 {
            return Ok(body);
        }
    }
}

/// A line without its end; empty when there is no more.
fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line)
}
