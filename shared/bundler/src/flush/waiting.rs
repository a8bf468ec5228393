//! How much waits for a webhook: what is held, and what stays in its buckets. It is counted for people, as far as they
//! want to know.

use super::{lanes::Walk, look::is_over};
use crate::{
    health::Health,
    id::{WebhookId, WorkspaceId},
    limits,
    mail::Count,
    ports::{Answer, ReadHeld, ReadRests},
    table::{lane::HeldKind, turn::Rest},
    timestamp::Timestamp,
};

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    pub count: Count,
    /// When the first of those that were counted was due.
    pub oldest: Option<Timestamp>,
}

/// Counts what waits for a webhook and was neither dropped nor has expired.
pub async fn count_waiting<T: ReadHeld + ReadRests>(
    table: &T,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    health: &Health,
    now: Timestamp,
) -> Answer<Count> {
    look_at_waiting(table, workspace, webhook, health, now).await.map(|waits| waits.count)
}

/// Counts what waits for a webhook and was neither dropped nor has expired, and says since when.
pub async fn look_at_waiting<T: ReadHeld + ReadRests>(
    table: &T,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    health: &Health,
    now: Timestamp,
) -> Answer<Waits> {
    let (mut count, mut oldest) = (0, None);
    let mut is_older = |due: Timestamp| oldest = Some(oldest.map_or(due, |oldest: Timestamp| oldest.min(due)));
    for kind in [HeldKind::Waiting, HeldKind::Retrying] {
        let mut after = None;
        loop {
            let page = table.read_held(workspace, webhook, kind, after.as_ref()).await?;
            for held in page.rows.iter().filter(|held| !is_over(&held.key, health, now)) {
                count += 1;
                is_older(held.key.due());
            }
            after = page.after;
            if after.is_none() || count > limits::COUNTED {
                break;
            }
        }
    }
    for rest in table.read_rests(workspace, webhook).await? {
        if count > limits::COUNTED {
            break;
        }
        if health.is_over(rest.due, now) {
            continue;
        }
        let due = rest.due;
        let more = count_rest(table, rest, limits::COUNTED - count).await?;
        if more > 0 {
            is_older(due);
        }
        count += more;
    }
    let count = if count > limits::COUNTED { Count::MoreThan(limits::COUNTED) } else { Count::Exactly(count) };
    Ok(Waits { count, oldest })
}

/// Counts the deliveries of one shard until they are more than `most`.
async fn count_rest<T: ReadRests>(table: &T, mut rest: Rest, most: u64) -> Answer<u64> {
    let (mut walk, mut count) = (Walk::of(rest.due), 0);
    loop {
        let page = table.read_rest(&rest).await?;
        count += page.rows.iter().map(|row| walk.step(row).len() as u64).sum::<u64>();
        rest.after = page.after;
        if rest.after.is_none() || count > most {
            return Ok(count);
        }
    }
}
