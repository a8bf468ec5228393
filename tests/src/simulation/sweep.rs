//! The requests of the sweep, behind gates, and those of "flush now", which is the same function's.

use super::{
    breaks::Break,
    gate::lock,
    invocation::LIFE_MS,
    ports::{Ports, at_once},
    schedule::Happening,
    world::World,
};
use bundler::{
    delivery::Lane,
    flush::Portion,
    health::{Health, State},
    id::{WebhookId, WorkspaceId},
    ports::{Answer, Appointments, CutTable, HandOver, Page, ReadRests, ReadStanding, SweepTable},
    settings::Standing,
    table::{
        at::Appointment,
        bucket::DueRow,
        cut::Cuts,
        item::IndexKey,
        sweep::{Claim, LowWater, Mark, Marks, Position},
        turn::{Out, Rest, Turn},
    },
    timestamp::Timestamp,
};
use std::time::Duration;

/// How old a read is that is not consistent, at most.
const STALE_BY_MS: u64 = 60_000;

impl ReadStanding for Ports {
    async fn read_standing(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Standing>> {
        let about = || workspace.to_string();
        let (workspace, webhook) = (workspace.clone(), webhook.clone());
        let read = move |world: &World, _| {
            let mut read = at_once(world.table.read_standing(&workspace, &webhook))?;
            if world.is(Break::StaleTurn)
                && let Some(standing) = &mut read
            {
                standing.turn = standing.turn.filter(|_| world.draw(|random| random.chance(500)));
            }
            if world.is(Break::DrainedAtOnce)
                && let Some(Standing { health: Health { state: State::Draining { empty_since, .. }, .. }, .. }) =
                    &mut read
            {
                *empty_since = Some(Timestamp::EPOCH);
            }
            Ok(read)
        };
        self.ask("read_standing", about, read).await
    }
}

impl CutTable for Ports {
    async fn read_cuts(&self, due: Timestamp, lane: &Lane) -> Answer<Option<Cuts>> {
        let about = || format!("{} {}", lane.key(), due.rfc3339());
        let lane = lane.clone();
        let read = self.ask("read_cuts", about, move |world, _| at_once(world.table.read_cuts(due, &lane))).await;
        if self.is(Break::CutWithoutGrace) {
            self.leap();
        }
        read
    }

    async fn put_cuts(&self, cuts: &Cuts, read: Option<&Cuts>) -> Answer<bool> {
        let about = || format!("{} {:?} {} enqueued", cuts.lane.key(), cuts.moments, cuts.enqueued);
        let (mut cuts, read) = (cuts.clone(), read.cloned());
        let places = cuts.moments.len();
        if self.is(Break::CutsMove) && places > 1 && read.as_ref().is_some_and(|read| read.moments.len() < places) {
            cuts.moments.remove(places - 2);
        }
        let put = move |world: &World, _| {
            let stands = at_once(world.table.read_cuts(cuts.due, &cuts.lane))?;
            let read = if world.is(Break::UnconditionalCuts) { stands.as_ref() } else { read.as_ref() };
            let put = at_once(world.table.put_cuts(&cuts, read));
            world.note_index();
            put
        };
        self.ask("put_cuts", about, put).await
    }
}

impl SweepTable for Ports {
    async fn read_low_water(&self) -> Answer<Option<LowWater>> {
        if let Some(due) = self.begins_at {
            return Ok(Some(LowWater { due, shards: 0 }));
        }
        self.ask("read_low_water", String::new, |world, _| at_once(world.table.read_low_water())).await
    }

    async fn raise_low_water(&self, mut mark: LowWater) -> Answer<()> {
        if self.begins_at.is_some() {
            return Ok(());
        }
        if self.is(Break::LowWaterTooHigh) {
            mark.shards = mark.shards.saturating_add(64).min(255);
        }
        let raise = move |world: &World, _| at_once(world.table.raise_low_water(mark));
        self.ask("raise_low_water", || mark.to_text(), raise).await
    }

    async fn read_marks(&self, due: Timestamp) -> Answer<Marks> {
        let read = move |world: &World, _| at_once(world.table.read_marks(due));
        self.ask("read_marks", || due.rfc3339(), read).await
    }

