//! That a change which a cookie authorises is the page's own, and not another site's that the browser has added the
//! cookie to. A page of ours has the session's CSRF token; and where the browser says which page has asked, that has to
//! be one of ours too.
//!
//! A page must not be sent with `Referrer-Policy: no-referrer`: its forms would say `Origin: null`, and be refused.
//! `same-origin` keeps as much secret.

use super::{
    session::Session,
    site::Site,
    token::{self, Token},
};
use crate::signature::{Purpose, RootSecret};

/// What a request says about where it comes from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Provenance<'a> {
    /// The form's field, or the header `x-csrf-token`.
    pub csrf_token: Option<&'a str>,
    /// The header `Origin`.
    pub origin: Option<&'a str>,
    /// The header `Sec-Fetch-Site`.
    pub fetch_site: Option<&'a str>,
}

/// What every form of a session's pages holds. It lives as long as the session does.
pub fn token(root: &RootSecret, session: &Session) -> Token {
    Token::encode(&root.seal(Purpose::CsrfToken, &session.id.0))
}

/// Whether a change comes from a page of the session.
pub(super) fn is_own(root: &RootSecret, site: &Site, session: &Session, from: Provenance<'_>) -> bool {
    let seal = from.csrf_token.and_then(token::decode);
    seal.is_some_and(|seal| root.is_seal(Purpose::CsrfToken, &session.id.0, &seal))
        && from.origin.is_none_or(|origin| origin == site.origin())
        && from.fetch_site.is_none_or(|site| site == "same-origin")
}
