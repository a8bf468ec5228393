//! Files that should be there by now: whatever has become of those who copy, nothing waits for them any longer.

use super::{Sweep, Swept, sum};
use crate::{
    file::{FileKey, FileState, Trouble, settle},
    limits,
    ports::{Answer, Clock, Enqueue, HandOver, SweepTable},
    timestamp::Timestamp,
};
use futures_util::{StreamExt, stream};

impl<T: SweepTable, Q: Enqueue, C: Clock, H: HandOver> Sweep<'_, T, Q, C, H> {
    /// Gives up those that are still to be copied, and enqueues who waits.
    pub(super) async fn give_up_files(&self, keys: Vec<FileKey>, deadline: Timestamp) -> Answer<(Swept, ())> {
        let files = keys.into_iter().map(|key| async move {
            if self.clock.now() >= deadline {
                return Ok((Swept { complete: false, ..Swept::NOTHING }, ()));
            }
            // What the index says may be out of date.
            let Some(file) = self.table.read_file(&key).await? else { return Ok((Swept::NOTHING, ())) };
            if !file.is_open() || file.overdue() > self.clock.now() {
                return Ok((Swept::NOTHING, ()));
            }
            let references = file.waiting.len() as u64;
            settle(self.table, self.queue, &key, &FileState::Gone(Trouble::Ours)).await?;
            let files_given_up = u64::from(file.is_pending());
            Ok((Swept { references, files_given_up, ..Swept::NOTHING }, ()))
        });
        let (whole, _) = sum(stream::iter(files).buffer_unordered(limits::SWEEP_CONCURRENCY)).await;
        whole.answer().map(|swept| (swept, ()))
    }
}
