//! The checker: holds what the receiver was sent against what was accepted. It reads the receiver's book, the plan and
//! what is left in the stores; how it came about is not its business.

use super::{
    gate::lock,
    history::Attempted,
    ports::at_once,
    schedule::{Schedule, id},
    world::moment,
};
use bundler::{
    delivery::{DeliveryKey, Lane, Subject},
    id::KeyPart,
    limits,
    ports::CutTable,
    settings::Settings,
    table::{cut::Cuts, lane::DeliveryState},
    timestamp::Timestamp,
    window::{AggregationUnit, Window},
};
use std::collections::{BTreeMap, BTreeSet};

/// What does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The same words for every case of it.
    pub rule: &'static str,
    pub detail: String,
}

/// A delivery as its attempts show it.
struct Seen<'a> {
    key: DeliveryKey,
    attempts: Vec<&'a Attempted>,
}

pub(super) fn check(schedule: &Schedule) -> Vec<Violation> {
    let settings = settings(schedule);
    let allowed = (0..schedule.done.len()).map(|place| allowed(schedule, &settings, place)).collect();
    let mut checker = Checker { schedule, allowed, violations: Vec::new() };
    let book = lock(&schedule.world.book);
    let mut by_id: BTreeMap<&str, Vec<&Attempted>> = BTreeMap::new();
    for attempt in &book.attempts {
        by_id.entry(&attempt.webhook_id).or_default().push(attempt);
    }
    let mut seen = Vec::new();
    for (webhook_id, attempts) in by_id {
        checker.one_id(webhook_id, &attempts);
        match checker.name(attempts[0]) {
            Some(key) => seen.push(Seen { key, attempts }),
            None => checker.broken("a bundle holds what belongs in it", || {
                format!("{webhook_id} with {:?} is no delivery of its first message", attempts[0].messages)
            }),
        }
    }
    for delivery in &seen {
        checker.contents(delivery);
        checker.time(delivery);
    }
    checker.every_message(&book.attempts);
    checker.lanes(&seen);
    checker.cuts();
    drop(book);
    checker.healths();
    checker.left_over();
    checker.violations
}

pub(super) struct Checker<'a> {
    pub(super) schedule: &'a Schedule,
    /// By message: what it may be delivered as.
    allowed: Vec<BTreeSet<Subject>>,
    pub(super) violations: Vec<Violation>,
}

fn settings(schedule: &Schedule) -> Vec<Settings> {
    let read = |name: &str| schedule.world.settings_before(&id(name), 0).expect("settings stand there");
    schedule.plan.workspaces.iter().map(|workspace| read(workspace.name)).collect()
}

/// What a message may be delivered as, by its workspace's settings with every change that was made: by its timestamp,
/// and where a clock that it was brought by said that it is late, by that clock.
fn allowed(schedule: &Schedule, settings: &[Settings], place: usize) -> BTreeSet<Subject> {
    let message = &schedule.plan.messages[place];
    let (settings, timestamp) = (&settings[message.workspace], moment(message.timestamp));
    let end = |at: Timestamp| Window::of(settings.schedule.at(at), AggregationUnit::HOUR, at);
    let alone = || Subject::Message { timestamp, message: KeyPart::of(&format!("m{place}")) };
    let lane = schedule.plan.lane(message.workspace, message.chat);
    let bundle = |due: Timestamp, at: Timestamp| {
        let cuts = at_once(schedule.world.table.read_cuts(due, &lane)).expect("memory reads cuts");
        let cuts = cuts.map(|cuts| cuts.moments).unwrap_or_default();
        Subject::Bundle { due, cut: cuts.into_iter().find(|cut| at <= *cut) }
    };
    let subject = |window: Option<Window>, at| window.map_or_else(alone, |window| bundle(window.end, at));
    let own = end(timestamp);
    let brought = schedule.brought[place].iter();
    brought.map(|at| subject(if own.is_none_or(|own| own.takes(*at)) { own } else { end(*at) }, *at)).collect()
}

