//! A server in this process that answers as a test says, byte for byte: where files are fetched from, and what stands for
//! a CRM. It keeps what it was asked.

use crate::end_to_end::http::{self, Message};
use std::io::{BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// It takes no more connections once it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

type Answer = dyn Fn(&Message) -> Vec<u8> + Send + Sync;

struct Shared {
    answer: Box<Answer>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    asked: Vec<Message>,
    stopped: bool,
}

impl Server {
    /// `answer` makes the bytes of an answer of each request.
    pub(super) fn start(answer: impl Fn(&Message) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback interface has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared { answer: Box::new(answer), state: Mutex::default() });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.lock().stopped {
                    return;
                }
                let shared = Arc::clone(&accepting);
                thread::spawn(move || shared.serve(stream.expect("a connection is accepted")));
            }
        });
        Self { address, shared }
    }

    /// Answers each request for `/name` with the file of that name, and every other with 404.
    pub(super) fn of_files(files: &[(&'static str, &'static [u8])]) -> Self {
        let files = files.to_vec();
        Self::start(move |request| {
            let file = files.iter().find(|(name, _)| request.target().strip_prefix('/') == Some(name));
            file.map_or_else(|| answer(404, b""), |(_, content)| answer(200, content))
        })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What was asked for, in the order that it came.
    pub(super) fn asked(&self) -> Vec<Message> {
        self.shared.lock().asked.clone()
    }

    /// The paths of that.
    pub(super) fn targets(&self) -> Vec<String> {
        self.asked().iter().map(|request| request.target().to_owned()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        // Wakes the thread that accepts; an error says that it has gone already.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One request to a connection. Whoever has gone meanwhile gets no answer.
    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("a socket can be read and written"));
        if let Ok(Some(request)) = http::read(&mut reader) {
            self.lock().asked.push(request.clone());
            let _ = stream.write_all(&(self.answer)(&request));
        }
    }
}

/// The bytes of an answer.
pub(super) fn answer(status: u16, body: &[u8]) -> Vec<u8> {
    answer_that_says(status, body.len(), body)
}

/// One that says that it is so long, which it need not be.
pub(super) fn answer_that_says(status: u16, length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}
