//! Where the settings page is: what the browser calls its origin, and what follows from it for cookies.

use std::net::Ipv4Addr;

/// An origin that the page may have: https anywhere, http on this machine alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    origin: String,
    transport: Transport,
}

/// How the page is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Https,
    /// Plain http on this machine: there a browser keeps no cookie that is `Secure` everywhere.
    ThisMachine,
}

impl Site {
    /// `https://` and a host, or `http://` and one of this machine's names; either with a port or without. It is
    /// written as browsers write origins: in lower case, without the port that is the scheme's own.
    pub fn parse(origin: &str) -> Result<Self, String> {
        let origin = origin.to_ascii_lowercase();
        let (scheme, authority) = origin.split_once("://").ok_or("must be a scheme and a host")?;
        let (transport, own_port) = match scheme {
            "https" => (Transport::Https, 443),
            "http" => (Transport::ThisMachine, 80),
            _ => return Err("must be https".to_owned()),
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| "has no port that is a number")?)),
            None => (authority, None),
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        if host.is_empty() || !host.bytes().all(plain) {
            return Err("must name a host and nothing behind it".to_owned());
        }
        if transport == Transport::ThisMachine && !is_this_machine(host) {
            return Err("must be https, except on this machine".to_owned());
        }
        let port = port.filter(|port| *port != own_port).map(|port| format!(":{port}"));
        Ok(Self { origin: format!("{scheme}://{host}{}", port.unwrap_or_default()), transport })
    }

    /// As a browser's `Origin` header says it.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn transport(&self) -> Transport {
        self.transport
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (text, origin, transport) in [
            ("https://Abc.lambda-url.eu-west-1.on.aws", "https://abc.lambda-url.eu-west-1.on.aws", Transport::Https),
            ("https://example.org:443", "https://example.org", Transport::Https),
            ("https://example.org:8443", "https://example.org:8443", Transport::Https),
            ("http://localhost:8080", "http://localhost:8080", Transport::ThisMachine),
            ("http://127.0.0.1:80", "http://127.0.0.1", Transport::ThisMachine),
        ] {
            let site = Site::parse(text).expect(text);
            assert_eq!((site.origin(), site.transport()), (origin, transport));
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_alone_and_an_origin_is_nothing_but_one() {
        for bad in [
            "",
            "null",
            "https://",
            "https://:443",
            "http://example.org",
            "http://localhost.example.org",
            "http://10.0.0.1",
            "https://example.org/",
            "https://user@example.org",
            "https://example.org:port",
            "https://example.org:70000",
            "ftp://example.org",
            "https://exämple.org",
        ] {
            assert!(Site::parse(bad).is_err(), "{bad}");
        }
    }
}
