//! What the aggregator asks of the table in memory: cuts, marks, what is due, what waits its turn.

use super::{consumed::Consistency, store::Request, table::MemoryTable};
use crate::{
    delivery::Lane,
    health::Health,
    id::{WebhookId, WorkspaceId},
    ports::{Answer, Appointments, CutTable, Page, PortError, ReadRests, SweepTable},
    table::{
        Item, at,
        bucket::{self, DueRow},
        cut::{self, Cuts},
        item::IndexKey,
        settings,
        sweep::{self, Claim, LowWater, Mark, Marks},
        turn::{self, Out, Rest, Turn},
    },
    timestamp::Timestamp,
};

impl CutTable for MemoryTable {
    async fn read_cuts(&self, due: Timestamp, lane: &Lane) -> Answer<Option<Cuts>> {
        let doing = "reading cuts";
        let item = self.get(doing, &cut::key(due, lane))?;
        item.map(|item| Cuts::from_item(&item)).transpose().map_err(|error| PortError::item(doing, &error))
    }

    async fn put_cuts(&self, cuts: &Cuts, read: Option<&Cuts>) -> Answer<bool> {
        let item = cuts.to_item();
        self.store.request("putting cuts", |request| {
            let is_as_read = match (request.standing(&item), read.map(Cuts::to_item)) {
                (None, None) => true,
                (Some(stands), Some(read)) => {
                    let is_same = |name: &str| stands.attributes.get(name) == read.attributes.get(name);
                    is_same(cut::CUTS) && is_same(cut::ENQUEUED)
                }
                (None, Some(_)) | (Some(_), None) => false,
            };
            if is_as_read {
                request.put(item);
            }
            is_as_read
        })
    }
}

impl SweepTable for MemoryTable {
    async fn read_low_water(&self) -> Answer<Option<LowWater>> {
        let doing = "reading the low-water mark";
        let item = self.get(doing, &sweep::low_water_key())?;
        let read = item.map(|item| LowWater::from_item(&item)).transpose();
        read.map_err(|error| PortError::item(doing, &error))
    }

    async fn raise_low_water(&self, mark: LowWater) -> Answer<()> {
        self.store.request("raising the low-water mark", |request| {
            // As a condition compares: texts by their bytes, and nothing is less than what is no text.
            let is_further = |stored: &Item| !stored.get_text(sweep::DONE).is_ok_and(|done| done <= &*mark.to_text());
            if !request.get(&sweep::low_water_key()).is_some_and(is_further) {
                request.put(mark.to_item());
            }
        })
    }

    async fn read_marks(&self, due: Timestamp) -> Answer<Marks> {
        let doing = "reading marks";
        let (items, _) = self.query(doing, &sweep::partition(due), "", None)?;
        Marks::from_items(due, &items).map_err(|error| PortError::item(doing, &error))
    }

    async fn put_mark(&self, mark: &Mark) -> Answer<()> {
        self.put("putting a mark", mark.to_item())
    }

    async fn put_claim(&self, claim: &Claim) -> Answer<()> {
        self.put("putting a claim", claim.to_item())
    }

    async fn read_due(
        &self,
        due: Timestamp,
        shard: u16,
        after: Option<&str>,
        most: Option<u16>,
    ) -> Answer<Page<DueRow>> {
        let pk = bucket::partition(due, shard);
        let (items, after) = self.query_bucket("reading what is due", &pk, "", after, most)?;
        Ok(Page::of(&items, after, DueRow::from_item))
    }

    async fn read_appointments(&self, now: Timestamp, after: Option<&IndexKey>) -> Answer<Appointments> {
        let doing = "reading appointments";
        let read = |request: &mut Request<'_>| request.index(at::PARTITION, &now.key(), after);
        let (keys, after) = self.store.read(doing, Consistency::Eventual, read)?;
        Ok(Appointments::of(keys.iter().map(|entry| &entry.key), after))
    }

    async fn put_rest(&self, rest: &Rest) -> Answer<()> {
        self.put("putting a rest", rest.to_item())
    }

    async fn delete_rest(&self, rest: &Rest) -> Answer<()> {
        self.store.request("deleting a rest", |request| request.delete(&rest.key()))
    }

    async fn raise_turn(&self, workspace: &WorkspaceId, webhook: &WebhookId, look: Timestamp) -> Answer<()> {
        self.store.request("raising a turn", |request| {
            let stored = request.get(&turn::key(workspace, webhook)).and_then(|item| Turn::from_item(item).ok());
            let revision = stored.map_or(0, |turn| turn.revision) + 1;
            request.put(Turn { revision }.to_item(workspace, webhook, look));
        })
    }

    async fn end_turn(&self, workspace: &WorkspaceId, webhook: &WebhookId, read: Turn) -> Answer<()> {
        let key = turn::key(workspace, webhook);
        self.store.request("ending a turn", |request| {
            if request.get(&key).and_then(|item| Turn::from_item(item).ok()) == Some(read) {
                request.delete(&key);
            }
        })
    }

    async fn read_out(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Out>> {
        let doing = "reading what is out";
        let item = self.get(doing, &turn::out_key(workspace, webhook))?;
        item.map(|item| Out::from_item(&item)).transpose().map_err(|error| PortError::item(doing, &error))
    }

    async fn put_out(&self, workspace: &WorkspaceId, webhook: &WebhookId, out: &Out) -> Answer<()> {
        self.put("putting what is out", out.to_item(workspace, webhook))
    }

    async fn stop_storing(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Answer<bool> {
        let item = settings::health_to_item(workspace, webhook, &health.risen());
        self.store.transaction("stopping a webhook", |request| {
            let Some(stored) = request.get(&settings::settings_key(workspace, webhook)).cloned() else { return false };
            let is_as_read = super::health::revision(request.standing(&item)) == health.revision;
            if is_as_read {
                request.put(item);
                request.put(stored.number(settings::STOPPED, 1));
            }
            is_as_read
        })
    }
}

impl ReadRests for MemoryTable {
    async fn read_rests(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Vec<Rest>> {
        let doing = "reading rests";
        let (items, _) = self.query(doing, &turn::partition(workspace, webhook), Rest::PREFIX, None)?;
        let rests = items.iter().map(|item| Rest::from_item(workspace, webhook, item));
        rests.collect::<Result<_, _>>().map_err(|error| PortError::item(doing, &error))
    }

    async fn read_rest(&self, rest: &Rest) -> Answer<Page<DueRow>> {
        let (pk, prefix) =
            (bucket::partition(rest.due, rest.shard), bucket::webhook_prefix(&rest.workspace, &rest.webhook));
        let (items, after) = self.query_bucket("reading what waits", &pk, &prefix, rest.after.as_deref(), None)?;
        Ok(Page::of(&items, after, DueRow::from_item))
    }
}

impl MemoryTable {
    fn put(&self, doing: &'static str, item: Item) -> Answer<()> {
        self.store.request(doing, |request| request.put(item))
    }
}
