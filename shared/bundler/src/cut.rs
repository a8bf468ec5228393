//! "Flush now": cuts a chat's bucket, so that what it has gathered goes out before its window ends; and what that would
//! be, for who wants to see it first.

use crate::{
    bundle::Bundle,
    deliver,
    delivery::Lane,
    limits,
    ports::{Answer, Clock, CutTable, PortError},
    table::{bucket::BucketRow, cut::Cuts},
    timestamp::Timestamp,
    window::{AggregationUnit, Window},
};

/// What became of the wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlushNow {
    /// What had arrived by then goes out as soon as the grace is over.
    Cut(Timestamp),
    /// Nothing has been gathered, or nothing since the last cut.
    NothingGathered,
    /// The window ends so soon that all of it goes out then.
    EndsSoon(Timestamp),
    /// The webhook sends each message at once.
    NotAggregating,
    /// The bucket has been cut as often as it may be.
    CutTooOften,
    /// The workspace has no such webhook.
    NoWebhook,
}

/// Others may cut the same bucket at the same time; so many of them in a row are trouble.
const TRIES: usize = 5;

/// Cuts the bucket that the lane gathers in now. The order of cuts is that of their moments, and none is moved or taken
/// back, so that what one has taken is the same for ever.
pub async fn flush_now<T: CutTable, C: Clock>(
    table: &T,
    clock: &C,
    unit: AggregationUnit,
    lane: &Lane,
) -> Answer<FlushNow> {
    let Some(standing) = table.read_standing(&lane.workspace, &lane.webhook).await? else {
        return Ok(FlushNow::NoWebhook);
    };
    for _ in 0..TRIES {
        let now = clock.now();
        let Some(window) = Window::of(standing.gathering.schedule.at(now), unit, now) else {
            return Ok(FlushNow::NotAggregating);
        };
        if now.plus(limits::CUT_LEAD) > window.end {
            return Ok(FlushNow::EndsSoon(window.end));
        }
        let read = table.read_cuts(window.end, lane).await?;
        let mut cuts = read.clone().unwrap_or_else(|| Cuts::none(window.end, lane.clone()));
        let last = cuts.moments.last().copied();
        let Some(first) = first_gathered(table, window.end, lane, last).await? else {
            return Ok(FlushNow::NothingGathered);
        };
        if cuts.moments.len() >= limits::CUTS {
            return Ok(FlushNow::CutTooOften);
        }
        // The clocks of who took the message in and of who cut before may be ahead: a cut takes something, and is later
        // than the one before it, because what arrived after that did.
        let cut = now.max(first);
        cuts.moments.push(cut);
        if table.put_cuts(&cuts, read.as_ref()).await? {
            return Ok(FlushNow::Cut(cut));
        }
    }
    Err(PortError { doing: "cutting a bucket", code: "others cut it all the time".to_owned() })
}

/// What a cut would take now, or the window's end if it came now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    Gathered {
        window: Window,
        bundle: Bundle,
        /// Items that do not read, left out: somebody has to look at them.
        unreadable: u64,
    },
    /// Nothing has been gathered, or nothing since the last cut.
    NothingGathered,
    /// The webhook sends each message at once.
    NotAggregating,
    /// The workspace has no such webhook.
    NoWebhook,
}

/// Looks at the bucket that the lane gathers in now. It writes nothing.
pub async fn preview<T: CutTable, C: Clock>(
    table: &T,
    clock: &C,
    unit: AggregationUnit,
    lane: &Lane,
) -> Answer<Preview> {
    let Some(standing) = table.read_standing(&lane.workspace, &lane.webhook).await? else {
        return Ok(Preview::NoWebhook);
    };
    let now = clock.now();
    let Some(window) = Window::of(standing.gathering.schedule.at(now), unit, now) else {
        return Ok(Preview::NotAggregating);
    };
    let (bundle, unreadable) = deliver::read_bundle(table, lane, window.end, None).await?;
    let is_empty = bundle.events.is_empty();
    Ok(if is_empty { Preview::NothingGathered } else { Preview::Gathered { window, bundle, unreadable } })
}

/// When the first message that the query finds arrived, of those since the last cut.
async fn first_gathered<T: CutTable>(
    table: &T,
    due: Timestamp,
    lane: &Lane,
    last: Option<Timestamp>,
) -> Answer<Option<Timestamp>> {
    let mut after: Option<String> = None;
    loop {
        let page = table.read_bucket(due, lane, after.as_deref()).await?;
        let arrived = |row: &BucketRow| match row {
            BucketRow::Message { message, .. } => Some(message.at).filter(|at| last.is_none_or(|last| *at > last)),
            BucketRow::Pointer { .. } | BucketRow::Cuts(_) => None,
        };
        let first = page.rows.iter().find_map(arrived);
        after = page.after;
        if first.is_some() || after.is_none() {
            return Ok(first);
        }
    }
}
