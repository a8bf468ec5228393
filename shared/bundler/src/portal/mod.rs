//! Who may see and change a workspace's settings: the admin key, and sessions that portal links open.
//!
//! Who runs the deployment makes a [`link`] with the admin key and hands it to a workspace's owner. It opens that
//! workspace's page once, as a [`session`] that the browser keeps in a [`cookie`]. What a session changes needs the
//! session's [`csrf`] token too. [`authorise`] is the one decision for every route, and [`tries`] bounds guessing.
//!
//! Nothing here reads a clock or makes a random byte, and nothing stored is a credential: a token is a statement that
//! the root secret's own key has signed. So no session is taken back before its end, which is within 12 hours, but by
//! another root secret.

pub mod authorise;
pub mod cookie;
pub mod csrf;
pub mod link;
pub mod session;
pub mod site;
pub mod token;
pub mod tries;

pub use authorise::{Access, Allowed, Credentials, Denied, Wanted, authorise};
pub use link::{Link, Opening, look, open};
pub use session::{Grant, Lifetime, Session};
pub use site::Site;
pub use token::{Nonce, SessionId, Token};
pub use tries::Source;

#[cfg(test)]
mod tests;
