//! Adapters for the ports that keep everything in memory, with the same conditions as the AWS ones: for tests, for the
//! simulation, and for one machine. What they keep can be written to a journal, so that it outlives the process. They
//! count what their requests would be billed as.

mod bill;
mod consumed;
mod erase;
mod files;
mod health;
mod mailbox;
mod portal;
mod queue;
mod store;
mod sweep;
mod table;
#[cfg(test)]
mod tests;
mod upstream;
mod watch;

pub use consumed::{Consistency, Consumed, Cost};
pub use files::MemoryFiles;
pub use mailbox::{MailService, MemoryMailbox};
pub use queue::{MemoryQueue, Received};
pub use store::{Change, Journal, Store};
pub use table::MemoryTable;
