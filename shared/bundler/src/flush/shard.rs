//! One shard of one window's end, page by page.

use super::{
    Sweep, Swept, WebhookKey,
    lanes::Walk,
    window::{Hands, Sweeping},
};
use crate::{
    delivery::{Cause, DeliveryKey},
    limits,
    ports::{Answer, Clock, Enqueue, HandOver, SweepTable},
    table::{
        bucket::{self, DueRow},
        sweep::{Mark, Position},
        turn::Rest,
    },
};

/// What a page's rows come to.
#[derive(Default)]
struct Sorted {
    deliveries: Vec<(DeliveryKey, u16)>,
    rests: Vec<Rest>,
    /// Time ran out among the rows: the lanes from this sort key on are for a later tick.
    stopped: Option<String>,
}

impl<T: SweepTable, Q: Enqueue, C: Clock, H: HandOver> Sweep<'_, T, Q, C, H> {
    /// Sweeps a shard from behind `after` on, until it is complete or time runs out.
    pub(super) async fn sweep_shard(&self, sweeping: &Sweeping, shard: u16, after: Option<String>) -> Answer<Swept> {
        let due = sweeping.due;
        let (mut swept, mut walk) = (Swept::NOTHING, Walk::of(due));
        let (mut after, mut waiting, mut deliveries) = (after, None, Vec::new());
        if self.clock.now() >= sweeping.deadline {
            return Ok(Swept { complete: false, ..swept });
        }
        loop {
            let page = self.table.read_due(due, shard, after.as_deref(), walk.page_rows()).await?;
            let sorted = self.sort(sweeping, shard, &page.rows, &mut walk, &mut waiting).await?;
            swept.references += sorted.deliveries.len() as u64;
            deliveries.extend(sorted.deliveries);
            // The queue is paid for by tens: fewer wait for those of the next page.
            if deliveries.len() >= limits::QUEUE_BATCH || !sorted.rests.is_empty() {
                self.enqueue(&std::mem::take(&mut deliveries), &Cause::Due).await?;
            }
            // First the rest, then the turn that tells of it, then the mark: whatever dies in between, it is found.
            for rest in &sorted.rests {
                self.table.put_rest(rest).await?;
                let look = sweeping.look(&(rest.workspace.clone(), rest.webhook.clone()), self.clock.now());
                self.table.raise_turn(&rest.workspace, &rest.webhook, look).await?;
            }
            swept.rests += sorted.rests.len() as u64;
            swept.unreadable += page.unreadable;
            // A webhook whose rest waits is passed over whole, and so is a lane of which everything is named.
            let passed_over =
                page.rows.last().and_then(|row| waiting.as_ref().filter(|waiting| **waiting == webhook(row)));
            after = sorted.stopped.or(page.after.map(|after| match passed_over {
                Some((workspace, webhook)) => bucket::behind(&bucket::webhook_prefix(workspace, webhook)),
                // What does not read may stand behind the lane.
                None => walk.pass_over().map_or(after.clone(), |behind| behind.max(after)),
            }));
            let has_time = self.clock.now() < sweeping.deadline;
            if after.is_some() && has_time {
                continue;
            }
            self.enqueue(&deliveries, &Cause::Due).await?;
            swept.complete = after.is_none();
            let is_told = match sweeping.hands {
                // A shard in which nothing was found has no mark: reading it again costs less than writing one.
                Hands::Own => swept.references + swept.rests > 0,
                Hands::Given { .. } => true,
            };
            if is_told {
                let position = after.map_or(Position::Complete, |after| Position::Through(walk.resumes(after)));
                self.table.put_mark(&Mark { due, shard, position }).await?;
            }
            return Ok(swept);
        }
    }

    /// Sorts the rows' deliveries into those that the queue gets now and those that wait their turn: of one webhook, all
    /// from the first that waits on.
    async fn sort(
        &self,
        sweeping: &Sweeping,
        shard: u16,
        rows: &[DueRow],
        walk: &mut Walk,
        waiting: &mut Option<WebhookKey>,
    ) -> Answer<Sorted> {
        let mut sorted = Sorted::default();
        for row in rows {
            // A page may hold a thousand webhooks, each of which is read: what there is no time for is left.
            if self.clock.now() >= sweeping.deadline {
                sorted.stopped = Some(bucket::prefix(row.lane()));
                break;
            }
            for key in walk.step(row) {
                let webhook = webhook(row);
                if waiting.as_ref() == Some(&webhook) {
                    break;
                }
                match self.admit(sweeping, &webhook).await? {
                    Some(concurrency) => sorted.deliveries.push((key, concurrency)),
                    None => {
                        let (workspace, hook) = webhook.clone();
                        let after = Some(bucket::prefix(row.lane()));
                        sorted.rests.push(Rest { workspace, webhook: hook, due: sweeping.due, shard, after });
                        *waiting = Some(webhook);
                    }
                }
            }
        }
        Ok(sorted)
    }
}

fn webhook(row: &DueRow) -> WebhookKey {
    (row.lane().workspace.clone(), row.lane().webhook.clone())
}