    async fn put_mark(&self, mark: &Mark) -> Answer<()> {
        let about = || match &mark.position {
            Position::Complete => format!("{} shard {} complete", mark.due.rfc3339(), mark.shard),
            Position::Through(sk) => format!("{} shard {} through {sk}", mark.due.rfc3339(), mark.shard),
        };
        let (due, shard, mark) = (mark.due, mark.shard, mark.clone());
        self.ask("put_mark", about, move |world, _| at_once(world.table.put_mark(&mark))).await?;
        let late: Vec<Rest> =
            lock(&self.late_rests).extract_if(.., |rest| (rest.due, rest.shard) == (due, shard)).collect();
        for rest in late {
            self.put_one_rest(&rest).await?;
        }
        Ok(())
    }

    async fn put_claim(&self, claim: &Claim) -> Answer<()> {
        let about = || format!("{} {:?} until {}", claim.due.rfc3339(), claim.shards, claim.until.rfc3339());
        let claim = claim.clone();
        self.ask("put_claim", about, move |world, _| at_once(world.table.put_claim(&claim))).await
    }

    async fn read_due(
        &self,
        due: Timestamp,
        shard: u16,
        after: Option<&str>,
        most: Option<u16>,
    ) -> Answer<Page<DueRow>> {
        // Two hundred reads of nothing would drown the ones that matter.
        if !self.world.is_scheduled(due, shard) {
            return Ok(Page { rows: Vec::new(), unreadable: 0, after: None });
        }
        let after = after.map(str::to_owned);
        let read = move |world: &World, _| {
            let page = at_once(world.table.read_due(due, shard, after.as_deref(), most))?;
            Ok(seen(world, due, shard, page))
        };
        self.ask("read_due", || format!("{} shard {shard}", due.rfc3339()), read).await
    }

    async fn read_appointments(&self, now: Timestamp, after: Option<&IndexKey>) -> Answer<Appointments> {
        let after = after.cloned();
        let read = move |world: &World, _| {
            let mut page = at_once(world.table.read_appointments(now, after.as_ref()))?;
            if world.is(Break::NobodyLooks) {
                page.rows.retain(|row| !matches!(row, Appointment::Health { .. }));
            }
            Ok(world.lagging(page))
        };
        self.ask("read_appointments", String::new, read).await
    }

    async fn put_rest(&self, rest: &Rest) -> Answer<()> {
        if self.is(Break::RestBehindMark) {
            lock(&self.late_rests).push(rest.clone());
            return Ok(());
        }
        self.put_one_rest(rest).await
    }

    async fn delete_rest(&self, rest: &Rest) -> Answer<()> {
        let about = || format!("{rest:?}");
        let rest = rest.clone();
        self.ask("delete_rest", about, move |world, _| at_once(world.table.delete_rest(&rest))).await
    }

    async fn raise_turn(&self, workspace: &WorkspaceId, webhook: &WebhookId, now: Timestamp) -> Answer<()> {
        let about = || workspace.to_string();
        let (workspace, webhook) = (workspace.clone(), webhook.clone());
        let raise = move |world: &World, _| {
            let raise = at_once(world.table.raise_turn(&workspace, &webhook, now));
            world.note_index();
            raise
        };
        self.ask("raise_turn", about, raise).await
    }

    async fn end_turn(&self, workspace: &WorkspaceId, webhook: &WebhookId, read: Turn) -> Answer<()> {
        let about = || format!("{workspace} {read:?}");
        let (workspace, webhook) = (workspace.clone(), webhook.clone());
        let end = move |world: &World, _| {
            let stands = at_once(world.table.read_standing(&workspace, &webhook))?.and_then(|standing| standing.turn);
            let read = if world.is(Break::TurnEndedBlindly) { stands.unwrap_or(read) } else { read };
            let end = at_once(world.table.end_turn(&workspace, &webhook, read));
            world.note_index();
            end
        };
        if self.is(Break::TurnEndedBlindly) {
            self.world.leave(self.invocation, "end_turn", 2 * LIFE_MS, end);
            return Ok(());
        }
        self.ask("end_turn", about, end).await
    }

