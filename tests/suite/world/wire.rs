//! A port with a tape in front of it: each method is noted, and goes through or is lost, as the tape says.

use super::tape::Tape;
use bundler::{
    attempt::Attempt,
    delivery::{DeliveryKey, Lane},
    flush::Portion,
    health::Health,
    id::{KeyPart, WebhookId, WorkspaceId},
    mail::{Addressee, Mail, MailOutcome},
    owner::Changed,
    ports::{
        Answer, Appointments, CountFailedTry, CreateWebhook, CutTable, DeliverTable, Enqueue, EraseTable, GatherTable,
        HandOver, HeldPage, KeepTraffic, OwnerTable, Page, PortError, Put, PutHealth, PutInLane, QueueEntry,
        ReadActions, ReadAttempted, ReadAttempts, ReadBucket, ReadDelivery, ReadGathering, ReadHeld, ReadLaneMessage,
        ReadRests, ReadSettings, ReadStanding, ReadTraffic, ReadWebhook, SendMail, SweepTable, UseOnce,
    },
    settings::{Gathering, Settings, Standing, Webhook},
    table::{
        ItemKey,
        action::Action,
        attempt::Attempted,
        bucket::{BucketMessage, BucketRow, DueRow, Pointer},
        cut::Cuts,
        item::IndexKey,
        lane::{Delivery, HeldKind, LaneMessage},
        portal::{FailedTries, UsedLink},
        sweep::{Claim, LowWater, Mark, Marks},
        traffic::CountedDay,
        turn::{Out, Rest, Turn},
    },
    timestamp::Timestamp,
};
use std::sync::{Arc, Mutex};

pub(crate) struct Wire<T> {
    pub(crate) inner: T,
    pub(crate) tape: Arc<Tape>,
}

impl<T: ReadSettings> ReadSettings for Wire<T> {
    async fn read_settings(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Gathering>> {
        self.tape.pass("read_settings", self.inner.read_settings(workspace, webhook)).await
    }
}

impl<T: GatherTable> GatherTable for Wire<T> {
    async fn put_in_bucket(&self, message: &BucketMessage) -> Answer<Put> {
        self.tape.pass("put_in_bucket", self.inner.put_in_bucket(message)).await
    }

    async fn put_late_in_bucket(&self, pointer: &Pointer, message: &BucketMessage) -> Answer<Put> {
        self.tape.pass("put_late_in_bucket", self.inner.put_late_in_bucket(pointer, message)).await
    }

    async fn put_in_lane(&self, message: &LaneMessage) -> Answer<PutInLane> {
        self.tape.pass("put_in_lane", self.inner.put_in_lane(message)).await
    }

    async fn put_late_in_lane(&self, pointer: &Pointer, message: &LaneMessage) -> Answer<Put> {
        self.tape.pass("put_late_in_lane", self.inner.put_late_in_lane(pointer, message)).await
    }
}

impl<T: CutTable> CutTable for Wire<T> {
    async fn read_cuts(&self, due: Timestamp, lane: &Lane) -> Answer<Option<Cuts>> {
        self.tape.pass("read_cuts", self.inner.read_cuts(due, lane)).await
    }

    async fn put_cuts(&self, cuts: &Cuts, read: Option<&Cuts>) -> Answer<bool> {
        self.tape.pass("put_cuts", self.inner.put_cuts(cuts, read)).await
    }
}

impl<T: SweepTable> SweepTable for Wire<T> {
    async fn read_low_water(&self) -> Answer<Option<LowWater>> {
        self.tape.pass("read_low_water", self.inner.read_low_water()).await
    }

    async fn raise_low_water(&self, mark: LowWater) -> Answer<()> {
        self.tape.pass("raise_low_water", self.inner.raise_low_water(mark)).await
    }

    async fn read_marks(&self, due: Timestamp) -> Answer<Marks> {
        self.tape.pass("read_marks", self.inner.read_marks(due)).await
    }

    async fn put_mark(&self, mark: &Mark) -> Answer<()> {
        self.tape.pass("put_mark", self.inner.put_mark(mark)).await
    }

    async fn put_claim(&self, claim: &Claim) -> Answer<()> {
        self.tape.pass("put_claim", self.inner.put_claim(claim)).await
    }

    async fn read_due(
        &self,
        due: Timestamp,
        shard: u16,
        after: Option<&str>,
        most: Option<u16>,
    ) -> Answer<Page<DueRow>> {
        self.tape.pass("read_due", self.inner.read_due(due, shard, after, most)).await
    }

    async fn read_appointments(&self, now: Timestamp, after: Option<&IndexKey>) -> Answer<Appointments> {
        self.tape.pass("read_appointments", self.inner.read_appointments(now, after)).await
    }

    async fn put_rest(&self, rest: &Rest) -> Answer<()> {
        self.tape.pass("put_rest", self.inner.put_rest(rest)).await
    }

