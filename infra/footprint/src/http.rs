//! As much of HTTP/1.1 as the fakes need: requests with a stated length are read, answers are written in one piece.
//! A chunked request is an error here; nothing that is measured sends one.

use bundler::limits::COPIED_FILE_BYTES;
use std::fmt::Write as _;
use std::io::{BufRead, Error, ErrorKind, Read, Result};

/// The most that a request may carry: the largest file and as much again, so that whoever sends it at once is seen to.
const BODY_BYTES_MAX: u64 = 2 * COPIED_FILE_BYTES;

pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    headers: Vec<(String, String)>,
}

impl Request {
    /// The value of a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads one whole request; `None` when the other side has closed the connection between two.
pub(crate) fn read_request(stream: &mut impl BufRead) -> Result<Option<Request>> {
    let Some(start) = read_line(stream)? else { return Ok(None) };
    let mut words = start.split(' ').map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Err(invalid("request line")) };
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream)?.ok_or(ErrorKind::UnexpectedEof)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| invalid("header"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { method, path, headers, body: Vec::new() };
    if request.header("transfer-encoding").is_some() {
        return Err(invalid("transfer-encoding"));
    }
    let length = request.header("content-length").unwrap_or("0").parse().map_err(|_| invalid("content-length"))?;
    if length as u64 > BODY_BYTES_MAX {
        return Err(invalid("content-length"));
    }
    request.body = vec![0; length];
    stream.read_exact(&mut request.body)?;
    Ok(Some(request))
}

/// An answer as the bytes of one write: a head and a body that come apart would wake their reader once or twice, by
/// chance, and the counts would differ.
pub(crate) fn answer(headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = String::from("HTTP/1.1 200 OK\r\n");
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    let _ = write!(text, "content-length: {}\r\n\r\n{body}", body.len());
    text.into_bytes()
}

/// What says that another try may help.
pub(crate) const UNAVAILABLE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";

/// A line without its end; `None` at the end of the stream.
fn read_line(stream: &mut impl BufRead) -> Result<Option<String>> {
    let mut line = String::new();
    let read = stream.take(BODY_BYTES_MAX).read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim_end().to_owned()))
}

fn invalid(part: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("reading a request: its {part} is not as expected"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_its_body_and_the_next_one_is_left() {
        let mut wire =
            &b"POST /a HTTP/1.1\r\nX-Amz-Target: S.Op\r\nContent-Length: 2\r\n\r\n{}GET /b HTTP/1.1\r\n\r\n"[..];
        let first = read_request(&mut wire).unwrap().unwrap();
        assert_eq!((first.method.as_str(), first.path.as_str(), first.body.as_slice()), ("POST", "/a", &b"{}"[..]));
        assert_eq!(first.header("x-amz-target"), Some("S.Op"));
        assert_eq!(read_request(&mut wire).unwrap().unwrap().path, "/b");
        assert!(read_request(&mut wire).unwrap().is_none());
    }

    #[test]
    fn a_chunked_or_cut_off_request_is_an_error() {
        for wire in
            ["POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\n{}"]
        {
            assert!(read_request(&mut wire.as_bytes()).is_err());
        }
    }
}
