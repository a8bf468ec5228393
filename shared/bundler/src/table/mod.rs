//! The table: its kinds of items, encoded and decoded here and nowhere else.
//!
//! | row | partition key | sort key |
//! |---|---|---|
//! | [`settings`], [`turn`] | `hook#<workspace>#<webhook>` | `settings`, `health`, `turn` |
//! | [`bucket`]: message, pointer | `due#<window end>#<shard>` | `<workspace>#<webhook>#<chat>#<timestamp>#<message>` |
//! | [`cut`] | the same | `<workspace>#<webhook>#<chat>#!` |
//! | [`lane`]: message that is not aggregated | `lane#<workspace>#<webhook>#<chat>` | `m#<timestamp>#<message>` |
//! | [`lane`]: delivery | `lane#<workspace>#<webhook>#<chat>` | `b#<window end>#<cut>` |
//! | [`file`] | `file#<workspace>#<chat>` | `<timestamp>#<message>` |
//! | [`upstream`] | `upstream#<workspace>` | `settings` |
//! | [`upstream`]: when a message first came | `seen#<workspace>` | `<message>` |
//! | [`attempt`] | `log#<workspace>#<webhook>` | `<time>#<document>-<number>` |
//! | [`attempt`]: receipt | the same | `<when it fell due>#<document>` |
//! | [`traffic`]: what was counted of a day | `traffic#<workspace>#<webhook>` | `<its beginning>#<its end>` |
//! | [`action`] | `act#<workspace>#<webhook>` | `<time>#<what>` |
//! | [`sweep`]: mark, claim | `sweep#<window end>` | `<shard>`, `claim#<shards>` |
//! | [`sweep`]: low-water mark | `sweep` | `low-water` |
//! | [`turn`]: rest, references that are out | `rest#<workspace>#<webhook>` | `due#<window end>#<shard>`, `out` |
//! | [`portal`]: link that was used | `link#<nonce>` | `used` |
//! | [`portal`]: failed tries | `tries#<hash of the source's address>` | `<when their window began>` |
//!
//! In the sparse index (`due_pk`, `due_sk`): held deliveries ([`lane`]), and what has a time of its own ([`at`]).
//!
//! Every part that comes from outside is a [`KeyPart`](crate::id::KeyPart) or a checked id, so none holds a `#`.

pub mod action;
pub mod at;
pub mod attempt;
pub mod bucket;
pub mod cut;
pub mod file;
pub mod item;
pub mod lane;
mod packed;
pub mod portal;
pub mod settings;
pub mod stored;
pub mod sweep;
pub mod traffic;
pub mod turn;
pub mod upstream;

pub use item::{Item, ItemError, ItemKey, Value};

#[cfg(test)]
pub(crate) mod tests;
