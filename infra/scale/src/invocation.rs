//! One invocation: the ports as the aggregator has them, each request counted and lasting as the model says, on a
//! processor of its own.

use crate::{
    machine::Processor,
    world::{Part, Surroundings},
};
use bundler::{
    delivery::{DeliveryKey, Lane},
    file::{File, FileKey},
    flush::Portion,
    health::Health,
    id::{KeyPart, WebhookId, WorkspaceId},
    ports::{
        Answer, Appointments, Clock, CutTable, Enqueue, FileTable, HandOver, HeldPage, Page, PortError, PutHealth,
        QueueEntry, ReadBucket, ReadDelivery, ReadFiles, ReadHeld, ReadRests, ReadStanding, SweepTable,
    },
    settings::Standing,
    table::{
        bucket::{BucketRow, DueRow},
        cut::Cuts,
        item::IndexKey,
        lane::{Delivery, HeldKind},
        sweep::{Claim, LowWater, Mark, Marks},
        turn::{Out, Rest, Turn},
    },
    timestamp::Timestamp,
};
use std::{ops::RangeInclusive, time::Duration};

pub(crate) struct Invocation<'a, W> {
    pub(crate) world: &'a W,
    processor: Processor,
}

impl<'a, W: Surroundings> Invocation<'a, W> {
    pub(crate) fn of(world: &'a W) -> Self {
        Self { world, processor: world.machine().processor() }
    }

    /// A request that is answered and counted at once, about somebody's webhook or about nobody's.
    pub(crate) async fn pass<R>(&self, whose: Option<&WorkspaceId>, answer: impl Future<Output = R>) -> R {
        let answer = async {
            let answer = answer.await;
            self.world.account(whose);
            answer
        };
        self.world.machine().request(self.processor, Duration::ZERO, answer, |_| Duration::ZERO).await
    }

    /// A page of messages.
    async fn page(&self, doing: &'static str, part: Part<'_>) -> Answer<Page<DueRow>> {
        let machine = self.world.machine();
        let answer = async {
            let page = self.world.page(doing, part);
            self.world.account(part.whose);
            page
        };
        let reading =
            |page: &Answer<Page<DueRow>>| machine.model.work("a_row", page.as_ref().map_or(0, |page| page.rows.len()));
        machine.request(self.processor, Duration::ZERO, answer, reading).await
    }
}

impl<W: Surroundings> Clock for Invocation<'_, W> {
    fn now(&self) -> Timestamp {
        self.world.machine().now()
    }
}

impl<W: Surroundings> ReadStanding for Invocation<'_, W> {
    async fn read_standing(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Standing>> {
        self.pass(Some(workspace), self.world.table().read_standing(workspace, webhook)).await
    }
}

impl<W: Surroundings> ReadBucket for Invocation<'_, W> {
    async fn read_bucket(&self, due: Timestamp, lane: &Lane, after: Option<&str>) -> Answer<Page<BucketRow>> {
        self.pass(Some(&lane.workspace), self.world.table().read_bucket(due, lane, after)).await
    }
}

impl<W: Surroundings> ReadDelivery for Invocation<'_, W> {
    async fn read_delivery(&self, key: &DeliveryKey) -> Answer<Option<Delivery>> {
        self.pass(Some(&key.lane.workspace), self.world.read_delivery(key)).await
    }
}

impl<W: Surroundings> ReadFiles for Invocation<'_, W> {
    async fn read_files(
        &self,
        workspace: &WorkspaceId,
        chat: &KeyPart,
        moments: RangeInclusive<Timestamp>,
        after: Option<&str>,
    ) -> Answer<Page<File>> {
        self.pass(Some(workspace), self.world.table().read_files(workspace, chat, moments, after)).await
    }
}

impl<W: Surroundings> FileTable for Invocation<'_, W> {
    async fn read_file(&self, key: &FileKey) -> Answer<Option<File>> {
        self.pass(Some(&key.workspace), self.world.table().read_file(key)).await
    }

    async fn put_file(&self, file: &File) -> Answer<bool> {
        self.pass(Some(&file.key.workspace), self.world.table().put_file(file)).await
    }
}

impl<W: Surroundings> CutTable for Invocation<'_, W> {
    async fn read_cuts(&self, due: Timestamp, lane: &Lane) -> Answer<Option<Cuts>> {
        self.pass(Some(&lane.workspace), self.world.table().read_cuts(due, lane)).await
    }

    async fn put_cuts(&self, cuts: &Cuts, read: Option<&Cuts>) -> Answer<bool> {
        self.pass(Some(&cuts.lane.workspace), self.world.table().put_cuts(cuts, read)).await
    }
}

