//! The cookie that a browser keeps a session in.
//!
//! `HttpOnly`: no script reads it. `SameSite=Lax`, and not `Strict`: whoever comes from a link in an e-mail or from the
//! platform's own page would otherwise stand before a closed door with a living session. Lax lets it through on top-level
//! GETs alone, which change nothing; what changes something has its CSRF token and its origin checked besides. Over
//! https it is `Secure`, and its name begins with `__Host-`, so that no other host of the domain can plant it (RFC 6265bis
//! section 4.1.3.2). On this machine, over http, it is neither, because not every browser keeps it then.

use super::{
    site::{Site, Transport},
    token::Token,
};
use crate::timestamp::Timestamp;

/// What the `Cookie` headers of a request hold of ours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept<'a> {
    Nothing,
    One(&'a str),
    /// Different values under our name: somebody has planted one, and nobody can say which.
    Several,
}

/// The `Set-Cookie` header that has a browser keep a session until its end.
pub fn set(site: &Site, session: &Token, ends: Timestamp, now: Timestamp) -> String {
    cookie(site, session.reveal(), ends.since(now).as_secs())
}

/// The `Set-Cookie` header that has a browser forget its session.
pub fn clear(site: &Site) -> String {
    cookie(site, "", 0)
}

fn cookie(site: &Site, value: &str, max_age_seconds: u64) -> String {
    let secure = match site.transport() {
        Transport::Https => "; Secure",
        Transport::ThisMachine => "",
    };
    format!("{}={value}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax{secure}", name(site))
}

fn name(site: &Site) -> &'static str {
    match site.transport() {
        Transport::Https => "__Host-bundlehook",
        Transport::ThisMachine => "bundlehook",
    }
}

/// Reads the `Cookie` headers of a request. What is malformed, and what is not ours, is passed over; the same value
/// twice is one.
pub(super) fn read<'a>(site: &Site, headers: &[&'a str]) -> Kept<'a> {
    let pairs = headers.iter().flat_map(|header| header.split(';')).filter_map(|pair| pair.split_once('='));
    let ours = pairs.filter(|(key, _)| key.trim() == name(site)).map(|(_, value)| unquoted(value.trim()));
    ours.filter(|value| !value.is_empty()).fold(Kept::Nothing, |kept, value| match kept {
        Kept::Nothing => Kept::One(value),
        Kept::One(before) if before == value => kept,
        Kept::One(_) | Kept::Several => Kept::Several,
    })
}

/// A cookie's value may stand in quotation marks (RFC 6265 section 4.1.1).
fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn sites() -> [Site; 2] {
        ["https://example.org", "http://localhost:8080"].map(|origin| Site::parse(origin).expect(origin))
    }

    #[test]
    fn a_cookie_is_kept_from_scripts_and_other_sites_and_over_https_from_other_hosts() {
        let now = Timestamp::parse("2021-02-24T16:00:00.5Z").expect("a moment");
        let ends = now.plus(Duration::from_secs(90));
        let token = Token::encode(b"token");
        let [https, local] = sites();
        assert_eq!(
            [set(&https, &token, ends, now), clear(&https), set(&local, &token, ends, now), clear(&local)],
            [
                "__Host-bundlehook=dG9rZW4; Path=/; Max-Age=90; HttpOnly; SameSite=Lax; Secure",
                "__Host-bundlehook=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
                "bundlehook=dG9rZW4; Path=/; Max-Age=90; HttpOnly; SameSite=Lax",
                "bundlehook=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
            ]
        );
    }

    #[test]
    fn our_cookie_is_found_among_others_malformed_ones_and_in_several_headers() {
        let [https, local] = sites();
        let check = |site: &Site, headers: &[&str], expected: Kept<'_>| {
            assert!(read(site, headers) == expected, "{headers:?}");
        };
        for one in [
            &["__Host-bundlehook=a"][..],
            &["theme=dark; __Host-bundlehook=a; x=y"],
            &["theme=dark", "x; =;;  ; __Host-bundlehook=a ;"],
            &["__Host-bundlehook=\"a\""],
            &["__Host-bundlehook=a; __Host-bundlehook=a", "__Host-bundlehook=a"],
            &["__Host-bundlehook=; __Host-bundlehook=a; bundlehook=b; __Secure-bundlehook=c; __host-bundlehook=d"],
        ] {
            check(&https, one, Kept::One("a"));
        }
        for none in [&[][..], &[""], &["__Host-bundlehook"], &["__Host-bundlehook="], &["bundlehook=a"]] {
            check(&https, none, Kept::Nothing);
        }
        for several in
            [&["__Host-bundlehook=a; __Host-bundlehook=b"][..], &["__Host-bundlehook=a", "__Host-bundlehook=b"]]
        {
            check(&https, several, Kept::Several);
        }
        check(&local, &["__Host-bundlehook=a; bundlehook=b=="], Kept::One("b=="));
    }
}
