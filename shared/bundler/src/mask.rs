//! What of a request and its answer the log does not keep: credentials. In the record stands that there was one.
//!
//! It changes records alone, never what is sent. A signature is kept: it says nothing of the secret that it was made with.

use crate::attempt::{HEADERS, Response};

/// What stands in the place of a value.
pub const MASK: &str = "***";

/// Fields of an answer that carry what its sender keeps a session or a client by.
const CREDENTIALS: [&str; 9] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "set-cookie2",
    "x-api-key",
    "x-auth-token",
    "x-csrf-token",
    "x-xsrf-token",
];

/// The headers of a request, without the values of the owner's own: each may be a key.
pub fn sent(headers: Vec<(String, String)>) -> Vec<(String, String)> {
    masked(headers, |name| !HEADERS.contains(&name))
}

/// An answer, without the credentials that it hands out.
#[must_use]
pub fn received(response: Response) -> Response {
    Response { headers: masked(response.headers, |name| CREDENTIALS.contains(&name)), ..response }
}

fn masked(headers: Vec<(String, String)>, is_secret: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let mask = |(name, value): (String, String)| {
        let value = if is_secret(&name.to_ascii_lowercase()) { MASK.to_owned() } else { value };
        (name, value)
    };
    headers.into_iter().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempt::Body;

    fn headers(names: &[&str]) -> Vec<(String, String)> {
        names.iter().map(|name| ((*name).to_owned(), "value".to_owned())).collect()
    }

    #[test]
    fn of_a_request_our_own_headers_are_kept_and_no_other_value() {
        assert_eq!(sent(headers(&HEADERS)), headers(&HEADERS));
        for (name, value) in sent(headers(&["authorization", "x-anything", "Webhook-Signature-Of-Mine"])) {
            assert_eq!(value, MASK, "{name}");
        }
    }

    #[test]
    fn of_an_answer_everything_is_kept_but_credentials_however_they_are_written() {
        let kept = ["content-type", "server", "www-authenticate", "retry-after", "x-request-id"];
        let secret = ["Set-Cookie", "set-cookie", "AUTHORIZATION", "x-api-key", "Proxy-Authorization", "cookie"];
        let response = Response {
            status: 200,
            headers: headers(&[&kept[..], &secret].concat()),
            body: Body::of(b"body"),
            body_is_cut: true,
        };
        let masked = received(response.clone());
        assert_eq!((masked.status, &masked.body, masked.body_is_cut), (200, &response.body, true));
        let (clear, hidden) = masked.headers.split_at(kept.len());
        assert_eq!(clear, headers(&kept));
        let expected = secret.map(|name| (name.to_owned(), MASK.to_owned()));
        assert_eq!(hidden, expected);
    }
}
