//! The core of Bundlehook: every decision, and the use cases that carry them out through ports.
//!
//! It performs no I/O, starts nothing, and reads no clock and no environment; time comes through a port. Adapters for
//! the ports live elsewhere, but for the ones in [`memory`].
//!
//! - what comes in: [`native`] reads an [`event`]; [`api`] is the call around it; its [`file`] is copied
//! - what comes in from WhatsApp itself, or from whom else: [`upstream`] makes events of it
//! - where it goes: [`ingest`] puts it into the [`window`] it belongs to, by the [`schedule`] and [`zone`] of the
//!   webhook's [`settings`]
//! - when it goes out: [`flush`] finds what is due, [`cut`] makes something due at once; [`batch`] and [`deliver`] send it,
//!   by [`order`] of the queue: [`bundle`], [`document`], [`note`], [`signature`]
//! - what an owner is told: [`tell`], [`mail`]; what is heard of a mail later: [`bounce`]
//! - whether it goes out, to a webhook that does not take what it is sent: [`health`]; what the queue gave up on:
//!   [`dead_letter`]
//! - what a person does about a webhook: [`owner`]; what a person wants sent again: [`again`]
//! - what a person wants forgotten: [`erase`]
//! - what was sent, for who asks: [`recent`], and how much of it, by day: [`traffic`]; what is being gathered:
//!   [`gathering`]; what a webhook's receiver says to a test: [`trial`]; who may see and change a workspace's settings:
//!   [`portal`]
//! - what is stored: [`table`]; what is asked of the world: [`ports`]; what bounds all of it: [`limits`]

#![warn(clippy::wildcard_enum_match_arm)]

pub mod again;
pub mod api;
pub mod attempt;
pub mod batch;
pub mod bounce;
pub mod bundle;
pub mod cache;
pub mod cut;
pub mod dead_letter;
pub mod deliver;
pub mod delivery;
pub mod document;
pub mod endpoint;
pub mod erase;
pub mod event;
pub mod file;
pub mod filter;
pub mod flush;
pub mod gathering;
pub mod header;
pub mod health;
mod hold;
pub mod id;
pub mod ingest;
pub mod limits;
pub mod log;
pub mod mail;
pub mod mask;
pub mod memory;
pub mod native;
pub mod note;
pub mod order;
pub mod owner;
pub mod portal;
pub mod ports;
pub mod problem;
pub mod recent;
pub mod retry_after;
pub mod rotation;
pub mod schedule;
pub mod settings;
pub mod signature;
pub mod table;
pub mod tell;
pub mod timestamp;
pub mod traffic;
pub mod trial;
pub mod upstream;
pub mod window;
pub mod zone;

#[cfg(test)]
mod samples;
