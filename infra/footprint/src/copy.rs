//! The largest file that is copied, at both of its ends: the server that a function fetches it from, plain HTTP on a
//! loopback port, and the bucket that it puts it into. Neither holds the file: it is made, and summed up, as it passes.

use crate::Result;
use crate::http::{self, Request};
use crate::inputs;
use bundler::limits::COPIED_FILE_BYTES;
use flate2::Crc;
use std::io::{self, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What the source writes at a time.
const PIECE_BYTES: usize = 65_536;

/// A file's way from its source into the bucket.
pub(crate) struct Passage {
    /// What the table has of it.
    item: String,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    sent: Crc,
    kept: Crc,
    parts: usize,
    has_refused: bool,
    is_complete: bool,
    requests: usize,
    largest_request_bytes: u64,
}

/// What a file's way has shown, once all of the file stands in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copied {
    pub(crate) bytes: u64,
    pub(crate) requests: usize,
    pub(crate) largest_request_bytes: u64,
}

impl Passage {
    /// Serves one file to whoever asks, until the process ends.
    pub(crate) fn open() -> Result<Arc<Self>> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let item = inputs::file_item(listener.local_addr()?)?.to_string();
        let passage = Arc::new(Self { item, seen: Mutex::default() });
        let sender = Arc::clone(&passage);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever stops to listen has not got the file, and that is what is looked at.
                let _ = sender.serve(&stream);
            }
        });
        Ok(passage)
    }

    fn serve(&self, mut stream: &TcpStream) -> io::Result<()> {
        if http::read_request(&mut BufReader::new(stream))?.is_none() {
            return Ok(());
        }
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\nconnection: close";
        write!(stream, "{head}\r\ncontent-length: {COPIED_FILE_BYTES}\r\n\r\n")?;
        self.send(&mut stream)
    }

    fn send(&self, to: &mut impl Write) -> io::Result<()> {
        let mut left = COPIED_FILE_BYTES;
        while left > 0 {
            // No two pieces are the same, so that a sum tells their order.
            let mut piece = left.to_be_bytes().repeat(PIECE_BYTES / size_of::<u64>());
            piece.truncate(usize::try_from(left).unwrap_or(PIECE_BYTES));
            left -= piece.len() as u64;
            self.seen().sent.update(&piece);
            to.write_all(&piece)?;
        }
        Ok(())
    }

    /// What the table and the bucket say to this request; `None` if they are not those who are asked.
    pub(crate) fn answer(&self, operation: &str, request: &Request) -> Option<Vec<u8>> {
        match operation {
            "GetItem" => {
                let headers = [("content-type", "application/x-amz-json-1.0")];
                Some(http::answer(&headers, &self.item))
            }
            // S3 alone is asked by a method and a path.
            "" => self.put(request),
            _ => None,
        }
    }

    fn put(&self, request: &Request) -> Option<Vec<u8>> {
        let query = request.path.split_once('?').map_or("", |(_, query)| query);
        let mut seen = self.seen();
        seen.requests += 1;
        seen.largest_request_bytes = seen.largest_request_bytes.max(request.body.len() as u64);
        match (request.method.as_str(), query.split('=').next().unwrap_or_default()) {
            ("POST", "uploads") => Some(http::answer(&[], "<Upload><UploadId>footprint</UploadId></Upload>")),
            // One part has to come twice, as S3 may ask for: the second time it is the same.
            ("PUT", "partNumber") if !seen.has_refused => {
                seen.has_refused = true;
                Some(http::UNAVAILABLE.to_vec())
            }
            ("PUT", "partNumber") => {
                // Out of its order it is not the file that was sent.
                if query.starts_with(&format!("partNumber={}&", seen.parts + 1)) {
                    seen.parts += 1;
                    seen.kept.update(&request.body);
                }
                Some(http::answer(&[("etag", "\"footprint\"")], ""))
            }
            ("POST", "uploadId") => {
                seen.is_complete = true;
                Some(http::answer(&[], "<Completed/>"))
            }
            // All of it at once: what was held for it shows in the largest request.
            ("PUT", "") => {
                seen.kept.update(&request.body);
                seen.is_complete = true;
                Some(http::answer(&[], ""))
            }
            _ => None,
        }
    }

    /// What there is to say of a whole copy; the error says what there is instead. A run that copied nothing has a small
    /// peak, which would be the peak of nothing.
    pub(crate) fn end(&self) -> Result<Copied> {
        let seen = self.seen();
        let (sent, kept) = (u64::from(seen.sent.amount()), u64::from(seen.kept.amount()));
        if !seen.is_complete || sent != COPIED_FILE_BYTES || kept != sent {
            return Err(format!("no whole copy: {kept} bytes of {COPIED_FILE_BYTES} in the bucket, {sent} sent").into());
        }
        if seen.kept.sum() != seen.sent.sum() {
            return Err("the bucket has other bytes than were sent".into());
        }
        Ok(Copied { bytes: kept, requests: seen.requests, largest_request_bytes: seen.largest_request_bytes })
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, query: &str, body: &[u8]) -> Request {
        let head = format!("{method} /bucket/key{query} HTTP/1.1\r\ncontent-length: {}\r\n\r\n", body.len());
        http::read_request(&mut [head.as_bytes(), body].concat().as_slice()).unwrap().unwrap()
    }

    fn fetch(passage: &Passage) -> Vec<u8> {
        let mut file = Vec::new();
        passage.send(&mut file).unwrap();
        file
    }

    fn upload(passage: &Passage, parts: &[(usize, &[u8])]) {
        let again = parts.iter().take(1);
        for (number, part) in again.chain(parts) {
            passage.answer("", &request("PUT", &format!("?partNumber={number}&uploadId=1"), part)).unwrap();
        }
        passage.answer("", &request("POST", "?uploadId=1", b"")).unwrap();
    }

    #[test]
    fn a_run_that_copies_nothing_has_no_peak() {
        let passage = Passage::open().unwrap();
        assert!(passage.end().is_err());
        upload(&passage, &[]);
        assert!(passage.end().unwrap_err().to_string().contains(" 0 bytes of 104857600"));
    }

    #[test]
    fn only_all_the_bytes_in_their_order_are_a_copy() {
        let file = fetch(&Passage::open().unwrap());
        assert_eq!(file.len() as u64, COPIED_FILE_BYTES);
        let (first, second) = file.split_at(file.len() / 2);
        let whole: [(usize, &[u8]); 2] = [(1, first), (2, second)];
        for (parts, is_copy) in [
            (&whole[..], true),
            (&whole[..1], false),
            (&[(1, second), (2, first)], false),
            (&[(1, first), (3, second)], false),
        ] {
            let passage = Passage::open().unwrap();
            fetch(&passage);
            upload(&passage, parts);
            assert_eq!(passage.end().is_ok(), is_copy, "{:?}", passage.end());
        }
    }

    #[test]
    fn a_file_that_comes_at_once_shows_in_the_largest_request() {
        let passage = Passage::open().unwrap();
        let file = fetch(&passage);
        passage.answer("", &request("PUT", "", &file)).unwrap();
        let copied = passage.end().unwrap();
        assert_eq!((copied.requests, copied.largest_request_bytes), (1, COPIED_FILE_BYTES));
    }
}
