//! The table: its kinds of items, encoded and decoded here and nowhere else.
//!
//! | row | partition key | sort key |
//! |---|---|---|
//! | [`settings`] | `hook#<workspace>#<webhook>` | `settings`, `health` |
//! | [`bucket`]: message, pointer | `due#<window end>#<shard>` | `<workspace>#<webhook>#<chat>#<timestamp>#<message>` |
//! | [`lane`]: message that is not aggregated | `lane#<workspace>#<webhook>#<chat>` | `m#<timestamp>#<message>` |
//! | [`lane`]: delivery | `lane#<workspace>#<webhook>#<chat>` | `b#<window end>#` |
//! | [`attempt`] | `log#<workspace>#<webhook>` | `<time>#<attempt>` |
//! | [`sweep`]: mark, low-water mark | `sweep#<window end>`, `sweep` | `<shard>`, `low-water` |
//!
//! Every part that comes from outside is a [`KeyPart`](crate::id::KeyPart) or a checked id, so none holds a `#`.

pub mod attempt;
pub mod bucket;
pub mod item;
pub mod lane;
pub mod settings;
pub mod stored;
pub mod sweep;

pub use item::{Item, ItemError, ItemKey, Value};

#[cfg(test)]
mod tests;
