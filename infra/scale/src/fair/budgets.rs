//! What the others may cost a healthy webhook. Virtual time is the same on every machine, so there is little slack.

use super::{
    Four,
    population::Kind,
    ran::{OfKind, Ran, permille},
};
use bundler::limits;
use std::time::Duration;

/// From when a bundle is due to its arrival, of 99 % of them, thousandths of what it is among healthy ones alone.
const LATE_99: u128 = 1_010;
/// Of the last of them. It waits for a batch in which a slow receiver got three deliveries of a group.
const LATE_ALL: u128 = 1_300;
/// What one slow receiver's answer can hold up on the queue, and three can, besides what everybody waits.
const QUEUED_99: Duration = Duration::from_secs(16);
const QUEUED_ALL: Duration = Duration::from_secs(45);
/// Requests of the healthy, thousandths of what they are among healthy ones alone.
const REQUESTS: u128 = 1_001;
/// What one dead webhook asks of the table in a day, until it is disabled and after: requests and write units.
const DEAD_REQUESTS: u64 = 400;
const DEAD_WRITES: u64 = 230;
/// What it is sent: a probe for each error that disables it, and what was under way at the first.
const DEAD_POSTS: u64 = 12;

/// What does not hold.
pub(crate) fn broken(four: &Four) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, ran) in four.named() {
        broken.extend(ran.wrong().into_iter().map(|wrong| format!("{name}: {wrong}")));
        broken.extend(of_the_healthy(four, ran).into_iter().map(|wrong| format!("beside {name}: {wrong}")));
        broken.extend(of_the_dead(ran).into_iter().map(|wrong| format!("{name}: {wrong}")));
    }
    broken
}

fn of_the_healthy(four: &Four, ran: &Ran) -> Vec<String> {
    let (alone, beside) = (&four.control.kinds[&Kind::Healthy], &ran.kinds[&Kind::Healthy]);
    let mut broken = Vec::new();
    for (of, most) in [(990, LATE_99), (1_000, LATE_ALL)] {
        let (alone, beside) = (permille(&alone.since_readable, of), permille(&beside.since_readable, of));
        if beside.as_micros() * 1_000 > alone.as_micros() * most {
            broken.push(format!("{of} of 1,000 arrive within {beside:?}, and alone within {alone:?}"));
        }
    }
    for (of, most) in [(990, QUEUED_99), (1_000, QUEUED_ALL)] {
        let queued = permille(&beside.since_enqueued, of);
        if queued > most {
            broken.push(format!("{of} of 1,000 are on the queue for up to {queued:?}"));
        }
    }
    let each = |of: &OfKind, count: u64| u128::from(count) * 1_000_000 / of.bundles.max(1) as u128;
    if each(beside, beside.cost.requests) * 1_000 > each(alone, alone.cost.requests) * REQUESTS {
        broken.push(format!("{} requests for {} bundles", beside.cost.requests, beside.bundles));
    }
    // The sweep's own of two ticks, of which the first finds no turn.
    let most = four.control.deepest + 2 * usize::try_from(limits::TURN_REFERENCES).unwrap_or(usize::MAX);
    if ran.deepest > most {
        broken.push(format!("{} references are on the queue at a time, and {most} would be fair", ran.deepest));
    }
    if beside.cost.write_units != beside.bundles as u64 {
        broken.push(format!("{} write units for {} bundles", beside.cost.write_units, beside.bundles));
    }
    broken
}

fn of_the_dead(ran: &Ran) -> Vec<String> {
    let dead = ran.kinds.iter().filter(|(kind, _)| !kind.takes());
    let mut broken = Vec::new();
    for (kind, of) in dead {
        let (name, webhooks) = (kind.name(), of.webhooks as u64);
        if of.cost.requests > DEAD_REQUESTS * webhooks || of.cost.write_units > DEAD_WRITES * webhooks {
            broken.push(format!("{name}: {:?} for {webhooks} webhooks", of.cost));
        }
        if of.posts > DEAD_POSTS * webhooks {
            broken.push(format!("{name}: {} requests went to {webhooks} receivers", of.posts));
        }
    }
    broken
}
