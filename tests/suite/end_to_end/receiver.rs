//! A real HTTP server that stands for a customer's: it keeps each request as it came and answers what it was told to.

use super::http::{self, Message};
use std::collections::VecDeque;
use std::io::{BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, SystemTime};

/// A request that came, from which end of a connection, and when its last byte was read.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) at: SystemTime,
    pub(crate) from: SocketAddr,
    pub(crate) request: Message,
}

/// A server on a free port of the loopback interface. It takes no more connections once it is dropped.
pub(crate) struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    came: Condvar,
    released: Condvar,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    answers: VecDeque<u16>,
    /// To what comes after them; 200, as long as nothing else is said.
    otherwise: Option<u16>,
    held: bool,
    stopped: bool,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback interface has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared::default());
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

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers the next requests with these statuses, one each.
    pub(crate) fn answer_next(&self, statuses: impl IntoIterator<Item = u16>) {
        self.shared.lock().answers.extend(statuses);
    }

    /// Answers everything from now on with this status.
    pub(crate) fn answer_all(&self, status: u16) {
        self.shared.lock().otherwise = Some(status);
    }

    /// Answers nobody until it is released.
    pub(crate) fn hold(&self) {
        self.shared.lock().held = true;
    }

    pub(crate) fn release(&self) {
        self.shared.lock().held = false;
        self.shared.released.notify_all();
    }

    /// What has come, in the order of the last bytes.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.lock().received.clone()
    }

    /// Waits until what has come is enough; false if it is not in time.
    pub(crate) fn wait_until(&self, within: Duration, enough: impl Fn(&[Received]) -> bool) -> bool {
        let waiting = |state: &mut State| !enough(&state.received);
        let state = self.shared.lock();
        let (_state, end) = self.shared.came.wait_timeout_while(state, within, waiting).expect(Shared::UNBROKEN);
        !end.timed_out()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        // Wakes the thread that accepts; an error says that it has gone already.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    const UNBROKEN: &str = "no thread panics while it holds the receiver's state";

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(Self::UNBROKEN)
    }

    /// Serves a connection until the client closes it or breaks it off.
    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("a socket can be read and written"));
        let from = stream.peer_addr().expect("a connection has another end");
        while let Ok(Some(request)) = http::read(&mut reader) {
            let status = self.keep(Received { at: SystemTime::now(), from, request });
            if write!(stream, "HTTP/1.1 {status} Scripted\r\ncontent-length: 0\r\n\r\n").is_err() {
                return;
            }
        }
    }

    fn keep(&self, received: Received) -> u16 {
        let mut state = self.lock();
        state.received.push(received);
        self.came.notify_all();
        let mut state = self.released.wait_while(state, |state| state.held).expect(Self::UNBROKEN);
        let State { answers, otherwise, .. } = &mut *state;
        answers.pop_front().or(*otherwise).unwrap_or(200)
    }
}
