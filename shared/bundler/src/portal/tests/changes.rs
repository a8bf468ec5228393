//! Changes that a cookie authorises: from a page of the session, and from nowhere else.

use super::{ORIGIN, Shown, another_root, bits_flipped, content_flipped, root, session};
use crate::portal::{Access, Allowed, Denied, Grant, Session, SessionId, csrf};

#[test]
fn a_change_needs_the_csrf_token_of_its_very_session() {
    let session = session("acme", Grant::Full);
    let own = csrf::token(&root(), &session).reveal().to_owned();
    let later = Session { id: SessionId([9; 16]), ..session.clone() };
    let with = |csrf_token: &str| {
        let shown = Shown { csrf_token: Some(csrf_token.to_owned()), ..Shown::form(&session) };
        shown.ask("acme", Access::Change)
    };
    assert_eq!(with(&own), Ok(Allowed::Session(session.clone())));
    for wrong in [
        "",
        "null",
        csrf::token(&root(), &later).reveal(),
        csrf::token(&another_root(), &session).reveal(),
        session.to_token(&root()).reveal(),
        &own[1..],
        &format!("{own}="),
    ] {
        assert_eq!(with(wrong), Err(Denied::Forged), "{wrong}");
    }
    for changed in bits_flipped(&own).chain(content_flipped(&own)) {
        assert_eq!(with(&changed), Err(Denied::Forged), "{changed}");
    }
}

#[test]
fn a_change_that_another_site_has_the_browser_make_is_refused() {
    let form = Shown::form(&session("acme", Grant::Full));
    let from = |origin, fetch_site| Shown { origin, fetch_site, ..form.clone() };
    for (origin, fetch_site) in
        [(None, None), (Some(ORIGIN), None), (None, Some("same-origin")), (Some(ORIGIN), Some("same-origin"))]
    {
        assert!(from(origin, fetch_site).ask("acme", Access::Change).is_ok(), "{origin:?} {fetch_site:?}");
    }
    for (origin, fetch_site) in [
        (Some("https://evil.example.org"), None),
        (Some("http://settings.example.org"), None),
        (Some("https://settings.example.org:8443"), None),
        (Some("https://settings.example.org.evil.org"), None),
        (Some("null"), None),
        (Some(""), None),
        (None, Some("cross-site")),
        (None, Some("same-site")),
        (None, Some("none")),
        (Some(ORIGIN), Some("cross-site")),
        (Some("https://evil.example.org"), Some("same-origin")),
    ] {
        let from = from(origin, fetch_site);
        assert_eq!(from.ask("acme", Access::Change), Err(Denied::Forged), "{origin:?} {fetch_site:?}");
        assert!(from.ask("acme", Access::Read).is_ok(), "a link from elsewhere shows the page");
    }
}

#[test]
fn a_change_with_the_admin_key_comes_from_no_page() {
    let shown = Shown { origin: Some("https://backend.example.org"), ..Shown::key(&root().admin_key()) };
    for access in super::EVERY_ACCESS {
        assert_eq!(shown.ask("acme", access), Ok(Allowed::Administrator));
    }
}
