//! One invocation of the aggregator: the ports as it has them, each request counted and lasting as the model says, on a
//! processor of its own.

use crate::{machine::Processor, world::World};
use bundler::{
    delivery::{self, DeliveryKey, Lane},
    flush::Portion,
    health::Health,
    id::{WebhookId, WorkspaceId},
    memory::{Consistency, Cost},
    ports::{
        Answer, Appointments, Clock, CutTable, Enqueue, HandOver, HeldPage, Page, PortError, PutHealth, QueueEntry,
        ReadBucket, ReadDelivery, ReadHeld, ReadRests, ReadStanding, SweepTable,
    },
    settings::Standing,
    table::{
        bucket::{self, BucketRow, DueRow},
        cut::Cuts,
        item::IndexKey,
        lane::{Delivery, DeliveryState, HeldKind, Progress},
        sweep::{Claim, LowWater, Mark, Marks},
        turn::{Out, Rest, Turn},
    },
    timestamp::Timestamp,
};
use std::time::Duration;

pub(crate) struct Invocation<'a> {
    world: &'a World<'a>,
    processor: Processor,
}

impl<'a> Invocation<'a> {
    pub(crate) fn of(world: &'a World<'a>) -> Self {
        Self { world, processor: world.machine.processor() }
    }

    /// A request that the memory adapter answers and counts.
    async fn pass<R>(&self, answer: impl Future<Output = R>) -> R {
        self.world.machine.request(self.processor, Duration::ZERO, answer, |_| Duration::ZERO).await
    }

    /// A page of messages.
    async fn page(
        &self,
        doing: &'static str,
        (due, shard): (Timestamp, u16),
        beginning: &str,
        after: Option<&str>,
        most: Option<u16>,
    ) -> Answer<Page<DueRow>> {
        let model = &self.world.machine.model;
        let answer = async {
            let (page, bytes) = self.world.rows.page((due, shard), beginning, after, most);
            self.world.note(doing, Cost::query(bytes, Consistency::Strong));
            page
        };
        let reading = |page: &Page<DueRow>| model.work("a_row", page.rows.len());
        Ok(self.world.machine.request(self.processor, Duration::ZERO, answer, reading).await)
    }
}

impl Clock for Invocation<'_> {
    fn now(&self) -> Timestamp {
        self.world.machine.now()
    }
}

impl ReadStanding for Invocation<'_> {
    async fn read_standing(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Standing>> {
        self.pass(self.world.table.read_standing(workspace, webhook)).await
    }
}

impl ReadBucket for Invocation<'_> {
    async fn read_bucket(&self, due: Timestamp, lane: &Lane, after: Option<&str>) -> Answer<Page<BucketRow>> {
        self.pass(self.world.table.read_bucket(due, lane, after)).await
    }
}

impl ReadDelivery for Invocation<'_> {
    /// Delivered, when the queue's model says so.
    async fn read_delivery(&self, key: &DeliveryKey) -> Answer<Option<Delivery>> {
        let answer = async {
            // Two items, in one request.
            let one = Cost::get(0, Consistency::Strong);
            self.world.note("reading a delivery", Cost { requests: 1, ..one.plus(one) });
            let outcome = self.world.queue().outcome(&delivery::to_reference(key));
            let progress = Progress { state: DeliveryState::Delivered, attempts: 1, ..Progress::NONE };
            let is_over = outcome.is_some_and(|outcome| outcome <= self.world.machine.elapsed());
            Ok(is_over.then(|| Delivery { key: key.clone(), progress }))
        };
        self.pass(answer).await
    }
}

impl CutTable for Invocation<'_> {
    async fn read_cuts(&self, due: Timestamp, lane: &Lane) -> Answer<Option<Cuts>> {
        self.pass(self.world.table.read_cuts(due, lane)).await
    }

    async fn put_cuts(&self, cuts: &Cuts, read: Option<&Cuts>) -> Answer<bool> {
        self.pass(self.world.table.put_cuts(cuts, read)).await
    }
}

impl PutHealth for Invocation<'_> {
    async fn put_health(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Answer<bool> {
        self.pass(self.world.table.put_health(workspace, webhook, health)).await
    }
}

