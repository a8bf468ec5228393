//! Cuts whose grace is over: what they have taken goes out while the rest of its window gathers on.

use super::{Sweep, Swept, sum};
use crate::{
    delivery::{DeliveryKey, Lane, Subject},
    limits,
    ports::{Answer, Clock, Enqueue, HandOver, SweepTable},
    table::{cut::Cuts, sweep::LowWater},
    timestamp::Timestamp,
    window as windows,
};
use futures_util::{StreamExt, stream};

impl<T: SweepTable, Q: Enqueue, C: Clock, H: HandOver> Sweep<'_, T, Q, C, H> {
    /// Enqueues cuts, several buckets at a time.
    pub(super) async fn release_cuts(
        &self,
        buckets: Vec<(Timestamp, Lane)>,
        low_water: LowWater,
        deadline: Timestamp,
    ) -> Answer<(Swept, ())> {
        let buckets = buckets.into_iter().map(|(due, lane)| async move {
            if self.clock.now() >= deadline {
                return Ok((Swept { complete: false, ..Swept::NOTHING }, ()));
            }
            let references = self.release(due, lane, low_water).await?;
            Ok((Swept { references, ..Swept::NOTHING }, ()))
        });
        let (whole, _) = sum(stream::iter(buckets).buffer_unordered(limits::SWEEP_CONCURRENCY)).await;
        whole.answer().map(|swept| (swept, ()))
    }

    /// Enqueues those of a bucket's cuts whose time has come, and returns how many they are.
    async fn release(&self, due: Timestamp, lane: Lane, low_water: LowWater) -> Answer<u64> {
        // What the index says may be out of date.
        let Some(cuts) = self.table.read_cuts(due, &lane).await? else { return Ok(0) };
        let now = self.clock.now();
        let may_go = |cut: &&Timestamp| cut.plus(limits::GRACE) <= now && self.is_swept(&lane, **cut, low_water);
        let ready: Vec<Timestamp> = cuts.waiting().iter().take_while(may_go).copied().collect();
        if ready.is_empty() {
            return Ok(0);
        }
        let place = self.place(&(lane.workspace.clone(), lane.webhook.clone())).await?;
        if place.waits {
            // What waits its turn may be of this lane, and older. When the turn comes to the end, or the window, this goes.
            return Ok(0);
        }
        let key = |cut| DeliveryKey { lane: lane.clone(), subject: Subject::Bundle { due, cut: Some(cut) } };
        let deliveries: Vec<_> = ready.iter().map(|cut| (key(*cut), place.concurrency)).collect();
        self.enqueue(&deliveries).await?;
        let moved = Cuts { enqueued: cuts.enqueued + ready.len(), ..cuts.clone() };
        // Where another cut came in between, the next tick enqueues these again, and goes on.
        self.table.put_cuts(&moved, Some(&cuts)).await?;
        Ok(ready.len() as u64)
    }

    /// Whether every window of the lane that ended before the cut is on its way: what is older goes first.
    fn is_swept(&self, lane: &Lane, cut: Timestamp, low_water: LowWater) -> bool {
        let last_end = windows::last_end(self.unit, cut);
        let next = LowWater { due: last_end.minus(self.unit.due_step()), shards: lane.shard() };
        low_water > next
    }
}
