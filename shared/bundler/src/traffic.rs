//! What a webhook has carried, day by day: requests, errors and messages. It is counted from the log when somebody looks, so
//! that a delivery writes nothing for it; what was counted is kept, so that it is counted once.
//!
//! Days are those of the owner's clock, as everything is that he is told. What is kept is a span of time, by whatever clock:
//! who changes the time zone has other days, which are counted anew, and never one day's count for another.
//!
//! A request belongs to the day by which it stands in the log: a bundle that was taken at once, to the one it fell due on.

use crate::{
    id::{WebhookId, WorkspaceId},
    limits,
    ports::{Answer, Clock, KeepTraffic},
    schedule::{DailyHour, Schedule},
    table::traffic::{CountedDay, Tally},
    timestamp::Timestamp,
    window::{AggregationUnit, Granularity, Window},
    zone::Zone,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// Oldest first: each day, also one on which nothing happened, but for those that there was no time to count.
    pub days: Vec<Day>,
    /// Whether none is missing. The next look goes on where this one ended.
    pub is_whole: bool,
}

/// Tests count as nothing, and so does an entry of the log that does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Midnight, or the first moment of the day where the clock leaps over it.
    pub begins: Timestamp,
    /// Requests, whatever came of them.
    pub calls: u64,
    /// Those that were not taken.
    pub errors: u64,
    /// Those in the documents that were taken.
    pub messages: u64,
}

/// Counts the last `days`, up to 30, of which the present one is the last. No request begins after `deadline`.
pub async fn count<T: KeepTraffic, C: Clock>(
    table: &T,
    clock: &C,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    zone: Zone,
    days: u64,
    deadline: Timestamp,
) -> Answer<Traffic> {
    let now = clock.now();
    let windows = last_days(zone, now, days.min(limits::TRAFFIC_DAYS));
    let Some(oldest) = windows.last() else { return Ok(Traffic { days: Vec::new(), is_whole: true }) };
    let kept = table.read_counted_days(workspace, webhook, oldest.start).await?.rows;
    let settled = now.minus(limits::LOG_SETTLED);
    let pages = AtomicUsize::new(limits::TRAFFIC_PAGES);
    let look = Look { table, clock, workspace, webhook, settled, deadline, pages: &pages };
    // The newest first, while there is time.
    let counts = windows.iter().map(|day| {
        let kept = kept.iter().find(|kept| kept.day == *day).cloned();
        look.day(kept.unwrap_or_else(|| CountedDay::none(*day)))
    });
    // Gathered first: a stream that makes them as it goes could be moved to no other thread.
    let counts: Vec<_> = counts.collect();
    let counts: Vec<Option<Day>> = stream::iter(counts).buffered(limits::TRAFFIC_CONCURRENCY).try_collect().await?;
    let is_whole = counts.iter().all(Option::is_some);
    Ok(Traffic { days: counts.into_iter().rev().flatten().collect(), is_whole })
}

/// Newest first.
fn last_days(zone: Zone, now: Timestamp, days: u64) -> Vec<Window> {
    let schedule = Schedule { granularity: Granularity::Hours24, zone, daily_hour: DailyHour::MIDNIGHT };
    let day = |moment| Window::of(schedule, AggregationUnit::HOUR, moment);
    let before = |next: &Window| day(next.start.minus(Duration::from_millis(1)));
    (0..days).zip(std::iter::successors(day(now), before)).map(|(_, day)| day).collect()
}

/// A look at the log of a webhook.
struct Look<'a, T, C> {
    table: &'a T,
    clock: &'a C,
    workspace: &'a WorkspaceId,
    webhook: &'a WebhookId,
    /// Before this moment nothing is added to the log any more.
    settled: Timestamp,
    deadline: Timestamp,
    /// How many more it may read.
    pages: &'a AtomicUsize,
}

impl<T: KeepTraffic, C: Clock> Look<'_, T, C> {
    /// Counts what is behind that which was counted; nothing, if there is no time for all of it.
    async fn day(&self, mut counted: CountedDay) -> Answer<Option<Day>> {
        let (before, mut fresh) = (counted.clone(), Tally::default());
        let until = counted.day.end.key();
        let settled = self.settled.clamp(counted.day.start, counted.day.end);
        let mut is_whole = counted.is_whole();
        let mut after = counted.through.clone();
        while !is_whole && self.may_read() {
            let page = self.table.read_log(self.workspace, self.webhook, &after, &until).await?;
            for attempted in &page.rows {
                let tally = if attempted.at < settled { &mut counted.tally } else { &mut fresh };
                tally.add(attempted);
            }
            // Whose clock is behind finds nothing more that is settled, and so keeps nothing.
            counted.through = page.after.clone().map_or(settled.key(), |after| after.min(settled.key()));
            is_whole = page.after.is_none();
            after = page.after.unwrap_or(after);
        }
        // Of a day that goes on and has brought nothing new there is nothing to keep.
        if counted.tally != before.tally || counted.is_whole() != before.is_whole() {
            self.table.put_counted_day(self.workspace, self.webhook, &counted).await?;
        }
        let Tally { calls, errors, messages } = counted.tally;
        Ok(is_whole.then(|| Day {
            begins: counted.day.start,
            calls: calls + fresh.calls,
            errors: errors + fresh.errors,
            messages: messages + fresh.messages,
        }))
    }

    fn may_read(&self) -> bool {
        let take = |left: usize| left.checked_sub(1);
        self.clock.now() < self.deadline && self.pages.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}