impl<W: Surroundings> PutHealth for Invocation<'_, W> {
    async fn put_health(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Answer<bool> {
        self.pass(Some(workspace), self.world.table().put_health(workspace, webhook, health)).await
    }
}

impl<W: Surroundings> ReadHeld for Invocation<'_, W> {
    async fn read_held(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        kind: HeldKind,
        after: Option<&IndexKey>,
    ) -> Answer<HeldPage> {
        self.pass(Some(workspace), self.world.table().read_held(workspace, webhook, kind, after)).await
    }
}

impl<W: Surroundings> ReadRests for Invocation<'_, W> {
    async fn read_rests(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Vec<Rest>> {
        self.pass(Some(workspace), self.world.table().read_rests(workspace, webhook)).await
    }

    async fn read_rest(&self, rest: &Rest) -> Answer<Page<DueRow>> {
        let (whose, partition) = (Some(&rest.workspace), (rest.due, rest.shard));
        let webhook = Some((&rest.workspace, &rest.webhook));
        self.page("reading what waits", Part { whose, partition, webhook, after: rest.after.as_deref(), most: None })
            .await
    }
}

impl<W: Surroundings> SweepTable for Invocation<'_, W> {
    async fn read_low_water(&self) -> Answer<Option<LowWater>> {
        self.pass(None, self.world.table().read_low_water()).await
    }

    async fn raise_low_water(&self, mark: LowWater) -> Answer<()> {
        self.pass(None, self.world.table().raise_low_water(mark)).await
    }

    async fn read_marks(&self, due: Timestamp) -> Answer<Marks> {
        self.pass(None, self.world.table().read_marks(due)).await
    }

    async fn put_mark(&self, mark: &Mark) -> Answer<()> {
        self.pass(None, self.world.table().put_mark(mark)).await
    }

    async fn put_claim(&self, claim: &Claim) -> Answer<()> {
        self.pass(None, self.world.table().put_claim(claim)).await
    }

    async fn read_due(
        &self,
        due: Timestamp,
        shard: u16,
        after: Option<&str>,
        most: Option<u16>,
    ) -> Answer<Page<DueRow>> {
        let part = Part { whose: None, partition: (due, shard), webhook: None, after, most };
        self.page("reading what is due", part).await
    }

    async fn read_appointments(&self, now: Timestamp, after: Option<&IndexKey>) -> Answer<Appointments> {
        self.pass(None, self.world.table().read_appointments(now, after)).await
    }

    async fn put_rest(&self, rest: &Rest) -> Answer<()> {
        self.pass(Some(&rest.workspace), self.world.table().put_rest(rest)).await
    }

    async fn delete_rest(&self, rest: &Rest) -> Answer<()> {
        self.pass(Some(&rest.workspace), self.world.table().delete_rest(rest)).await
    }

    async fn raise_turn(&self, workspace: &WorkspaceId, webhook: &WebhookId, look: Timestamp) -> Answer<()> {
        self.pass(Some(workspace), self.world.table().raise_turn(workspace, webhook, look)).await
    }

    async fn end_turn(&self, workspace: &WorkspaceId, webhook: &WebhookId, read: Turn) -> Answer<()> {
        self.pass(Some(workspace), self.world.table().end_turn(workspace, webhook, read)).await
    }

    async fn read_out(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Out>> {
        self.pass(Some(workspace), self.world.table().read_out(workspace, webhook)).await
    }

    async fn put_out(&self, workspace: &WorkspaceId, webhook: &WebhookId, out: &Out) -> Answer<()> {
        self.pass(Some(workspace), self.world.table().put_out(workspace, webhook, out)).await
    }

    async fn stop_storing(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Answer<bool> {
        self.pass(Some(workspace), self.world.table().stop_storing(workspace, webhook, health)).await
    }
}

impl<W: Surroundings> Enqueue for Invocation<'_, W> {
    async fn enqueue(&self, entries: &[QueueEntry]) -> Answer<Vec<Result<(), PortError>>> {
        let machine = self.world.machine();
        let answer = async {
            self.world.enqueue(entries);
            Ok(entries.iter().map(|_| Ok(())).collect())
        };
        let sending = machine.model.work("an_entry", entries.len());
        machine.request(self.processor, sending, answer, |_| Duration::ZERO).await
    }
}

impl<W: Surroundings> HandOver for Invocation<'_, W> {
    async fn hand_over(&self, portion: &Portion) -> Answer<()> {
        let answer = async {
            self.world.give(portion.clone());
            Ok(())
        };
        self.pass(None, answer).await
    }
}
