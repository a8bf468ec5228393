//! One receiver in a process of its own: it is set up, called once by the client that the sender has, and what came of
//! it is measured. Memory is this process's, the receiver's own included.

use crate::{
    Result, memory,
    place::Place,
    receivers::{self, Receiver},
};
use bundler::{attempt::Request, limits, ports::Post, settings::SuccessRule};
use outbound::Client;
use std::time::{Duration, Instant};
use tokio::{runtime::Runtime, time::timeout};

/// A request that goes on for so long is given up.
const NEVER: Duration = Duration::from_secs(25);

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// `delivered`, or the class of the error.
    pub(crate) ended: String,
    pub(crate) duration_ms: u64,
    pub(crate) grown_kib: u64,
    /// Connections to where nobody may be sent.
    pub(crate) canary: usize,
    pub(crate) detail: String,
}

/// Calls `ready` when all is set up, then makes the request.
pub(crate) fn run(receiver: &'static Receiver, ready: impl FnOnce()) -> Result<Outcome> {
    let place = Place::new()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = Client::for_receivers_of_a_tool(place.authority.certificate())?;
    // What a client and TLS need once is not growth, and a client that cannot deliver proves nothing.
    for good in receivers::GOOD {
        let outcome = post(&runtime, &client, &place.set_up(good)?.url, &place)?;
        if outcome.ended != good.expected.name() {
            return Err(format!("{} to a good receiver ({}): {}", outcome.ended, good.does, outcome.detail).into());
        }
    }
    let standing = place.set_up(receiver)?;
    ready();
    let mut outcome = post(&runtime, &client, &standing.url, &place)?;
    for _ in 1..receiver.requests {
        outcome = post(&runtime, &client, &standing.url, &place)?.after(&outcome);
    }
    // A name that is still being looked up is not waited for.
    runtime.shutdown_background();
    Ok(outcome)
}

fn post(runtime: &Runtime, client: &Client, url: &str, place: &Place) -> Result<Outcome> {
    // A document as large as they get, in letters that do not compress.
    let body = vec![b'{'; limits::DOCUMENT_BYTES];
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let request = Request { url: url.to_owned(), headers, body };
    memory::forget_peak();
    let (before, began) = (memory::peak_kib()?, Instant::now());
    let exchange = runtime.block_on(async { timeout(NEVER, client.post(&request)).await });
    let duration_ms = u64::try_from(began.elapsed().as_millis())?;
    let grown_kib = memory::peak_kib()?.saturating_sub(before);
    let (ended, detail) = match exchange {
        Err(_) => ("nothing", "it never ended".to_owned()),
        Ok(exchange) => {
            let ended = exchange.error(SuccessRule::Only200).map_or("delivered", |class| class.name());
            let detail = match exchange.result {
                Err(failure) => failure.detail,
                Ok(response) if response.body.len() > limits::RESPONSE_BODY_BYTES => {
                    return Err("more of a body was kept than may be".into());
                }
                Ok(response) => format!("{}, {} bytes kept", response.status, response.body.len()),
            };
            (ended, detail)
        }
    };
    Ok(Outcome { ended: ended.to_owned(), duration_ms, grown_kib, canary: place.canary.connections(), detail })
}

impl Outcome {
    /// The worst of both, and how the later one ended.
    fn after(self, earlier: &Self) -> Self {
        Self {
            duration_ms: self.duration_ms.max(earlier.duration_ms),
            grown_kib: self.grown_kib.max(earlier.grown_kib),
            canary: self.canary + earlier.canary,
            detail: format!("{}; {}", earlier.detail, self.detail),
            ended: self.ended,
        }
    }

    /// As one line, for the process that collects them.
    pub(crate) fn to_line(&self) -> String {
        let Self { ended, duration_ms, grown_kib, canary, detail } = self;
        format!("{ended}\t{duration_ms}\t{grown_kib}\t{canary}\t{detail}")
    }

    pub(crate) fn from_line(line: &str) -> Option<Self> {
        let mut columns = line.splitn(5, '\t');
        let mut next = || columns.next();
        Some(Self {
            ended: next()?.to_owned(),
            duration_ms: next()?.parse().ok()?,
            grown_kib: next()?.parse().ok()?,
            canary: next()?.parse().ok()?,
            detail: next()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_reads_back_as_it_was_written() {
        let (ended, detail) = ("tls".to_owned(), "TLS failed:\tbad".to_owned());
        let outcome = Outcome { ended, duration_ms: 12, grown_kib: 340, canary: 1, detail };
        assert_eq!(Outcome::from_line(&outcome.to_line()), Some(outcome));
        assert_eq!(Outcome::from_line("tls\t12"), None);
    }
}
