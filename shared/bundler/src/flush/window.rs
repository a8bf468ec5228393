//! One window's end: its shards, several at a time, those of them that are too much for one invocation given to others.

use super::{Portion, Sweep, Swept, WebhookKey, claim_ends, sum};
use crate::{
    limits,
    ports::{Answer, Clock, Enqueue, HandOver, SweepTable},
    table::sweep::{Claim, Marks, Position},
    timestamp::Timestamp,
};
use futures_util::stream;
use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// In whose hands the shards are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hands {
    /// The tick's own: what is claimed is left be, and what is too much is handed over.
    Own,
    /// Handed over to this invocation: its marks are what the ticks know it by. Of one webhook it enqueues so many.
    Given { turn: u64 },
}

/// What became of a window's shards.
pub(super) struct Window {
    pub(super) swept: Swept,
    /// So many shards of the window, from the first, are complete.
    pub(super) done: u16,
}

/// What is the same for all shards of a window's end that are swept together.
pub(super) struct Sweeping {
    pub(super) due: Timestamp,
    pub(super) hands: Hands,
    pub(super) deadline: Timestamp,
    webhooks: Mutex<BTreeMap<WebhookKey, Admitted>>,
}

#[derive(Debug, Clone, Copy)]
struct Admitted {
    concurrency: u16,
    /// How many references more the queue gets of this webhook now.
    left: u64,
}

/// A shard, and from where on it is to be swept.
type Start = (u16, Option<String>);

impl<T: SweepTable, Q: Enqueue, C: Clock, H: HandOver> Sweep<'_, T, Q, C, H> {
    /// Sweeps `shards` of one window's end.
    pub(super) async fn sweep_shards(
        &self,
        due: Timestamp,
        shards: Range<u16>,
        hands: Hands,
        deadline: Timestamp,
    ) -> Answer<Window> {
        let mut swept = Swept::NOTHING;
        if self.clock.now() >= deadline {
            swept.complete = false;
            return Ok(Window { swept, done: shards.start });
        }
        let marks = self.table.read_marks(due).await?;
        let (mut complete, starts) = self.starts(&marks, shards.clone(), hands);
        let sweeping = &Sweeping { due, hands, deadline, webhooks: Mutex::default() };
        let sample = starts.len().min(limits::SWEEP_CONCURRENCY);
        let (first, others) = starts.split_at(sample);
        complete.extend(self.sweep_some(sweeping, first.to_vec(), &mut swept).await?);
        let mut others = others.to_vec();
        if hands == Hands::Own && swept.complete {
            self.hand_over(due, &mut others, sample, &mut swept).await?;
        }
        complete.extend(self.sweep_some(sweeping, others, &mut swept).await?);
        complete.sort_unstable();
        let done = complete.iter().zip(shards.clone()).take_while(|(shard, next)| *shard == next).count();
        Ok(Window { swept, done: shards.start + u16::try_from(done).unwrap_or(limits::SHARDS) })
    }

    /// Shards that are complete, and those that are to be swept now.
    fn starts(&self, marks: &Marks, shards: Range<u16>, hands: Hands) -> (Vec<u16>, Vec<Start>) {
        let now = self.clock.now();
        let positions: BTreeMap<u16, &Position> =
            marks.shards.iter().map(|mark| (mark.shard, &mark.position)).collect();
        let is_claimed = |shard: u16| match hands {
            Hands::Own => marks.claims.iter().any(|claim| claim.shards.contains(&shard) && now < claim.until),
            Hands::Given { .. } => false,
        };
        let (mut complete, mut starts) = (Vec::new(), Vec::new());
        for shard in shards {
            match positions.get(&shard) {
                Some(Position::Complete) => complete.push(shard),
                Some(Position::Through(_)) | None if is_claimed(shard) => {}
                Some(Position::Through(sk)) => starts.push((shard, Some(sk.clone()))),
                None => starts.push((shard, None)),
            }
        }
        (complete, starts)
    }

    /// Sweeps shards, several at a time, and returns those that are complete.
    async fn sweep_some(&self, sweeping: &Sweeping, starts: Vec<Start>, swept: &mut Swept) -> Answer<Vec<u16>> {
        let shards = starts.into_iter().map(|(shard, after)| async move {
            let swept = self.sweep_shard(sweeping, shard, after).await?;
            Ok((swept, swept.complete.then_some(shard)))
        });
        let (whole, complete) =
            sum(stream::StreamExt::buffer_unordered(stream::iter(shards), limits::SWEEP_CONCURRENCY)).await;
        swept.add(whole.answer()?);
        Ok(complete.into_iter().flatten().collect())
    }

    /// Gives `shards` to other invocations if the first ones, a sample, held so much that this one would be at it for too
    /// long. What cannot be given stays.
    async fn hand_over(&self, due: Timestamp, shards: &mut Vec<Start>, sample: usize, swept: &mut Swept) -> Answer<()> {
        let (Some((first, _)), Some((last, _))) = (shards.first(), shards.last()) else { return Ok(()) };
        let expected = swept.references * shards.len() as u64 / sample.max(1) as u64;
        if expected <= self.bounds.fan_out {
            return Ok(());
        }
        let claimed = *first..last + 1;
        let until = claim_ends(self.clock.now());
        self.table.put_claim(&Claim { due, shards: claimed.clone(), until }).await?;
        let invocations = expected.div_ceil(self.bounds.fan_out.max(1)).min(limits::FAN_OUT_INVOCATIONS);
        let size = (claimed.len() as u64).div_ceil(invocations);
        let mut start = claimed.start;
        while start < claimed.end {
            let end = claimed.end.min(start.saturating_add(u16::try_from(size).unwrap_or(limits::SHARDS)));
            let portion = Portion { due, shards: start..end };
            if self.others.hand_over(&portion).await.is_ok() {
                shards.retain(|(shard, _)| !portion.shards.contains(shard));
                swept.handed_over += portion.shards.len() as u64;
            } else {
                swept.not_handed_over += portion.shards.len() as u64;
            }
            start = end;
        }
        Ok(())
    }

    /// Whether the queue gets another reference of the webhook now, and then with which concurrency.
    pub(super) async fn admit(&self, sweeping: &Sweeping, webhook: &WebhookKey) -> Answer<Option<u16>> {
        if !sweeping.webhooks().contains_key(webhook) {
            // Read anew for each window's end, after its marks: whoever completed an earlier one may have left a rest,
            // which stands before everything of this one.
            let place = self.place(webhook).await?;
            let turn = match sweeping.hands {
                Hands::Own => self.bounds.turn,
                Hands::Given { turn } => turn,
            };
            let left = if place.waits { 0 } else { turn };
            let read = Admitted { concurrency: place.concurrency, left };
            sweeping.webhooks().entry(webhook.clone()).or_insert(read);
        }
        Ok(sweeping.webhooks().get_mut(webhook).and_then(Admitted::take))
    }
}

impl Sweeping {
    fn webhooks(&self) -> MutexGuard<'_, BTreeMap<WebhookKey, Admitted>> {
        self.webhooks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Admitted {
    fn take(&mut self) -> Option<u16> {
        self.left = self.left.checked_sub(1)?;
        Some(self.concurrency)
    }
}
