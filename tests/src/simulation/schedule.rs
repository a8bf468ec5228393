//! One schedule, from a seed to its end: what stands at its beginning, the time in which things go wrong, and the time
//! after it in which everything has to come to its end. One thread, no real time.

use super::{
    breaks::Break,
    figures::{Figures, Trace},
    gate::lock,
    invocation::{Invocation, Work},
    person::Doing,
    plan::{Message, Plan, Trouble},
    world::{World, moment},
};
use crate::random::Random;
use bundler::{
    cache::SettingsCache,
    delivery::Lane,
    flush::Portion,
    health::{Health, State},
    id::WorkspaceId,
    memory::Received,
    ports::SweepTable,
    settings::Settings,
    signature::SigningSecret,
    table::sweep::LowWater,
    timestamp::Timestamp,
    window::{self, AggregationUnit},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// Once the faults stop, so many ticks bring everything to its end: six minutes until the queue hands out again what a
/// dead invocation had, three until a claim of one is over, two for the spread, and one in which a tick may be under way.
const TICKS: u64 = 12;
/// So many more where a webhook was failing: its longest wait, twice what is released may be on its way, and what
/// draining waits for in the end.
const OUTAGE_TICKS: u64 = 4 + 60 + 16;
/// So many ticks come when all is done: they must change nothing.
const SETTLED_TICKS: u64 = 2;
/// After the last window's end, when nothing goes wrong: the grace, and the clocks' skew.
const READABLE_MS: u64 = 48_000;

/// Something that happens at a moment.
pub(super) enum Happening {
    Bring(Vec<usize>),
    /// The minute.
    Tick,
    TickBetween,
    Poll,
    Send(Vec<Received>),
    Change(usize),
    /// A person looks at the webhooks, and does something about one that wants it.
    Person,
    Flush(Lane),
    Portion(Portion),
}

pub(super) struct Schedule {
    pub(super) world: Arc<World>,
    pub(super) plan: Plan,
    pub(super) trouble: Trouble,
    pub(super) is_quiet: bool,
    pub(super) running: BTreeMap<u32, Invocation>,
    pub(super) agenda: BTreeMap<(u64, u64), Happening>,
    pub(super) numbers: u64,
    /// Warm sandboxes that nobody uses.
    pub(super) ingest_caches: Vec<Arc<SettingsCache>>,
    /// For each message: whether upstream has been told that it is done, and by which clocks it was brought.
    pub(super) done: Vec<bool>,
    pub(super) brought: Vec<Vec<Timestamp>>,
    /// Cuts that were answered.
    pub(super) cuts: Vec<(Lane, Timestamp)>,
    /// Invocations that something went wrong for.
    pub(super) troubled: BTreeSet<u32>,
    /// Deliveries that a person wanted sent again.
    pub(super) resent: BTreeSet<String>,
    /// Whether a batch was worked on when others may have had it too.
    pub(super) promise_broken: bool,
    pub(super) last_change: u64,
    pub(super) trace: Trace,
    pub(super) figures: Figures,
    pub(super) steps: u64,
}

impl Schedule {
    pub(super) fn new(seed: u64, broken: Option<Break>, is_told: bool) -> Self {
        let mut random = Random(seed);
        let plan = Plan::draw(&mut random);
        let world = World::new(random, &plan, broken, is_told);
        let messages = plan.messages.len();
        let mut schedule = Self {
            world: Arc::new(world),
            trouble: plan.trouble.clone(),
            plan,
            is_quiet: false,
            running: BTreeMap::new(),
            agenda: BTreeMap::new(),
            numbers: 0,
            ingest_caches: Vec::new(),
            done: vec![false; messages],
            brought: vec![Vec::new(); messages],
            cuts: Vec::new(),
            troubled: BTreeSet::new(),
            resent: BTreeSet::new(),
            promise_broken: false,
            last_change: 0,
            trace: Trace::new(is_told),
            figures: Figures::default(),
            steps: 0,
        };
        schedule.set_up();
        schedule
    }

    fn set_up(&mut self) {
        for workspace in &self.plan.workspaces {
            let url = format!("https://example.org/{}", workspace.name);
            let secret = SigningSecret::from_bytes([7; 32]);
            let mut settings = Settings::new(url, workspace.schedule, secret);
            settings.concurrency = workspace.concurrency;
            settings.owner_email = Some(format!("owner@{}.example.com", workspace.name));
            self.world.put_settings(&id(workspace.name), &settings).expect("memory keeps settings");
        }
        // Most deployments have ticked before: only some schedules begin with the very first tick.
        if self.world.draw(|random| random.chance(995)) {
            let mark = window::last_due(AggregationUnit::HOUR, moment(self.plan.start));
            super::ports::at_once(self.world.table.raise_low_water(LowWater { due: mark, shards: 0 }))
                .expect("memory keeps a mark");
        }
        {
            let mut book = lock(&self.world.book);
            book.receiver_fails = self.trouble.receiver;
            book.receiver_dead = self.trouble.receiver_dead;
            book.index_lag_ms = self.trouble.index_lag_ms;
            let lane = |message: &Message| self.plan.lane(message.workspace, message.chat);
            book.shards = self.plan.messages.iter().map(|message| lane(message).shard()).collect();
        }
        self.bring_as_planned();
        for (place, (at, ..)) in self.plan.changes.iter().enumerate() {
            self.agenda.insert((*at, u64::MAX - place as u64), Happening::Change(place));
        }
        for place in 0..self.plan.flushes.len() {
            let (at, workspace, chat) = self.plan.flushes[place];
            self.at(at, Happening::Flush(self.plan.lane(workspace, chat)));
        }
        for at in self.plan.looks.clone() {
            self.at(at, Happening::Person);
        }
        self.at(self.plan.start, Happening::Tick);
    }

    /// Messages that come at nearly the same time may come in one call.
    fn bring_as_planned(&mut self) {
        let each = self.plan.messages.iter().enumerate();
        let mut all: Vec<(u64, usize)> =
            each.flat_map(|(place, message)| message.brought.iter().map(move |at| (*at, place))).collect();
        all.sort_unstable();
        let mut calls: Vec<(u64, Vec<usize>)> = Vec::new();
        for (at, place) in all {
            let together = self.world.draw(|random| random.chance(400));
            match calls.last_mut() {
                Some((last, call)) if together && at < *last + 5_000 && !call.contains(&place) => {
                    *last = at;
                    call.push(place);
                }
                Some(_) | None => calls.push((at, vec![place])),
            }
        }
        for (at, call) in calls {
            self.at(at, Happening::Bring(call));
        }
    }

    pub(super) fn at(&mut self, moment: u64, happening: Happening) {
        self.numbers += 1;
        self.agenda.insert((moment, self.numbers), happening);
    }

    pub(super) fn note(&mut self, name: &'static str, numbers: [u64; 2], line: impl FnOnce() -> String) {
        let now = self.world.now();
        let told = self.trace.lines.is_some();
        self.trace.note(name, [now, numbers[0], numbers[1]], || format!("{}  {name:<14} {}", clock(now), line()));
        if told {
            let lines = std::mem::take(&mut lock(&self.world.book).lines);
            let lines = lines.into_iter().map(|line| format!("{}  | {line}", clock(now)));
            self.trace.lines.as_mut().expect("somebody reads").extend(lines);
        }
    }

    /// Runs all of it. The error is a schedule that comes to no end.
    pub(super) fn run(&mut self) -> Result<(), String> {
        self.run_to(self.plan.quiet)?;
        self.quiet();
        let is_busy = |schedule: &Self| {
            let brings = |happening: &Happening| matches!(happening, Happening::Bring(_));
            schedule.running.values().any(|one| matches!(one.work, Work::Ingest { .. } | Work::Change))
                || schedule.agenda.values().any(brings)
        };
        while is_busy(self) {
            self.step(u64::MAX)?;
        }
        let last = self.last_due().map_or(0, |due| due.millis() + READABLE_MS);
        let first = self.world.now().max(last);
        // Where few references of a webhook go at a time, one of them may wait for another's minute.
        let is_healthy = |health: &Health| health.state == State::Healthy;
        let outage = if self.healths().values().all(is_healthy) { 0 } else { OUTAGE_TICKS };
        let ticks = TICKS + outage + if self.plan.bounds.turn < 10 { 2 * self.done.len() as u64 } else { 0 };
        let mut settled = 0;
        for tick in 0..ticks {
            self.run_to(first + tick * 60_000)?;
            settled += u64::from(self.is_settled());
            if settled > SETTLED_TICKS {
                break;
            }
            self.person(Doing::WhatIsNeeded);
            self.start_tick();
            self.at(self.world.now(), Happening::Poll);
        }
        self.run_to(self.world.now() + 60_000)?;
        while !self.running.is_empty() || !self.world.waiting().is_empty() {
            self.step(u64::MAX)?;
        }
        self.note("end", [0, 0], String::new);
        Ok(())
    }

    /// From here on nothing goes wrong any more; upstream brings what was never answered with success.
    fn quiet(&mut self) {
        self.note("quiet", [0, 0], || "nothing goes wrong any more".to_owned());
        self.is_quiet = true;
        self.trouble = Trouble { slow_ms: 300, passing: 100, skew_ms: self.trouble.skew_ms, ..Trouble::default() };
        {
            let mut book = lock(&self.world.book);
            (book.receiver_fails, book.receiver_dead, book.index_lag_ms) = (0, (0, 0), 1_000);
        }
        let now = self.world.now();
        for (_, happening) in std::mem::take(&mut self.agenda) {
            match happening {
                Happening::Send(batch) => self.at(now, Happening::Send(batch)),
                Happening::Poll => self.at(now, Happening::Poll),
                Happening::Portion(portion) => self.at(now, Happening::Portion(portion)),
                Happening::Bring(_)
                | Happening::Tick
                | Happening::TickBetween
                | Happening::Change(_)
                | Happening::Person
                | Happening::Flush(_) => {}
            }
        }
        self.at(now + 361_000, Happening::Poll);
        for place in 0..self.done.len() {
            if !self.done[place] {
                let after = self.world.draw(|random| random.between(1_000, 30_000));
                self.at(now + after, Happening::Bring(vec![place]));
            }
        }
    }

    /// Whether everything has arrived, and nobody has anything to do.
    fn is_settled(&self) -> bool {
        let book = lock(&self.world.book);
        let has_arrived = |place: &usize| {
            book.attempts.iter().any(|attempt| attempt.status == Some(200) && attempt.messages.contains(place))
        };
        self.running.is_empty()
            && book.appointed.is_empty()
            && self.world.queue.is_empty() == Ok(true)
            && (0..self.done.len()).all(|it| has_arrived(&it))
    }

    /// The last end of a window that holds anything.
    fn last_due(&self) -> Option<Timestamp> {
        let items = self.world.table.store().items();
        let due = |key: &str| Timestamp::parse_key(key.strip_prefix("due#")?.split('#').next()?);
        items.iter().filter_map(|item| due(&item.key.pk)).max()
    }
}

/// An id of a workspace.
pub(super) fn id(name: &str) -> WorkspaceId {
    WorkspaceId::parse(name).expect("a workspace's id")
}

fn clock(now: u64) -> String {
    moment(now).rfc3339()
}

/// How long the queue hides what it has handed out.
pub(super) const VISIBILITY: Duration = Duration::from_secs(360);
