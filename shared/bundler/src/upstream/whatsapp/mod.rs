//! Meta's WhatsApp Cloud API: its calls, as the reference "Webhooks" of the WhatsApp Business Platform describes them.
//!
//! [`challenge`] and [`is_signed`] say whether Meta calls, [`body`] takes a call apart without building what nobody wants
//! of it, and [`read`] makes events of the messages in it, each by itself: [`words`] are what a person reads of each.

pub mod body;
mod contact;
mod fields;
mod message;
mod verify;
mod words;

pub use body::{Update, updates};
pub use message::read;
pub use verify::{challenge, is_signed};