    async fn delete_rest(&self, rest: &Rest) -> Answer<()> {
        self.tape.pass("delete_rest", self.inner.delete_rest(rest)).await
    }

    async fn raise_turn(&self, workspace: &WorkspaceId, webhook: &WebhookId, now: Timestamp) -> Answer<()> {
        self.tape.pass("raise_turn", self.inner.raise_turn(workspace, webhook, now)).await
    }

    async fn end_turn(&self, workspace: &WorkspaceId, webhook: &WebhookId, read: Turn) -> Answer<()> {
        self.tape.pass("end_turn", self.inner.end_turn(workspace, webhook, read)).await
    }

    async fn read_out(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Out>> {
        self.tape.pass("read_out", self.inner.read_out(workspace, webhook)).await
    }

    async fn put_out(&self, workspace: &WorkspaceId, webhook: &WebhookId, out: &Out) -> Answer<()> {
        self.tape.pass("put_out", self.inner.put_out(workspace, webhook, out)).await
    }

    async fn stop_storing(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Answer<bool> {
        self.tape.pass("stop_storing", self.inner.stop_storing(workspace, webhook, health)).await
    }
}

impl<T: OwnerTable> OwnerTable for Wire<T> {
    async fn put_settings_and_health(&self, changed: &Changed) -> Answer<bool> {
        self.tape.pass("put_settings_and_health", self.inner.put_settings_and_health(changed)).await
    }
}

impl<T: ReadAttempted> ReadAttempted for Wire<T> {
    async fn read_attempted(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        after: &str,
    ) -> Answer<Page<Attempted>> {
        self.tape.pass("read_attempted", self.inner.read_attempted(workspace, webhook, after)).await
    }
}

impl<T: ReadRests> ReadRests for Wire<T> {
    async fn read_rests(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Vec<Rest>> {
        self.tape.pass("read_rests", self.inner.read_rests(workspace, webhook)).await
    }

    async fn read_rest(&self, rest: &Rest) -> Answer<Page<DueRow>> {
        self.tape.pass("read_rest", self.inner.read_rest(rest)).await
    }
}

impl<T: SendMail> SendMail for Wire<T> {
    async fn send(&self, to: &Addressee<'_>, mail: &Mail) -> Answer<MailOutcome> {
        self.tape.pass("send_mail", self.inner.send(to, mail)).await
    }
}

impl<T: PutHealth> PutHealth for Wire<T> {
    async fn put_health(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Answer<bool> {
        self.tape.pass("put_health", self.inner.put_health(workspace, webhook, health)).await
    }
}

impl<T: ReadHeld> ReadHeld for Wire<T> {
    async fn read_held(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        kind: HeldKind,
        after: Option<&IndexKey>,
    ) -> Answer<HeldPage> {
        self.tape.pass("read_held", self.inner.read_held(workspace, webhook, kind, after)).await
    }
}

impl<T: ReadWebhook> ReadWebhook for Wire<T> {
    async fn read_webhook(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Webhook>> {
        self.tape.pass("read_webhook", self.inner.read_webhook(workspace, webhook)).await
    }
}

impl<T: ReadStanding> ReadStanding for Wire<T> {
    async fn read_standing(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Standing>> {
        self.tape.pass("read_standing", self.inner.read_standing(workspace, webhook)).await
    }
}

impl<T: ReadBucket> ReadBucket for Wire<T> {
    async fn read_bucket(&self, due: Timestamp, lane: &Lane, after: Option<&str>) -> Answer<Page<BucketRow>> {
        self.tape.pass("read_bucket", self.inner.read_bucket(due, lane, after)).await
    }
}

impl<T: ReadDelivery> ReadDelivery for Wire<T> {
    async fn read_delivery(&self, key: &DeliveryKey) -> Answer<Option<Delivery>> {
        self.tape.pass("read_delivery", self.inner.read_delivery(key)).await
    }
}

impl<T: ReadLaneMessage> ReadLaneMessage for Wire<T> {
    async fn read_lane_message(
        &self,
        lane: &Lane,
        timestamp: Timestamp,
        message: &KeyPart,
    ) -> Answer<Option<LaneMessage>> {
        self.tape.pass("read_lane_message", self.inner.read_lane_message(lane, timestamp, message)).await
    }
}

impl<T: DeliverTable> DeliverTable for Wire<T> {
    async fn read_unattempted(&self, lane: &Lane, after: Option<&str>) -> Answer<Page<DeliveryKey>> {
        self.tape.pass("read_unattempted", self.inner.read_unattempted(lane, after)).await
    }

    async fn put_delivery(&self, delivery: &Delivery, now: Timestamp) -> Answer<()> {
        self.tape.pass("put_delivery", self.inner.put_delivery(delivery, now)).await
    }

    async fn set_lane_progress(&self, delivery: &Delivery) -> Answer<()> {
        self.tape.pass("set_lane_progress", self.inner.set_lane_progress(delivery)).await
    }

    async fn put_receipt(&self, attempt: &Attempt) -> Answer<()> {
        self.tape.pass("put_receipt", self.inner.put_receipt(attempt)).await
    }

    async fn put_attempt(&self, attempt: &Attempt) -> Answer<()> {
        self.tape.pass("put_attempt", self.inner.put_attempt(attempt)).await
    }
}

impl<Q: Enqueue> Enqueue for Wire<Q> {
    async fn enqueue(&self, entries: &[QueueEntry]) -> Answer<Vec<Result<(), PortError>>> {
        let Some(refused) = self.tape.take_refused_entry().filter(|refused| *refused < entries.len()) else {
            return self.tape.pass("enqueue", self.inner.enqueue(entries)).await;
        };
        let others = [&entries[..refused], &entries[refused + 1..]].concat();
        let mut answers = match others.as_slice() {
            [] => Vec::new(),
            others => self.tape.pass("enqueue", self.inner.enqueue(others)).await?,
        };
        let code = "InternalError".to_owned();
        answers.insert(refused, Err(PortError { doing: "enqueueing", code }));
        Ok(answers)
    }
}

/// The aggregator's other invocations: what was handed over to them.
pub(crate) struct Others {
    pub(crate) tape: Arc<Tape>,
    pub(crate) portions: Mutex<Vec<Portion>>,
}

impl HandOver for Others {
    async fn hand_over(&self, portion: &Portion) -> Answer<()> {
        self.tape
            .pass("hand_over", async {
                self.portions.lock().expect("portions").push(portion.clone());
                Ok(())
            })
            .await
    }
}

impl<T: ReadAttempts> ReadAttempts for Wire<T> {
    async fn read_attempts(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        before: Option<&str>,
    ) -> Answer<Page<Attempt>> {
        self.tape.pass("read_attempts", self.inner.read_attempts(workspace, webhook, before)).await
    }
}

impl<T: ReadActions> ReadActions for Wire<T> {
    async fn read_actions(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Page<Action>> {
        self.tape.pass("read_actions", self.inner.read_actions(workspace, webhook)).await
    }
}

impl<T: CreateWebhook> CreateWebhook for Wire<T> {
    async fn put_new_settings(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        settings: &Settings,
    ) -> Answer<bool> {
        self.tape.pass("put_new_settings", self.inner.put_new_settings(workspace, webhook, settings)).await
    }
}

impl<T: UseOnce> UseOnce for Wire<T> {
    async fn use_once(&self, used: &UsedLink) -> Answer<bool> {
        self.tape.pass("use_once", self.inner.use_once(used)).await
    }
}

impl<T: CountFailedTry> CountFailedTry for Wire<T> {
    async fn count_failed_try(&self, tries: &FailedTries) -> Answer<u64> {
        self.tape.pass("count_failed_try", self.inner.count_failed_try(tries)).await
    }
}

impl<T: EraseTable> EraseTable for Wire<T> {
    async fn read_keys(&self, pk: &str, prefix: &str, after: Option<&str>) -> Answer<Page<ItemKey>> {
        self.tape.pass("read_keys", self.inner.read_keys(pk, prefix, after)).await
    }

    async fn drop_delivery(&self, delivery: &DeliveryKey) -> Answer<()> {
        self.tape.pass("drop_delivery", self.inner.drop_delivery(delivery)).await
    }

    async fn delete_items(&self, keys: &[ItemKey]) -> Answer<Vec<ItemKey>> {
        self.tape.pass("delete_items", self.inner.delete_items(keys)).await
    }
}

impl<T: ReadTraffic> ReadTraffic for Wire<T> {
    async fn read_log(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        after: &str,
        until: &str,
    ) -> Answer<Page<Attempted>> {
        self.tape.pass("read_log", self.inner.read_log(workspace, webhook, after, until)).await
    }

    async fn read_counted_days(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        from: Timestamp,
    ) -> Answer<Page<CountedDay>> {
        self.tape.pass("read_counted_days", self.inner.read_counted_days(workspace, webhook, from)).await
    }
}

impl<T: KeepTraffic> KeepTraffic for Wire<T> {
    async fn put_counted_day(&self, workspace: &WorkspaceId, webhook: &WebhookId, counted: &CountedDay) -> Answer<()> {
        self.tape.pass("put_counted_day", self.inner.put_counted_day(workspace, webhook, counted)).await
    }
}

impl<T: ReadGathering> ReadGathering for Wire<T> {
    async fn read_gathering(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        due: Timestamp,
        shard: u16,
        after: Option<&str>,
        most: u16,
    ) -> Answer<Page<BucketRow>> {
        let asked = self.inner.read_gathering(workspace, webhook, due, shard, after, most);
        self.tape.pass("read_gathering", asked).await
    }
}