    async fn read_out(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Out>> {
        let about = || workspace.to_string();
        let (workspace, webhook) = (workspace.clone(), webhook.clone());
        let read = move |world: &World, _| at_once(world.table.read_out(&workspace, &webhook));
        self.ask("read_out", about, read).await
    }

    async fn put_out(&self, workspace: &WorkspaceId, webhook: &WebhookId, out: &Out) -> Answer<()> {
        let about = || format!("{workspace} {:?} {}", out.kind, out.keys.len());
        let (workspace, webhook, out) = (workspace.clone(), webhook.clone(), out.clone());
        let put = move |world: &World, _| at_once(world.table.put_out(&workspace, &webhook, &out));
        self.ask("put_out", about, put).await
    }

    async fn stop_storing(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Answer<bool> {
        let about = || workspace.to_string();
        let (workspace, webhook, health) = (workspace.clone(), webhook.clone(), health.clone());
        let stop = move |world: &World, _| at_once(world.table.stop_storing(&workspace, &webhook, &health));
        self.ask("stop_storing", about, stop).await
    }
}

impl ReadRests for Ports {
    async fn read_rests(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Vec<Rest>> {
        let about = || workspace.to_string();
        let (workspace, webhook) = (workspace.clone(), webhook.clone());
        let read = move |world: &World, _| at_once(world.table.read_rests(&workspace, &webhook));
        self.ask("read_rests", about, read).await
    }

    async fn read_rest(&self, rest: &Rest) -> Answer<Page<DueRow>> {
        let about = || format!("{rest:?}");
        let rest = rest.clone();
        let read = move |world: &World, _| {
            let page = at_once(world.table.read_rest(&rest))?;
            Ok(seen(world, rest.due, rest.shard, page))
        };
        self.ask("read_rest", about, read).await
    }
}

impl Ports {
    async fn put_one_rest(&self, rest: &Rest) -> Answer<()> {
        let about = || format!("{rest:?}");
        let rest = rest.clone();
        self.ask("put_rest", about, move |world, _| at_once(world.table.put_rest(&rest))).await
    }
}

impl HandOver for Ports {
    async fn hand_over(&self, portion: &Portion) -> Answer<()> {
        let about = || format!("{} {:?}", portion.due.rfc3339(), portion.shards);
        let portion = portion.clone();
        let invoke = move |world: &World, _| {
            if world.is(Break::HandedOverIsDone) {
                for shard in portion.shards.clone() {
                    let mark = Mark { due: portion.due, shard, position: Position::Complete };
                    at_once(world.table.put_mark(&mark))?;
                }
            }
            lock(&world.book).asked_for.push(Happening::Portion(portion.clone()));
            Ok(())
        };
        self.ask("hand_over", about, invoke).await
    }
}

/// What is due as a query returns it, as broken as it is to be.
fn seen(world: &World, due: Timestamp, shard: u16, mut page: Page<DueRow>) -> Page<DueRow> {
    if world.is(Break::StaleDue) {
        let then = stale(world);
        page.rows.retain(|row| !matches!(row, DueRow::Message { at, .. } if *at > then));
    }
    if world.is(Break::CutsBehindMessages) {
        page.rows.sort_by_key(|row| (row.lane().key(), matches!(row, DueRow::Cuts(_))));
    }
    if world.is(Break::UnconditionalPut) {
        let book = lock(&world.book);
        let partition = bundler::table::bucket::partition(due, shard);
        let here = book.overwritten.values().filter(|item| item.key.pk == partition);
        let messages: Vec<DueRow> = here.filter_map(|item| DueRow::from_item(item).ok()).collect();
        for row in &mut page.rows {
            if let DueRow::Pointer { lane } = row
                && let Some(message) = messages.iter().find(|message| message.lane() == lane)
            {
                *row = message.clone();
            }
        }
    }
    page
}

/// How far back a read looks that is not consistent.
pub(super) fn stale(world: &World) -> Timestamp {
    let now = super::world::moment(world.now());
    now.minus(Duration::from_millis(world.draw(|random| random.between(0, STALE_BY_MS))))
}
