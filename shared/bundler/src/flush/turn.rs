//! Turns: of a webhook of which more fell due than the queue takes of one at a time, the next references, once those
//! before them have an outcome. So no webhook's backlog fills what the queue looks through for others.

use super::{Sweep, Swept, WebhookKey, lanes::Walk, sum};
use crate::{
    delivery::{DeliveryKey, Lane},
    limits,
    ports::{Answer, Clock, Enqueue, HandOver, SweepTable},
    table::{bucket, turn::Rest},
    timestamp::Timestamp,
};
use futures_util::{StreamExt, stream};
use std::collections::BTreeMap;

/// What is left of a turn, and what it has enqueued last.
struct Going {
    concurrency: u16,
    left: u64,
    /// For each of the queue's groups, which are first in, first out.
    last: BTreeMap<String, DeliveryKey>,
}

impl<T: SweepTable, Q: Enqueue, C: Clock, H: HandOver> Sweep<'_, T, Q, C, H> {
    /// Takes the turns of several webhooks at a time.
    pub(super) async fn take_turns(&self, webhooks: Vec<WebhookKey>, deadline: Timestamp) -> Answer<(Swept, ())> {
        let turns = webhooks.into_iter().map(|webhook| async move {
            if self.clock.now() >= deadline {
                return Ok((Swept { complete: false, ..Swept::NOTHING }, ()));
            }
            let references = self.take_turn(&webhook, deadline).await?;
            Ok((Swept { references, ..Swept::NOTHING }, ()))
        });
        let (whole, _) = sum(stream::iter(turns).buffer_unordered(limits::SWEEP_CONCURRENCY)).await;
        whole.answer().map(|swept| (swept, ()))
    }

    /// Enqueues the next references of a webhook, and returns how many they are.
    async fn take_turn(&self, (workspace, webhook): &WebhookKey, deadline: Timestamp) -> Answer<u64> {
        // What the index says may be out of date.
        let Some(read) = self.table.read_standing(workspace, webhook).await? else { return Ok(0) };
        let Some(turn) = read.turn else { return Ok(0) };
        for key in self.table.read_out(workspace, webhook).await? {
            if self.table.read_delivery(&key).await?.is_none() {
                return Ok(0);
            }
        }
        let rests = self.table.read_rests(workspace, webhook).await?;
        if rests.is_empty() {
            self.table.end_turn(workspace, webhook, turn).await?;
            return Ok(0);
        }
        let mut going =
            Going { concurrency: read.gathering.concurrency, left: self.bounds.turn, last: BTreeMap::new() };
        for rest in rests {
            if going.left == 0 || self.clock.now() >= deadline {
                break;
            }
            self.go_on(rest, &mut going, deadline).await?;
        }
        let out: Vec<DeliveryKey> = going.last.into_values().collect();
        self.table.put_out(workspace, webhook, &out, self.clock.now()).await?;
        Ok(self.bounds.turn - going.left)
    }

    /// Enqueues what waits in one shard, as far as the turn goes, and notes from where on the rest waits.
    async fn go_on(&self, mut rest: Rest, going: &mut Going, deadline: Timestamp) -> Answer<()> {
        let mut walk = Walk::of(rest.due);
        let mut first: Option<Lane> = None;
        loop {
            let page = self.table.read_rest(&rest).await?;
            let mut deliveries = Vec::new();
            let mut stopped = None;
            for row in &page.rows {
                let keys = walk.step(row);
                if going.left == self.bounds.turn {
                    first = Some(row.lane().clone());
                }
                // A lane goes whole, and one at least, however many cuts it has: or a turn would begin with it for ever.
                let is_too_much = keys.len() as u64 > going.left && first.as_ref() != Some(row.lane());
                if is_too_much {
                    going.left = 0;
                    stopped = Some(bucket::prefix(row.lane()));
                    break;
                }
                for key in keys {
                    going.left = going.left.saturating_sub(1);
                    going.last.insert(key.lane.group(going.concurrency), key.clone());
                    deliveries.push((key, going.concurrency));
                }
            }
            self.enqueue(&deliveries).await?;
            let after = match (stopped, page.after) {
                (Some(lane), _) => lane,
                (None, Some(after)) if self.clock.now() < deadline => {
                    rest.after = Some(after);
                    continue;
                }
                (None, Some(after)) => walk.resumes(after),
                (None, None) => return self.table.delete_rest(&rest).await,
            };
            rest.after = Some(after);
            return self.table.put_rest(&rest).await;
        }
    }
}
