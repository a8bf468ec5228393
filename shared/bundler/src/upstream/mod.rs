//! Upstreams that are not the platform's own back end: whose calls look as they like. Each has an adapter, which is one
//! pure function from a call to events, and the check of who calls. It asks nothing of the world and stores nothing.
//!
//! - the adapters: [`whatsapp`], which is Meta's own, and [`twilio`]
//! - what they share: [`event`] makes events of what a message says, [`form`] reads forms and queries
//! - [`settings`] is what a workspace says of its numbers, [`credentials`] what the deployment and its upstreams know each
//!   other by

pub mod credentials;
pub mod event;
pub mod form;
mod media;
mod phrases;
pub mod settings;
pub mod template;
pub mod twilio;
pub mod whatsapp;

pub use credentials::Credentials;
pub use event::{Person, Reader, Refused, Room, Said};
pub use settings::{Upstream, UpstreamAccount};
pub use template::{Filling, UrlTemplate};