impl Checker<'_> {
    fn broken(&mut self, rule: &'static str, detail: impl FnOnce() -> String) {
        self.violations.push(Violation { rule, detail: detail() });
    }

    /// Which delivery a request was for, by its first message.
    fn name(&self, attempt: &Attempted) -> Option<DeliveryKey> {
        let first = *attempt.messages.first()?;
        let lane = self.lane(first);
        let keys = self.allowed[first].iter();
        let mut keys = keys.map(|subject| DeliveryKey { lane: lane.clone(), subject: subject.clone() });
        keys.find(|key| key.webhook_id(attempt.part.0 - 1) == attempt.webhook_id)
    }

    fn lane(&self, place: usize) -> Lane {
        let message = &self.schedule.plan.messages[place];
        self.schedule.plan.lane(message.workspace, message.chat)
    }

    /// Membership, order and content stay as they were at the first attempt; nothing that has arrived is sent again.
    fn one_id(&mut self, webhook_id: &str, attempts: &[&Attempted]) {
        let first = attempts[0];
        for later in &attempts[1..] {
            if later.messages != first.messages || later.part != first.part {
                self.broken("membership and order never change after the first attempt", || {
                    format!("{webhook_id}: {:?} of {:?}, then {:?}", first.messages, first.part, later.messages)
                });
            } else if later.body_hash != first.body_hash {
                self.broken("every attempt has the same body", || webhook_id.to_owned());
            }
        }
        for (before, later) in attempts.iter().zip(&attempts[1..]) {
            let is_wanted = self.schedule.resent.contains(webhook_id);
            let excused =
                is_wanted || self.schedule.promise_broken || self.schedule.troubled.contains(&before.invocation);
            if before.is_known && !excused {
                self.broken("what has arrived is not sent again", || {
                    format!("{webhook_id} by {} and {}", before.invocation, later.invocation)
                });
            }
        }
    }

    fn contents(&mut self, delivery: &Seen<'_>) {
        let messages = &delivery.attempts[0].messages;
        for place in messages {
            if self.lane(*place) != delivery.key.lane || !self.allowed[*place].contains(&delivery.key.subject) {
                self.broken("a bundle holds what belongs in it", || format!("m{place} in {:?}", delivery.key.subject));
            }
        }
        let order = |place: &usize| (self.schedule.plan.messages[*place].timestamp, format!("m{place}"));
        if !messages.iter().map(order).is_sorted_by(|one, other| one < other) {
            self.broken("messages stand in order of timestamp and id", || format!("{messages:?}"));
        }
    }

    /// By the true clock: a tick's may be ahead by the skew.
    fn time(&mut self, delivery: &Seen<'_>) {
        if let Subject::Bundle { due, cut } = delivery.key.subject {
            let grace = u64::try_from(limits::GRACE.as_millis()).unwrap_or_default();
            let soonest = cut.unwrap_or(due).millis() + grace - self.schedule.trouble.skew_ms;
            let began = delivery.attempts[0].began;
            if began < soonest {
                self.broken("nothing goes out before its time", || {
                    format!("due {}, cut {cut:?}, at {}", due.rfc3339(), moment(began).rfc3339())
                });
            }
        }
    }

    /// Each accepted message has arrived, and each message under one id.
    fn every_message(&mut self, attempts: &[Attempted]) {
        let mut ids: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); self.schedule.done.len()];
        let mut arrived = vec![false; self.schedule.done.len()];
        for attempt in attempts {
            let distinct: BTreeSet<usize> = attempt.messages.iter().copied().collect();
            if distinct.len() < attempt.messages.len() {
                self.broken("a message is once in a bundle", || format!("{:?}", attempt.messages));
            }
            for place in distinct {
                let Some(ids) = ids.get_mut(place) else { continue };
                ids.insert(&attempt.webhook_id);
                arrived[place] |= attempt.status == Some(200);
            }
        }
        for (place, ids) in ids.into_iter().enumerate() {
            if ids.len() > 1 {
                self.broken("a message is in one bundle", || format!("m{place} in {ids:?}"));
            }
            if !self.schedule.done[place] {
                self.broken("every message is accepted in the end", || format!("m{place}"));
            } else if !arrived[place] {
                self.broken("every accepted message arrives", || format!("m{place}"));
            }
        }
    }

    /// One request at a time in a lane, and its bundles in order of the windows' ends.
    fn lanes(&mut self, seen: &[Seen<'_>]) {
        let mut lanes: BTreeMap<&Lane, Vec<&Seen<'_>>> = BTreeMap::new();
        for delivery in seen {
            lanes.entry(&delivery.key.lane).or_default().push(delivery);
        }
        if self.schedule.promise_broken {
            return;
        }
        for (lane, deliveries) in lanes {
            let all = deliveries.iter().flat_map(|delivery| &delivery.attempts);
            let mut spans: Vec<(u64, u64)> =
                all.map(|attempt| (attempt.began, attempt.ended.unwrap_or(u64::MAX))).collect();
            spans.sort_unstable();
            for pair in spans.windows(2) {
                if pair[1].0 < pair[0].1 {
                    self.broken("one request at a time in a lane", || format!("{} {pair:?}", lane.key()));
                }
            }
            // Each bundle's first attempt: of its parts, a later one may wait for its delivery's own next time.
            let mut firsts: BTreeMap<(Timestamp, Timestamp), u64> = BTreeMap::new();
            for delivery in deliveries {
                if let Subject::Bundle { due, cut } = delivery.key.subject {
                    let began = delivery.attempts[0].began;
                    let first = firsts.entry((due, cut.unwrap_or(due))).or_insert(began);
                    *first = began.min(*first);
                }
            }
            let bundles: Vec<_> = firsts.into_iter().map(|((due, moment), began)| (due, moment, began)).collect();
            for (due, moment, began) in &bundles {
                // A change of the schedule makes windows overlap: a cut of the later one may come before the earlier's end.
                let is_older = |other: &&(Timestamp, Timestamp, u64)| {
                    (other.0 == *due && other.1 < *moment) || (other.0 < *due && other.0 <= *moment)
                };
                if bundles.iter().filter(is_older).any(|(.., older)| older > began) {
                    self.broken("first attempts are in order", || format!("{} {bundles:?}", lane.key()));
                }
            }
        }
    }

    /// What a person was told of is not taken back.
    fn cuts(&mut self) {
        for (lane, cut) in &self.schedule.cuts {
            let stands =
                self.schedule.world.table.store().items().iter().any(|item| {
                    Cuts::from_item(item).is_ok_and(|cuts| cuts.lane == *lane && cuts.moments.contains(cut))
                });
            if !stands {
                self.broken("a cut stays where it is", || format!("{} at {}", lane.key(), cut.rfc3339()));
            }
        }
    }

    /// Nothing waits for nobody.
    fn left_over(&mut self) {
        let world = &self.schedule.world;
        let (queued, dead) = (world.queue.len(), world.queue.dead_letters());
        if queued != Ok(0) {
            self.broken("the queue is empty in the end", || format!("{queued:?}"));
        }
        if dead.as_ref().is_ok_and(|dead| !dead.is_empty()) {
            self.broken("what the receiver takes is no dead letter", || format!("{dead:?}"));
        }
        let items = world.table.store().items();
        // A rest may stand there alone: its shard was swept anew, because whoever noted it died before the turn and the mark.
        for item in items.iter().filter(|item| item.key.sk == "turn") {
            self.broken("nothing waits its turn in the end", || format!("{:?}", item.key));
        }
        for item in items.iter().filter(|item| item.key.pk.starts_with("lane#")) {
            let state = item.get_text("state").unwrap_or_default();
            if state != DeliveryState::Delivered.name() {
                self.broken("every delivery has come to its end", || format!("{:?} is {state}", item.key));
            }
        }
    }
}
