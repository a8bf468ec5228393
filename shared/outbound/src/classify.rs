//! What kind of error a request ended with, in a word and in a sentence. The sentence never holds the URL.

use bundler::{
    attempt::{ErrorClass, Failure},
    limits,
};
use std::{error::Error, fmt, io};
use tokio::time::error::Elapsed;

/// The resolver's refusal, on its way through the client's errors.
#[derive(Debug)]
pub(crate) struct Blocked;

impl fmt::Display for Blocked {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("blocked address")
    }
}

impl Error for Blocked {}

impl Blocked {
    pub(crate) fn failure() -> Failure {
        let detail = "the host's name leads to an address that is not public".to_owned();
        Failure { class: ErrorClass::BlockedAddress, detail }
    }
}

/// A request that has had all of its time.
pub(crate) fn too_slow() -> Failure {
    Failure { class: ErrorClass::Timeout, detail: format!("no whole answer within {} s", limits::REQUEST.as_secs()) }
}

pub(crate) fn failure(error: &reqwest::Error) -> Failure {
    let causes = || causes(error);
    if causes().any(<dyn Error + 'static>::is::<Blocked>) {
        return Blocked::failure();
    }
    let (class, detail) = if error.is_dns() && causes().any(<dyn Error + 'static>::is::<Elapsed>) {
        (ErrorClass::Dns, format!("the host's name did not resolve within {} s", limits::RESOLVE.as_secs()))
    } else if error.is_dns() {
        (ErrorClass::Dns, "the host's name does not resolve".to_owned())
    } else if let Some(tls) = causes().find_map(tls_error) {
        (ErrorClass::Tls, format!("TLS failed: {tls}"))
    } else if error.is_timeout() && error.is_connect() {
        (ErrorClass::Timeout, format!("no connection within {} s", limits::CONNECT.as_secs()))
    } else if error.is_timeout() {
        return too_slow();
    } else if error.is_connect() {
        (ErrorClass::Connect, "the connection could not be made".to_owned())
    } else if error.is_builder() {
        (ErrorClass::InvalidUrl, "the request could not be built".to_owned())
    } else {
        (ErrorClass::Connect, "the connection ended before there was an answer that can be read".to_owned())
    };
    Failure { class, detail }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

/// A TLS error reaches us within I/O errors, one in the other, which name only what is behind it as their source.
fn tls_error<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    cause.downcast_ref::<rustls::Error>().or_else(|| tls_error(cause.downcast_ref::<io::Error>()?.get_ref()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tls_error_is_found_however_deep_it_is_wrapped() {
        let wrapped = |error: rustls::Error| io::Error::other(io::Error::new(io::ErrorKind::InvalidData, error));
        assert_eq!(tls_error(&wrapped(rustls::Error::DecryptError)), Some(&rustls::Error::DecryptError));
        assert_eq!(tls_error(&io::Error::other("a reset")), None);
        assert_eq!(tls_error(&io::Error::from(io::ErrorKind::ConnectionReset)), None);
    }
}