impl ReadHeld for Invocation<'_> {
    async fn read_held(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        kind: HeldKind,
        after: Option<&IndexKey>,
    ) -> Answer<HeldPage> {
        self.pass(self.world.table.read_held(workspace, webhook, kind, after)).await
    }
}

impl ReadRests for Invocation<'_> {
    async fn read_rests(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Vec<Rest>> {
        self.pass(self.world.table.read_rests(workspace, webhook)).await
    }

    async fn read_rest(&self, rest: &Rest) -> Answer<Page<DueRow>> {
        let beginning = bucket::webhook_prefix(&rest.workspace, &rest.webhook);
        self.page("reading what waits", (rest.due, rest.shard), &beginning, rest.after.as_deref(), None).await
    }
}

impl SweepTable for Invocation<'_> {
    async fn read_low_water(&self) -> Answer<Option<LowWater>> {
        self.pass(self.world.table.read_low_water()).await
    }

    async fn raise_low_water(&self, mark: LowWater) -> Answer<()> {
        self.pass(self.world.table.raise_low_water(mark)).await
    }

    async fn read_marks(&self, due: Timestamp) -> Answer<Marks> {
        self.pass(self.world.table.read_marks(due)).await
    }

    async fn put_mark(&self, mark: &Mark) -> Answer<()> {
        self.pass(self.world.table.put_mark(mark)).await
    }

    async fn put_claim(&self, claim: &Claim) -> Answer<()> {
        self.pass(self.world.table.put_claim(claim)).await
    }

    async fn read_due(
        &self,
        due: Timestamp,
        shard: u16,
        after: Option<&str>,
        most: Option<u16>,
    ) -> Answer<Page<DueRow>> {
        self.page("reading what is due", (due, shard), "", after, most).await
    }

    async fn read_appointments(&self, now: Timestamp, after: Option<&IndexKey>) -> Answer<Appointments> {
        self.pass(self.world.table.read_appointments(now, after)).await
    }

    async fn put_rest(&self, rest: &Rest) -> Answer<()> {
        self.pass(self.world.table.put_rest(rest)).await
    }

    async fn delete_rest(&self, rest: &Rest) -> Answer<()> {
        self.pass(self.world.table.delete_rest(rest)).await
    }

    async fn raise_turn(&self, workspace: &WorkspaceId, webhook: &WebhookId, look: Timestamp) -> Answer<()> {
        self.pass(self.world.table.raise_turn(workspace, webhook, look)).await
    }

    async fn end_turn(&self, workspace: &WorkspaceId, webhook: &WebhookId, read: Turn) -> Answer<()> {
        self.pass(self.world.table.end_turn(workspace, webhook, read)).await
    }

    async fn read_out(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Out>> {
        self.pass(self.world.table.read_out(workspace, webhook)).await
    }

    async fn put_out(&self, workspace: &WorkspaceId, webhook: &WebhookId, out: &Out) -> Answer<()> {
        self.pass(self.world.table.put_out(workspace, webhook, out)).await
    }

    async fn stop_storing(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Answer<bool> {
        self.pass(self.world.table.stop_storing(workspace, webhook, health)).await
    }
}

impl Enqueue for Invocation<'_> {
    async fn enqueue(&self, entries: &[QueueEntry]) -> Answer<Vec<Result<(), PortError>>> {
        let machine = &self.world.machine;
        let answer = async {
            self.world.queue().take(machine.elapsed(), machine.model.lasts("delivery"), entries);
            Ok(entries.iter().map(|_| Ok(())).collect())
        };
        let sending = machine.model.work("an_entry", entries.len());
        machine.request(self.processor, sending, answer, |_| Duration::ZERO).await
    }
}

impl HandOver for Invocation<'_> {
    async fn hand_over(&self, portion: &Portion) -> Answer<()> {
        let answer = async {
            self.world.note("handing shards over", Cost { requests: 1, ..Cost::default() });
            self.world.give(portion.clone());
            Ok(())
        };
        self.pass(answer).await
    }
}
