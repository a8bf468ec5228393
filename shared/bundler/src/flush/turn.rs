//! Turns: of a webhook of which more fell due than the queue takes of one at a time, the next references, once those
//! before them have an outcome. So no webhook's backlog fills what the queue looks through for others.

use super::{Sweep, WebhookKey, lanes::Walk};
use crate::{
    delivery::{Cause, DeliveryKey, Lane},
    limits,
    ports::{Answer, Clock, Enqueue, HandOver, SweepTable},
    settings::Standing,
    table::{
        bucket,
        turn::{Out, OutKind, Rest},
    },
    timestamp::Timestamp,
};
use std::collections::BTreeMap;

/// What is left of a turn, and what it has enqueued last.
struct Going {
    concurrency: u16,
    most: u64,
    left: u64,
    /// For each of the queue's groups, which are first in, first out.
    last: BTreeMap<String, DeliveryKey>,
}

impl<T: SweepTable, Q: Enqueue, C: Clock, H: HandOver> Sweep<'_, T, Q, C, H> {
    /// Enqueues the next references of what waits its turn, once those before them have an outcome; and ends the turn
    /// when nothing waits any more. Returns how many they are.
    pub(super) async fn take_turn(&self, key: &WebhookKey, standing: &Standing, deadline: Timestamp) -> Answer<u64> {
        let Some(turn) = standing.turn else { return Ok(0) };
        if self.is_out(key, Timestamp::EPOCH).await? {
            return Ok(0);
        }
        let (workspace, webhook) = key;
        if self.table.read_rests(workspace, webhook).await?.is_empty() {
            self.table.end_turn(workspace, webhook, turn).await?;
            return Ok(0);
        }
        self.take_rests(key, standing, self.bounds.turn, deadline).await
    }

    /// Enqueues up to `most` references of what waits its turn, and returns how many they are.
    pub(super) async fn take_rests(
        &self,
        (workspace, webhook): &WebhookKey,
        standing: &Standing,
        most: u64,
        deadline: Timestamp,
    ) -> Answer<u64> {
        let concurrency = standing.gathering.concurrency;
        let mut going = Going { concurrency, most, left: most, last: BTreeMap::new() };
        for rest in self.table.read_rests(workspace, webhook).await? {
            if going.left == 0 || self.clock.now() >= deadline {
                break;
            }
            if standing.health.is_over(rest.due, self.clock.now()) {
                self.table.delete_rest(&rest).await?;
                continue;
            }
            self.go_on(rest, &mut going, deadline).await?;
        }
        let out = Out {
            kind: OutKind::Turn,
            keys: going.last.into_values().collect(),
            until: self.clock.now().plus(limits::TURN_WAIT),
        };
        self.table.put_out(workspace, webhook, &out).await?;
        Ok(most - going.left)
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
                if going.left == going.most {
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
            self.enqueue(&deliveries, &Cause::Due).await?;
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
