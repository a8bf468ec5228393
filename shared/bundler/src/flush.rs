//! The sweep: finds the buckets whose windows have ended and puts references to them on the delivery queue.
//!
//! It goes from the low-water mark to the last window's end that may be read, one end after the other, so that a
//! shard's later window waits for its earlier one. A mark moves only after the queue has taken everything before it:
//! a crash repeats references, which the queue or the delivery's record recognises, and loses none.

use crate::{
    cache::SettingsCache,
    delivery::{DeliveryKey, Lane, Subject},
    ingest, limits,
    ports::{Answer, Clock, Enqueue, PortError, QueueEntry, SweepTable},
    table::{
        bucket::BucketContent,
        sweep::{Mark, Position},
    },
    timestamp::Timestamp,
    window::{self, AggregationUnit},
};
use futures_util::{StreamExt, stream};

/// What a tick did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Windows' ends that are complete now.
    pub windows: u64,
    /// Bundles that were enqueued.
    pub bundles: u64,
    /// Items that are none of ours, passed over: somebody has to look at them.
    pub unreadable: u64,
    /// Whether everything that is due has been enqueued.
    pub complete: bool,
}

/// What sweeping needs.
pub struct Sweep<'a, T, Q, C> {
    pub table: &'a T,
    pub queue: &'a Q,
    pub clock: &'a C,
    pub cache: &'a SettingsCache,
    pub unit: AggregationUnit,
}

impl<T: SweepTable, Q: Enqueue, C: Clock> Sweep<'_, T, Q, C> {
    /// One tick: sweeps what is due until it is done or `deadline` is near.
    pub async fn tick(&self, deadline: Timestamp) -> Answer<Swept> {
        let now = self.clock.now();
        let last = window::last_due(self.unit, now);
        let first_look = now.minus(self.unit.due_step() * 4 * limits::FIRST_TICK_UNITS);
        let mut done = match self.table.read_low_water().await? {
            Some(mark) => mark,
            None => window::last_due(self.unit, first_look),
        };
        let mut raised = done;
        let mut swept = Swept { complete: true, ..Swept::default() };
        while done < last && swept.complete {
            let due = done.plus(self.unit.due_step());
            let window =
                if self.clock.now() < deadline { self.sweep_window(due, deadline).await? } else { Swept::default() };
            swept.add(window);
            if !window.complete {
                break;
            }
            done = due;
            swept.windows += 1;
            // After each window in which something was found, so that a crash repeats little.
            if window.bundles > 0 {
                self.table.raise_low_water(done).await?;
                raised = done;
            }
        }
        if done > raised {
            self.table.raise_low_water(done).await?;
        }
        Ok(swept)
    }

    /// All shards of one window's end, several at a time.
    async fn sweep_window(&self, due: Timestamp, deadline: Timestamp) -> Answer<Swept> {
        let mut positions: Vec<Option<Position>> = vec![None; usize::from(limits::SHARDS)];
        for mark in self.table.read_marks(due).await? {
            if let Some(position) = positions.get_mut(usize::from(mark.shard)) {
                *position = Some(mark.position);
            }
        }
        let shards = (0..limits::SHARDS).zip(positions).map(|(shard, position)| async move {
            if self.clock.now() >= deadline {
                return Ok(Swept::default());
            }
            match position {
                Some(Position::Complete) => Ok(Swept { complete: true, ..Swept::default() }),
                Some(Position::Through(sk)) => self.sweep_shard(due, shard, Some(sk), deadline).await,
                None => self.sweep_shard(due, shard, None, deadline).await,
            }
        });
        let mut whole = Swept { complete: true, ..Swept::default() };
        let mut trouble: Option<PortError> = None;
        let mut running = stream::iter(shards).buffer_unordered(limits::SWEEP_CONCURRENCY);
        // Every shard is brought to its end, also after one of them has failed: no request is left under way.
        while let Some(answer) = running.next().await {
            match answer {
                Ok(swept) => whole.add(swept),
                Err(error) => trouble = Some(error),
            }
        }
        trouble.map_or(Ok(whole), Err)
    }

    /// One shard of one window's end, page by page. A lane's messages are contiguous: where the lane changes, it is whole.
    async fn sweep_shard(
        &self,
        due: Timestamp,
        shard: u16,
        mut after: Option<String>,
        deadline: Timestamp,
    ) -> Answer<Swept> {
        let mut swept = Swept::default();
        let mut last_lane: Option<Lane> = None;
        loop {
            let page = self.table.read_due(due, shard, after.as_deref()).await?;
            swept.unreadable += page.unreadable;
            let mut lanes = Vec::new();
            for row in page.rows {
                match row.content {
                    // What a pointer points to is gathered elsewhere.
                    BucketContent::Pointer { .. } => {}
                    BucketContent::Message { .. } => {
                        if last_lane.as_ref() != Some(&row.slot.lane) {
                            last_lane = Some(row.slot.lane.clone());
                            lanes.push(row.slot.lane);
                        }
                    }
                }
            }
            let entries = self.entries(due, &lanes).await?;
            for batch in entries.chunks(limits::QUEUE_BATCH) {
                self.queue.enqueue(batch).await?.into_iter().collect::<Answer<Vec<()>>>()?;
            }
            swept.bundles += entries.len() as u64;
            after = page.after;
            let position = match &after {
                Some(sk) => Position::Through(sk.clone()),
                None => Position::Complete,
            };
            swept.complete = after.is_none();
            let stop = swept.complete || self.clock.now() >= deadline;
            // A shard in which nothing was found has no mark: reading it again costs less than writing one.
            if stop && swept.bundles > 0 {
                self.table.put_mark(&Mark { due, shard, position }).await?;
            }
            if stop {
                return Ok(swept);
            }
        }
    }

    async fn entries(&self, due: Timestamp, lanes: &[Lane]) -> Answer<Vec<QueueEntry>> {
        let mut entries = Vec::with_capacity(lanes.len());
        for lane in lanes {
            // A webhook that is gone keeps its bundles: the sender says what becomes of them.
            let settings = self.cache.read(self.table, self.clock.now(), &lane.workspace, &lane.webhook).await?;
            let concurrency = settings.map_or(limits::CONCURRENCY, |settings| settings.concurrency);
            let key = DeliveryKey { lane: lane.clone(), subject: Subject::Bundle { due } };
            entries.push(ingest::entry(&key, concurrency));
        }
        Ok(entries)
    }
}

impl Swept {
    fn add(&mut self, part: Self) {
        self.bundles += part.bundles;
        self.unreadable += part.unreadable;
        self.complete &= part.complete;
    }
}
