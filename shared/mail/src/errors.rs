//! A receiver's error in one plain sentence, for an owner who has never heard of a status code.

use bundler::{attempt::ErrorClass, limits};
use http::StatusCode;

/// What went wrong.
pub(crate) fn sentence(class: ErrorClass, status: Option<u16>) -> String {
    let timeout = limits::REQUEST.as_secs();
    match (class, status) {
        (ErrorClass::Status, Some(status)) => format!("It answered with status {}.", named(status)),
        (ErrorClass::Status, None) => "It answered with a status other than 200 OK.".to_owned(),
        (ErrorClass::Redirect, Some(status)) => {
            format!("It answered with a redirect ({}), and redirects are not followed.", named(status))
        }
        (ErrorClass::Redirect, None) => "It answered with a redirect, and redirects are not followed.".to_owned(),
        (ErrorClass::InvalidUrl, _) => "Its URL is not one that can be called.".to_owned(),
        (ErrorClass::BlockedAddress, _) => "Its host is not at a public address, and no other is called.".to_owned(),
        (ErrorClass::Dns, _) => "Its host name was not found.".to_owned(),
        (ErrorClass::Connect, _) => "It refused the connection, or broke it off.".to_owned(),
        (ErrorClass::Tls, _) => {
            "No secure connection could be made. Its certificate may have expired, or be for another host.".to_owned()
        }
        (ErrorClass::Timeout, _) => format!("It did not answer within {timeout} seconds."),
        (ErrorClass::Body, _) => "Its answer broke off before the end.".to_owned(),
    }
}

/// `500 Internal Server Error`; the number alone if nobody has named it.
fn named(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|known| known.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_told_with_the_name_that_it_has() {
        assert_eq!(sentence(ErrorClass::Status, Some(500)), "It answered with status 500 Internal Server Error.");
        assert_eq!(sentence(ErrorClass::Status, Some(799)), "It answered with status 799.");
        assert_eq!(sentence(ErrorClass::Status, Some(65_535)), "It answered with status 65535.");
        assert!(sentence(ErrorClass::Redirect, Some(301)).contains("(301 Moved Permanently)"));
    }

    #[test]
    fn every_error_is_a_sentence_of_its_own_and_none_is_the_name_of_a_class() {
        let classes = [
            ErrorClass::InvalidUrl,
            ErrorClass::BlockedAddress,
            ErrorClass::Dns,
            ErrorClass::Connect,
            ErrorClass::Tls,
            ErrorClass::Timeout,
            ErrorClass::Redirect,
            ErrorClass::Status,
            ErrorClass::Body,
        ];
        let sentences: std::collections::BTreeSet<_> = classes.map(|class| sentence(class, None)).into();
        assert_eq!(sentences.len(), classes.len());
        for sentence in sentences {
            assert!(sentence.starts_with("It") || sentence.starts_with("No "), "{sentence}");
            assert!(sentence.ends_with('.') && !sentence.contains(['_', '!']), "{sentence}");
        }
    }
}
