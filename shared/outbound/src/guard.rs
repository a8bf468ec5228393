//! Which URLs may be called at all. Says no before anything is resolved or connected.

use bundler::{
    attempt::{ErrorClass, Failure},
    endpoint::{self, Policy, Reach, Scheme},
    limits,
};
use url::{Host, Url};

/// The URL, if the policy permits it.
pub(crate) fn permitted(text: &str, policy: Policy) -> Result<Url, Failure> {
    if text.len() > limits::URL_CHARS {
        return Err(invalid("the URL is too long"));
    }
    let url = Url::parse(text).map_err(|error| invalid(&format!("the URL does not parse: {error}")))?;
    match (url.scheme(), policy.scheme) {
        ("https", Scheme::HttpsOnly | Scheme::HttpToo) | ("http", Scheme::HttpToo) => {}
        (_, Scheme::HttpsOnly) => return Err(invalid("the URL must begin with https://")),
        (_, Scheme::HttpToo) => return Err(invalid("the URL must begin with https:// or http://")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("the URL must not hold a user name or password"));
    }
    // It would go nowhere: whoever wrote one meant another URL.
    if url.fragment().is_some() {
        return Err(invalid("the URL must not hold a fragment (#)"));
    }
    if !url.port_or_known_default().is_some_and(endpoint::is_open_port) {
        return Err(Failure { class: ErrorClass::BlockedAddress, detail: "the port may not be called".to_owned() });
    }
    // reqwest hands the text on to another parser, which must find the same host in it.
    let uri: http::Uri = url.as_str().parse().map_err(|_| invalid("the URL is not a request's URI"))?;
    if uri.host() != url.host_str() {
        return Err(invalid("the URL's host can be read in two ways"));
    }
    match (policy.reach, url.host()) {
        (Reach::Private, Some(_)) => Ok(url),
        (Reach::Public, Some(Host::Domain(name))) if endpoint::is_public_name(name) => Ok(url),
        (Reach::Public, Some(Host::Domain(_))) => Err(blocked("the host is not a public name")),
        // The resolver is never asked for a literal address, so none may pass here.
        (Reach::Public, Some(Host::Ipv4(_) | Host::Ipv6(_))) => Err(blocked("the host must be a name, not an address")),
        (_, None) => Err(invalid("the URL has no host")),
    }
}

fn invalid(detail: &str) -> Failure {
    Failure { class: ErrorClass::InvalidUrl, detail: detail.to_owned() }
}

fn blocked(detail: &str) -> Failure {
    Failure { class: ErrorClass::BlockedAddress, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: Policy = Policy { scheme: Scheme::HttpsOnly, reach: Reach::Public };

    fn class(url: &str) -> Option<ErrorClass> {
        permitted(url, PUBLIC).err().map(|failure| failure.class)
    }

    #[test]
    fn a_public_https_url_is_permitted() {
        for url in ["https://hooks.zapier.com/hooks/catch/1/a/?b=c", "https://EXAMPLE.org:8443", "https://bücher.org/"]
        {
            assert_eq!(class(url), None, "{url}");
        }
    }

    #[test]
    fn what_is_no_https_url_is_invalid() {
        for url in [
            "",
            "hooks.zapier.com",
            "http://hooks.zapier.com",
            "ftp://a.org",
            "https://",
            "https://u:p@a.org",
            "https://u@a.org",
            "https://a.org/hook#part",
            "https://a.org/hook#",
        ] {
            assert_eq!(class(url), Some(ErrorClass::InvalidUrl), "{url}");
        }
        assert_eq!(class(&format!("https://a.org/{}", "a".repeat(2_048))), Some(ErrorClass::InvalidUrl));
    }

    #[test]
    fn addresses_in_every_dress_and_local_names_are_blocked() {
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://017700000001/",
            "https://8.8.8.8/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://①②⑦.0.0.1/",
            "https://localhost/",
            "https://localhost./",
            "https://a.internal/",
            "https://instance-data/",
            "https://hooks.zapier.com:22/",
        ] {
            assert_eq!(class(url), Some(ErrorClass::BlockedAddress), "{url}");
        }
    }

    #[test]
    fn private_receivers_are_for_one_machine() {
        let policy = Policy { scheme: Scheme::HttpToo, reach: Reach::Private };
        assert!(permitted("http://127.0.0.1:8080/hook", policy).is_ok());
        assert!(permitted("http://localhost:8080/hook", policy).is_ok());
    }
}
