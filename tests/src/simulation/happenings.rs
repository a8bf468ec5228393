//! What happens in a schedule: messages are brought, ticks come, the queue is polled, settings change; and what becomes of
//! an invocation that ends.

use super::{
    breaks::Break,
    gate::lock,
    invocation::{self, End, Invocation, LIFE_MS, Way, Work},
    person::Doing,
    ports::Ports,
    schedule::{Happening, Schedule, VISIBILITY, id},
};
use bundler::{
    cut::FlushNow, delivery::Lane, flush::Portion, limits, memory::Received, ports::Clock, timestamp::Timestamp,
};
use std::sync::{Mutex, atomic::AtomicBool};

const MINUTE: u64 = 60_000;
/// Ingest's life, milliseconds.
const INGEST_LIFE_MS: u64 = 10_000;
const SANDBOXES: usize = 3;
/// Batches that are worked on at the same time.
const SENDERS: usize = 3;

impl Schedule {
    pub(super) fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Bring(messages) => self.bring(messages),
            Happening::Tick => self.minute(),
            Happening::TickBetween => self.tick(),
            Happening::Poll => self.poll(),
            Happening::Send(batch) => self.send(batch),
            Happening::Change(place) => self.change(place),
            Happening::Flush(lane) => self.flush(lane),
            Happening::Person => self.person(Doing::Anything),
            Happening::Portion(portion) => self.portion(portion),
        }
    }

    fn ports(&mut self) -> Ports {
        self.numbers += 1;
        let skew = self.trouble.skew_ms;
        let ahead_ms = self.world.draw(|random| random.between(0, 2 * skew)).cast_signed() - skew.cast_signed();
        let invocation = u32::try_from(self.numbers).unwrap_or(u32::MAX);
        Ports {
            world: self.world.clone(),
            invocation,
            began: self.world.now(),
            clock: self.world.clock(ahead_ms),
            begins_at: None,
            leaps: AtomicBool::default(),
            late_rests: Mutex::default(),
        }
    }

    fn start(&mut self, number: u32, life_ms: u64, task: super::executor::Task<End>, work: Work) {
        *self.figures.invocations.entry(work.name()).or_default() += 1;
        let name = work.name();
        let about = match &work {
            Work::Ingest { messages, .. } => format!("{messages:?}"),
            Work::Send { batch } => format!("{:?}", batch.iter().map(|one| &one.reference).collect::<Vec<_>>()),
            Work::Tick | Work::Flush { .. } | Work::Change => String::new(),
        };
        self.note("start", [u64::from(number), 0], || format!("{name} {number} {about}"));
        let ends = self.world.now() + life_ms;
        self.running.insert(number, Invocation { task, ends, work });
    }

    fn bring(&mut self, messages: Vec<usize>) {
        let ports = self.ports();
        let (number, now) = (ports.invocation, ports.now());
        for place in &messages {
            self.brought[*place].push(now);
        }
        let fresh = self.world.draw(|random| random.chance(300));
        let sandbox = if fresh { None } else { self.ingest_caches.pop() }.unwrap_or_default();
        let way = if self.world.draw(|random| random.chance(600)) { Way::Queue } else { Way::Direct };
        let task = invocation::ingest(ports, &self.plan, &messages, way, sandbox.clone());
        self.start(number, INGEST_LIFE_MS, task, Work::Ingest { messages, sandbox });
    }

    /// A minute: most bring a tick, and those in which nothing can be due are passed over more often than not.
    fn minute(&mut self) {
        let now = self.world.now();
        let delay = self.world.draw(|random| random.between(0, 3_000));
        self.at((now / MINUTE + 1) * MINUTE + delay, Happening::Tick);
        let is_missed = |ms: u64| self.world.draw(|random| random.chance(ms));
        let is_near = {
            let book = lock(&self.world.book);
            let near = |due: &Timestamp| (due.millis() + 30_000..due.millis() + 240_000).contains(&now);
            // A cut, or a turn, may go on with every minute.
            !book.appointed.is_empty() || book.dues.iter().any(near)
        };
        if now < self.trouble.no_ticks_until || is_missed(self.trouble.ticks) || (!is_near && is_missed(850)) {
            return;
        }
        self.tick();
    }

    /// A tick, and at times another before the next minute.
    fn tick(&mut self) {
        self.start_tick();
        let twice = self.trouble.twice;
        if self.world.draw(|random| random.chance(twice)) {
            *self.figures.faults.entry("tick between").or_default() += 1;
            let after = self.world.draw(|random| {
                let most = random.one_of(&[0, 1_000, MINUTE / 2]);
                random.between(0, most)
            });
            self.at(self.world.now() + after, Happening::TickBetween);
        }
    }

    pub(super) fn start_tick(&mut self) {
        let mut ports = self.ports();
        if ports.is(Break::NoGrace) {
            ports.clock.ahead_ms += i64::try_from(limits::GRACE.as_millis()).unwrap_or_default();
        }
        let number = ports.invocation;
        let task = invocation::tick(ports, self.world.now(), self.plan.bounds);
        self.start(number, LIFE_MS, task, Work::Tick);
    }

    fn portion(&mut self, portion: Portion) {
        let ports = self.ports();
        let number = ports.invocation;
        let task = invocation::portion(ports, self.world.now(), self.plan.bounds, portion);
        self.start(number, LIFE_MS, task, Work::Tick);
    }

    fn flush(&mut self, lane: Lane) {
        let mut ports = self.ports();
        if ports.is(Break::CutAfterTheEnd) {
            ports.clock.ahead_ms -= 150_000;
        }
        let number = ports.invocation;
        self.start(number, LIFE_MS, invocation::flush(ports, lane.clone()), Work::Flush { lane });
    }

    /// What a request has set going begins within a minute, or never.
    pub(super) fn set_going(&mut self) {
        let asked_for = std::mem::take(&mut lock(&self.world.book).asked_for);
        for happening in asked_for {
            let within = if self.is_quiet { 5_000 } else { MINUTE };
            let after = self.world.draw(|random| random.between(0, within));
            let (lost, slow) = (self.trouble.ticks, self.trouble.slow_ms);
            if self.world.draw(|random| random.chance(lost)) {
                *self.figures.faults.entry("handed over, lost").or_default() += 1;
            } else {
                self.at(self.world.now() + after.min(slow * 10), happening);
            }
        }
    }

    fn poll(&mut self) {
        let now = self.world.now();
        let senders = self.running.values().filter(|one| matches!(one.work, Work::Send { .. })).count();
        if senders >= SENDERS {
            // Whoever ends polls again.
            return;
        }
        let most = self.world.draw(|random| random.one_of(&[1, 2, 10, 10]));
        let batch = self.world.queue.receive(most).expect("memory hands out");
        if batch.is_empty() {
            return;
        }
        self.at(now, Happening::Poll);
        let hidden = u64::try_from(VISIBILITY.as_millis()).unwrap_or_default();
        self.at(now + if self.world.is(Break::ShortVisibility) { 5_001 } else { hidden + 1 }, Happening::Poll);
        let trouble = self.trouble.clone();
        let (late, broken, twice) = self
            .world
            .draw(|random| (random.chance(trouble.batches), random.chance(trouble.promises), random.chance(500)));
        let by = self.world.draw(|random| random.between(1_000, MINUTE));
        let mut fault = |name| *self.figures.faults.entry(name).or_default() += 1;
        match (broken, twice, late) {
            (true, true, _) => {
                fault("batch twice");
                self.promise_broken = true;
                self.at(now, Happening::Send(batch.clone()));
                self.at(now + by, Happening::Send(batch));
            }
            (true, false, _) => {
                fault("batch past its visibility");
                self.promise_broken = true;
                self.at(now + hidden - 30_000 + by, Happening::Send(batch));
            }
            (false, _, true) => {
                fault("batch late");
                self.at(now + by, Happening::Send(batch));
            }
            (false, _, false) => self.send(batch),
        }
    }

    fn send(&mut self, batch: Vec<Received>) {
        let ports = self.ports();
        let number = ports.invocation;
        let task = invocation::send(ports, self.world.now(), &batch);
        self.start(number, LIFE_MS, task, Work::Send { batch });
    }

    /// One operator at a time: what another has put may still be on its way.
    fn change(&mut self, place: usize) {
        let now = self.world.now();
        if now < self.last_change + 20_000 {
            self.at(now + 20_000, Happening::Change(place));
            return;
        }
        self.last_change = now;
        let ports = self.ports();
        let number = ports.invocation;
        let (_, workspace, schedule) = self.plan.changes[place];
        let workspace = id(self.plan.workspaces[workspace].name);
        let settings = self.world.settings_before(&workspace, 0).expect("settings stand there");
        let task = invocation::change(ports, workspace, settings, schedule);
        self.start(number, INGEST_LIFE_MS, task, Work::Change);
    }

    pub(super) fn finish(&mut self, number: u32, end: End) {
        let Some(invocation) = self.running.remove(&number) else { return };
        let now = self.world.now();
        let told = match &end {
            End::Ingested(done) => format!("{done:?}"),
            End::Ticked(answer) => format!("{answer:?}"),
            End::Flushed(answer) => format!("{answer:?}"),
            End::Sent(kept) => format!("keeps {kept:?}"),
            End::Changed(answer) => format!("{answer:?}"),
        };
        self.note("return", [u64::from(number), 0], || format!("{} {number} {told}", invocation.work.name()));
        match (invocation.work, end) {
            (Work::Ingest { messages, sandbox }, End::Ingested(done)) => {
                give_back(&mut self.ingest_caches, sandbox);
                for (place, done) in messages.into_iter().zip(done) {
                    self.done[place] |= done;
                    if !done {
                        self.bring_again(place);
                    }
                }
            }
            (Work::Flush { lane }, End::Flushed(Ok(FlushNow::Cut(cut)))) => self.cuts.push((lane, cut)),
            (Work::Tick, End::Ticked(_)) | (Work::Flush { .. }, End::Flushed(_)) | (Work::Change, End::Changed(_)) => {}
            (Work::Send { batch }, End::Sent(kept)) => {
                for (place, one) in batch.iter().enumerate() {
                    let is_lost = !self.is_quiet && self.world.draw(|random| random.chance(self.trouble.requests / 4));
                    if is_lost {
                        self.troubled.insert(number);
                        *self.figures.faults.entry("deletion lost").or_default() += 1;
                    } else if !kept.contains(&place) || self.world.is(Break::FailureForgotten) {
                        self.world.queue.finish(one).expect("memory finishes");
                    }
                }
                self.at(now, Happening::Poll);
            }
            (Work::Ingest { .. } | Work::Tick | Work::Flush { .. } | Work::Send { .. } | Work::Change, _) => {
                unreachable!("a run ends with what it is about")
            }
        }
    }

    /// Upstream brings a message again that it was not told to be done.
    pub(super) fn bring_again(&mut self, place: usize) {
        if self.done[place] {
            return;
        }
        let after = self.world.draw(|random| random.between(500, MINUTE));
        self.at(self.world.now() + after, Happening::Bring(vec![place]));
    }

    /// What the queue took may be polled at once, or a little later.
    pub(super) fn poll_soon(&mut self) {
        let after = self.world.draw(|random| {
            let most = if random.chance(900) { 1_000 } else { MINUTE };
            random.between(0, most)
        });
        self.at(self.world.now() + after, Happening::Poll);
    }
}

fn give_back<T>(caches: &mut Vec<T>, sandbox: T) {
    if caches.len() < SANDBOXES {
        caches.push(sandbox);
    }
}
