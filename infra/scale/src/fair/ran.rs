//! What a day came to, and what has to hold of it whatever the population is.

use super::{population::Kind, run::Slots, world::World};
use bundler::{flush::count_waiting, health::State, id::WebhookId, mail::Count, memory::Cost, ports::ReadStanding};
use futures_util::FutureExt;
use std::{collections::BTreeMap, time::Duration};

pub(crate) struct Ran {
    pub(crate) kinds: BTreeMap<Kind, OfKind>,
    /// Of requests that are about no webhook, or about many: ticks, and the queue's.
    pub(crate) shared: Cost,
    pub(crate) slots: Slots,
    /// References that are still on the queue.
    pub(crate) left: usize,
    /// The most that were on it at a time.
    pub(crate) deepest: usize,
    /// Lines that say that something is ours to mend.
    pub(crate) errors: Vec<String>,
    /// Deliveries out of order, twice at a time, or too many at a time.
    pub(crate) violations: Vec<String>,
}

/// What webhooks of one kind came to.
#[derive(Default)]
pub(crate) struct OfKind {
    pub(crate) webhooks: usize,
    pub(crate) disabled: usize,
    pub(crate) bundles: usize,
    pub(crate) arrived: usize,
    /// What a person sees as held.
    pub(crate) held: u64,
    /// From when a bundle could be read to its arrival, and from when it was on the queue: in order.
    pub(crate) since_readable: Vec<Duration>,
    pub(crate) since_enqueued: Vec<Duration>,
    /// When the last one arrived.
    pub(crate) last: Duration,
    pub(crate) posts: u64,
    pub(crate) cost: Cost,
}

impl Ran {
    pub(crate) fn of(world: &World, slots: Slots) -> Self {
        let mut kinds: BTreeMap<Kind, OfKind> = BTreeMap::new();
        let (hook, now) = (WebhookId::first(), world.machine.now());
        for (workspace, kind) in world.population.workspaces() {
            let of = kinds.entry(kind).or_default();
            let standing = world.table.read_standing(&workspace, &hook).now_or_never();
            let standing = standing.expect("memory answers at once").expect("it reads").expect("it is there");
            of.webhooks += 1;
            of.disabled += usize::from(matches!(standing.health.state, State::Disabled { .. }));
            let held = count_waiting(&world.table, &workspace, &hook, &standing.health, now).now_or_never();
            match held.expect("memory answers at once").expect("it reads") {
                Count::Exactly(held) | Count::MoreThan(held) => of.held += held,
            }
        }
        let (left, deepest) = {
            let queue = world.queue();
            (queue.len(), queue.deepest)
        };
        let ledger = world.ledger();
        for bundle in &ledger.bundles {
            let of = kinds.entry(bundle.kind).or_default();
            of.bundles += 1;
            of.posts += u64::from(bundle.attempts);
            if let (Some(delivered), Some(enqueued)) = (bundle.delivered, bundle.enqueued) {
                of.arrived += 1;
                of.since_readable.push(delivered.saturating_sub(bundle.readable));
                of.since_enqueued.push(delivered.saturating_sub(enqueued));
                of.last = delivered.max(of.last);
            }
        }
        for (kind, of) in &mut kinds {
            of.since_readable.sort_unstable();
            of.since_enqueued.sort_unstable();
            of.cost = ledger.costs.get(&Some(*kind)).copied().unwrap_or_default();
        }
        Self {
            kinds,
            shared: ledger.costs.get(&None).copied().unwrap_or_default(),
            slots,
            left,
            deepest,
            errors: ledger.errors.clone(),
            violations: ledger.violations.clone(),
        }
    }

    /// What is wrong with it, whoever was there: nothing is lost, out of order, twice, or left lying.
    pub(crate) fn wrong(&self) -> Vec<String> {
        let mut wrong: Vec<String> = self.errors.iter().chain(&self.violations).take(10).cloned().collect();
        let mut hold = |holds: bool, what: String| wrong.extend((!holds).then_some(what));
        hold(self.left == 0, format!("{} references are left on the queue", self.left));
        for (kind, of) in &self.kinds {
            let (name, held) = (kind.name(), usize::try_from(of.held).unwrap_or(usize::MAX));
            hold(
                of.arrived + held == of.bundles,
                format!("{name}: {} of {} arrived, {held} are held", of.arrived, of.bundles),
            );
            let (arrived, disabled) = if kind.takes() { (of.bundles, 0) } else { (0, of.webhooks) };
            hold(of.arrived == arrived, format!("{name}: {} arrived and not {arrived}", of.arrived));
            hold(of.disabled == disabled, format!("{name}: {} disabled and not {disabled}", of.disabled));
        }
        wrong
    }

    /// What requests of all came to, and those that are about no webhook.
    pub(crate) fn total(&self) -> Cost {
        self.kinds.values().fold(self.shared, |total, of| total.plus(of.cost))
    }

    pub(crate) fn arrived(&self) -> usize {
        self.kinds.values().map(|of| of.arrived).sum()
    }
}

/// What so many of a thousand `spans`, which are in order, are not longer than.
pub(crate) fn permille(spans: &[Duration], permille: usize) -> Duration {
    let place = (spans.len() * permille).div_ceil(1_000).saturating_sub(1);
    spans.get(place).copied().unwrap_or_default()
}
