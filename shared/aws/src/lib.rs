//! The adapters: the core's ports on AWS, one request for one method, and what a function's `main` is made of.
//! No decision is taken here: conditions are those that the ports state.

mod amazon;
pub mod batch;
#[cfg(feature = "mail")]
pub mod bounce;
pub mod connection;
#[cfg(feature = "copies")]
pub mod copies;
pub mod edge;
#[cfg(any(feature = "operation", feature = "table"))]
mod failure;
#[cfg(feature = "s3")]
pub mod files;
pub mod function_url;
#[cfg(feature = "invoke")]
pub mod invoke;
#[cfg(feature = "s3")]
pub mod links;
#[cfg(feature = "mail")]
pub mod mail;
#[cfg(feature = "operation")]
mod operation;
pub mod over_hyper;
#[cfg(feature = "queue")]
pub mod queue;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "secret")]
pub mod secret;
#[cfg(test)]
mod service;
#[cfg(feature = "signed")]
mod signed;
#[cfg(feature = "table")]
pub mod table;
mod tls;

/// What all clients share.
pub use aws_types::SdkConfig as Config;
