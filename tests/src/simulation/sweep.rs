//! The requests of the sweep, behind gates, and the pages that the sender reads as well.

use super::{
    breaks::Break,
    gate::lock,
    ports::{Ports, at_once},
    world::World,
};
use bundler::{
    ports::{Answer, Page, SweepTable},
    table::{
        bucket::BucketRow,
        sweep::{Mark, Position},
    },
    timestamp::Timestamp,
};

/// How old a read is that is not consistent, at most.
const STALE_BY_MS: u64 = 60_000;

impl SweepTable for Ports {
    async fn read_low_water(&self) -> Answer<Option<Timestamp>> {
        if let Some(begins_at) = self.begins_at {
            return Ok(Some(begins_at));
        }
        self.ask("read_low_water", String::new, |world, _| at_once(world.table.read_low_water())).await
    }

    async fn raise_low_water(&self, due: Timestamp) -> Answer<()> {
        if self.begins_at.is_some() {
            return Ok(());
        }
        let raise = move |world: &World, _| at_once(world.table.raise_low_water(due));
        self.ask("raise_low_water", || due.rfc3339(), raise).await
    }

    async fn read_marks(&self, due: Timestamp) -> Answer<Vec<Mark>> {
        let read = move |world: &World, _| at_once(world.table.read_marks(due));
        self.ask("read_marks", || due.rfc3339(), read).await
    }

    async fn put_mark(&self, mark: &Mark) -> Answer<()> {
        let about = || match &mark.position {
            Position::Complete => format!("{} shard {} complete", mark.due.rfc3339(), mark.shard),
            Position::Through(sk) => format!("{} shard {} through {sk}", mark.due.rfc3339(), mark.shard),
        };
        let mark = mark.clone();
        self.ask("put_mark", about, move |world, _| at_once(world.table.put_mark(&mark))).await
    }

    async fn read_due(&self, due: Timestamp, shard: u16, after: Option<&str>) -> Answer<Page<BucketRow>> {
        // Two hundred reads of nothing would drown the ones that matter.
        if !self.world.is_scheduled(due, shard) {
            return Ok(Page { rows: Vec::new(), unreadable: 0, after: None });
        }
        let after = after.map(str::to_owned);
        let read = move |world: &World, _| {
            let page = at_once(world.table.read_due(due, shard, after.as_deref()))?;
            Ok(seen(world, page, Break::StaleDue))
        };
        self.ask("read_due", || format!("{} shard {shard}", due.rfc3339()), read).await
    }
}

/// A page as the world's queries return it: short, and as broken as it is to be.
pub(super) fn seen(world: &World, mut page: Page<BucketRow>, stale: Break) -> Page<BucketRow> {
    if world.is(stale) {
        let book = lock(&world.book);
        let then = world.now().saturating_sub(world.draw(|random| random.between(0, STALE_BY_MS)));
        page.rows.retain(|row| book.written.get(&row.slot.key()).is_none_or(|written| *written <= then));
    }
    if world.is(Break::UnconditionalPut) {
        let book = lock(&world.book);
        for row in &mut page.rows {
            if let Some(item) = book.overwritten.get(&row.slot.key())
                && let Ok(overwritten) = BucketRow::from_item(item)
            {
                *row = overwritten;
            }
        }
    }
    if page.rows.len() > world.page_rows {
        page.rows.truncate(world.page_rows);
        page.after = page.rows.last().map(|row| row.slot.key().sk);
    }
    page
}
