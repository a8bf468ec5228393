//! The minute's ticks of the real sweep over a population, and what they hand over, until everything is on the queue.

use crate::{
    invocation::Invocation,
    machine::Machine,
    model::{Computing, Model},
    population::Generated,
    world::World,
};
use bundler::{
    flush::{Bounds, Portion, Sweep},
    id::WebhookId,
    limits,
    memory::{Consumed, MemoryTable, Store},
    ports::{Clock, SweepTable},
    settings::Settings,
    signature::SigningSecret,
    table::sweep::LowWater,
    window::{AggregationUnit, Granularity},
};
use futures_util::{Stream, future::BoxFuture, stream::FuturesUnordered};
use std::{collections::BTreeMap, pin::Pin, task::Poll, time::Duration};

pub(crate) const UNIT: AggregationUnit = AggregationUnit::HOUR;
/// A day. Far beyond what any size here needs.
const TICKS_MAX: u32 = 1_440;

/// When the first tick begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// A minute after the window's end: its shards become readable one after the other.
    OnTime,
    /// When all of its shards are readable.
    Late,
}

/// What it took.
pub(crate) struct Ran {
    pub(crate) consumed: Consumed,
    /// How long each tick took, until everything was on the queue.
    pub(crate) ticks: Vec<Duration>,
    /// Invocations that were given shards.
    pub(crate) others: usize,
    /// From the first tick's beginning to the last reference of each kind of tenants.
    pub(crate) until: BTreeMap<String, Duration>,
    /// References that the queue got twice.
    pub(crate) repeated: usize,
}

impl Ran {
    pub(crate) fn until_all(&self) -> Duration {
        self.until.values().max().copied().unwrap_or_default()
    }
}

/// What an invocation is for, and how long it was at it.
enum Ended {
    Tick(Duration),
    Portion,
}

pub(crate) fn run(rows: &Generated, computing: Computing, start: Start) -> Ran {
    let readable = rows.population.due.plus(limits::GRACE);
    let began = match start {
        Start::OnTime => rows.population.due.plus(Duration::from_secs(60)),
        Start::Late => readable.plus(limits::SWEEP_SPREAD),
    };
    let world = &World::new(Machine::new(began, Model::read(computing)), rows, table(rows));
    let machine = &world.machine;
    let due = rows.population.bundles();

    let (mut begun, mut ended, mut others) = (0, Vec::new(), 0);
    let mut running: FuturesUnordered<BoxFuture<'_, Ended>> = FuturesUnordered::new();
    // The alarm of the next tick, and whatever is running.
    let mut alarm: BoxFuture<'_, ()> = Box::pin(std::future::ready(()));
    machine.run(std::future::poll_fn(|context| {
        loop {
            let is_done = world.queue().references() >= due;
            if !is_done && alarm.as_mut().poll(context).is_ready() {
                running.push(Box::pin(tick(world)));
                begun += 1;
                assert!(begun < TICKS_MAX, "the sweep does not come to its end");
                alarm = Box::pin(machine.until(machine.model.tick() * begun));
                continue;
            }
            let given = world.take_given();
            others += given.len();
            let any_given = !given.is_empty();
            running.extend(given.into_iter().map(|given| -> BoxFuture<'_, Ended> { Box::pin(portion(world, given)) }));
            match Pin::new(&mut running).poll_next(context) {
                Poll::Ready(Some(one)) => ended.push(one),
                Poll::Ready(None) if is_done => return Poll::Ready(()),
                Poll::Ready(None) | Poll::Pending if !any_given => return Poll::Pending,
                Poll::Ready(None) | Poll::Pending => {}
            }
        }
    }));
    drop(running);

    let ticks = ended.into_iter().filter_map(|one| match one {
        Ended::Tick(lasted) => Some(lasted),
        Ended::Portion => None,
    });
    let consumed = world.consumed();
    let queue = world.queue();
    let (until, repeated) = (queue.last.clone(), queue.repeated);
    Ran { consumed, ticks: ticks.collect(), others, until, repeated }
}

async fn tick(world: &World<'_>) -> Ended {
    let began = world.machine.elapsed();
    let invocation = Invocation::of(world);
    let deadline = invocation.now().plus(world.machine.model.sweep());
    sweep(&invocation).tick(deadline).await.expect("the ports answer");
    Ended::Tick(world.machine.elapsed().saturating_sub(began))
}

async fn portion(world: &World<'_>, portion: Portion) -> Ended {
    let machine = &world.machine;
    machine.until(machine.elapsed() + machine.model.lasts("hand_over")).await;
    let invocation = Invocation::of(world);
    let deadline = invocation.now().plus(machine.model.sweep());
    sweep(&invocation).sweep_portion(portion, deadline).await.expect("the ports answer");
    Ended::Portion
}

type Ports<'a, W> = Invocation<'a, W>;

/// The real sweep over an invocation's ports.
pub(crate) fn sweep<'a, W>(of: &'a Ports<'a, W>) -> Sweep<'a, Ports<'a, W>, Ports<'a, W>, Ports<'a, W>, Ports<'a, W>> {
    Sweep { table: of, queue: of, clock: of, others: of, unit: UNIT, bounds: Bounds::default() }
}

/// Settings of everybody, and a low-water mark below which all is done.
fn table(rows: &Generated) -> MemoryTable {
    let table = MemoryTable::new(Store::default());
    for workspace in rows.population.workspaces() {
        let url = format!("https://hooks.example.com/{workspace}");
        let settings = Settings::new(url, Granularity::Hours1, SigningSecret::from_bytes([7; 32]));
        table.put_settings(&workspace, &WebhookId::first(), &settings).expect("settings are put");
    }
    let swept = LowWater { due: rows.population.due.minus(UNIT.due_step()), shards: 0 };
    let machine = Machine::new(swept.due, Model::read(Computing::Free));
    machine.run(table.raise_low_water(swept)).expect("a mark");
    table
}
