//! A file's end: it is there, or it is known to be gone, and who waited for it is enqueued. Whoever settles it, the copier
//! or the tick, does so once; a crash in between is made good by the next who looks, because the file stays in the index
//! until nobody waits any more.

use super::{File, FileKey, FileState, Waiting};
use crate::{
    delivery::{Cause, DeliveryKey},
    flush, limits,
    ports::{Answer, Enqueue, FileTable, PortError},
};

/// Gives the file this state, unless it has one for good, and enqueues who waits. Returns the state that it has then.
pub async fn settle<T: FileTable, Q: Enqueue>(
    table: &T,
    queue: &Q,
    key: &FileKey,
    state: &FileState,
) -> Answer<Option<FileState>> {
    for _ in 0..limits::HEALTH_TRIES {
        let Some(read) = table.read_file(key).await? else { return Ok(None) };
        let settled = match read.state {
            FileState::Pending(_) => {
                let settled = read.with(state.clone(), read.waiting.clone());
                if !table.put_file(&settled).await? {
                    continue;
                }
                settled
            }
            FileState::Kept { .. } | FileState::Gone(_) => read,
        };
        if !settled.is_open() || release(table, queue, &settled).await? {
            return Ok(Some(settled.state));
        }
    }
    Err(PortError { doing: "settling a file", code: "others were always faster".to_owned() })
}

/// Enqueues who waits for a file that has its state for good, and writes that down, unless somebody has come to wait
/// meanwhile.
async fn release<T: FileTable, Q: Enqueue>(table: &T, queue: &Q, settled: &File) -> Answer<bool> {
    let deliveries: Vec<(DeliveryKey, u16)> =
        settled.waiting.iter().map(|Waiting { delivery, concurrency }| (delivery.clone(), *concurrency)).collect();
    let object = settled.key.object();
    flush::enqueue(queue, &deliveries, &|_| Cause::File { object: object.clone() }).await?;
    table.put_file(&settled.released()).await
}
