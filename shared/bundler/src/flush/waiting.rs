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

/// Counts what waits for a webhook and was neither dropped nor has expired.
pub async fn count_waiting<T: ReadHeld + ReadRests>(
    table: &T,
    workspace: &WorkspaceId,
    webhook: &WebhookId,
    health: &Health,
    now: Timestamp,
) -> Answer<Count> {
    let mut count = 0;
    for kind in [HeldKind::Waiting, HeldKind::Retrying] {
        let mut after = None;
        loop {
            let page = table.read_held(workspace, webhook, kind, after.as_ref()).await?;
            count += page.rows.iter().filter(|held| !is_over(&held.key, health, now)).count() as u64;
            if count > limits::COUNTED {
                return Ok(Count::MoreThan(limits::COUNTED));
            }
            after = page.after;
            if after.is_none() {
                break;
            }
        }
    }
    for rest in table.read_rests(workspace, webhook).await? {
        if health.is_over(rest.due, now) {
            continue;
        }
        count += count_rest(table, rest, limits::COUNTED - count).await?;
        if count > limits::COUNTED {
            return Ok(Count::MoreThan(limits::COUNTED));
        }
    }
    Ok(Count::Exactly(count))
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
