//! A day of ticks and batches over a population, in virtual time: the real sweep and the real sender, as many batches at
//! a time as the template lets Lambda have.

use super::{
    batch::send,
    population::{Kind, Population, number},
    queue::{Fifo, Handed, Packing},
    ran::Ran,
    world::World,
};
use crate::{
    invocation::Invocation,
    machine::Machine,
    model::{Computing, Model},
    run::{UNIT, sweep},
    world::NoJournal,
};
use bundler::{
    flush::Portion,
    id::WebhookId,
    limits,
    memory::{MemoryTable, Store},
    ports::{Clock, SweepTable},
    settings::Settings,
    signature::SigningSecret,
    table::sweep::LowWater,
    window::Granularity,
};
use futures_util::{FutureExt, Stream, future::BoxFuture, stream::FuturesUnordered};
use std::{pin::Pin, task::Poll, time::Duration};

/// Longer than the longest row of errors that disables a webhook, and than any backlog here.
const DAY_AND_MORE: Duration = Duration::from_secs(27 * 3_600);

/// How the deployment is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deployment {
    /// Batches at a time.
    pub(crate) senders: usize,
    pub(crate) packing: Packing,
}

impl Deployment {
    pub(crate) fn of_the_template(packing: Packing) -> Self {
        Self { senders: Model::read(Computing::Free).count("senders"), packing }
    }
}

/// What the sender's concurrency was taken up by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Slots {
    pub(crate) batches: u64,
    /// Of all batches together, and of those in which something was for a receiver that answers badly.
    pub(crate) taken: Duration,
    pub(crate) taken_with_bad: Duration,
    /// While all were taken and something waited that could have gone out.
    pub(crate) all_taken: Duration,
}

enum Ended {
    /// Nothing: it is time for a tick.
    Minute,
    Sweep,
    Batch {
        bad: bool,
        lasted: Duration,
        again: Option<Duration>,
    },
    Visible,
}

/// Plays it until a day and more is over.
pub(crate) fn run(population: Population, deployment: Deployment) -> Ran {
    let machine = Machine::new(Population::began(), Model::read(Computing::Free));
    let queue = Fifo::new(machine.model.lasts("visibility"), deployment.packing);
    let world = &World::new(machine, table(&population), population, queue);
    let slots = play(world, deployment);
    Ran::of(world, slots)
}

fn play(world: &World, deployment: Deployment) -> Slots {
    let machine = &world.machine;
    let (mut ticks, mut senders, mut slots, mut last) = (0, 0, Slots::default(), Duration::ZERO);
    let mut running: FuturesUnordered<BoxFuture<'_, Ended>> = FuturesUnordered::new();
    running.push(Box::pin(std::future::ready(Ended::Minute)));
    machine.run(std::future::poll_fn(|context| {
        let now = machine.elapsed();
        let passed = now.saturating_sub(last);
        last = now;
        if senders == deployment.senders && world.queue().is_ready(now) {
            slots.all_taken += passed;
        }
        loop {
            for given in world.take_given() {
                running.push(Box::pin(portion(world, given)));
            }
            while senders < deployment.senders && world.queue().is_ready(now) {
                let batch = world.queue().receive(now, limits::QUEUE_BATCH);
                senders += 1;
                running.push(Box::pin(taken(world, batch)));
            }
            match Pin::new(&mut running).poll_next(context) {
                Poll::Ready(Some(Ended::Batch { bad, lasted, again })) => {
                    senders -= 1;
                    slots.batches += 1;
                    slots.taken += lasted;
                    slots.taken_with_bad += if bad { lasted } else { Duration::ZERO };
                    if let Some(again) = again {
                        running.push(Box::pin(machine.until(again).map(|()| Ended::Visible)));
                    }
                }
                Poll::Ready(Some(Ended::Minute)) if now < DAY_AND_MORE => {
                    ticks += 1;
                    running.push(Box::pin(tick(world)));
                    running.push(Box::pin(machine.until(machine.model.tick() * ticks).map(|()| Ended::Minute)));
                }
                Poll::Ready(Some(Ended::Minute | Ended::Sweep | Ended::Visible)) => {}
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending => {
                    if senders == deployment.senders || !world.queue().is_ready(now) {
                        return Poll::Pending;
                    }
                }
            }
        }
    }));
    slots
}

async fn tick(world: &World) -> Ended {
    let invocation = Invocation::of(world);
    let deadline = invocation.now().plus(world.machine.model.sweep());
    sweep(&invocation).tick(deadline).await.expect("the ports answer");
    Ended::Sweep
}

async fn portion(world: &World, portion: Portion) -> Ended {
    let machine = &world.machine;
    machine.until(machine.elapsed() + machine.model.lasts("hand_over")).await;
    let invocation = Invocation::of(world);
    let deadline = invocation.now().plus(machine.model.sweep());
    sweep(&invocation).sweep_portion(portion, deadline).await.expect("the ports answer");
    Ended::Sweep
}

async fn taken(world: &World, batch: Vec<Handed>) -> Ended {
    let began = world.machine.elapsed();
    let is_bad = |one: &Handed| {
        let workspace = one.group.split('#').next().unwrap_or_default();
        !matches!(world.population.kind(number(workspace)), Kind::Healthy | Kind::Huge)
    };
    let bad = batch.iter().any(is_bad);
    let again = send(world, batch).await;
    Ended::Batch { bad, lasted: world.machine.elapsed().saturating_sub(began), again }
}

/// All messages, everybody's settings, and a low-water mark below which all is done.
fn table(population: &Population) -> MemoryTable {
    let table = MemoryTable::new(Store::restored(population.items(), Box::new(NoJournal)));
    for (workspace, _) in population.workspaces() {
        let url = format!("https://hooks.example.com/{workspace}");
        let settings = Settings::new(url, Granularity::Hours1, SigningSecret::from_bytes([7; 32]));
        table.put_settings(&workspace, &WebhookId::first(), &settings).expect("settings are put");
    }
    let swept = LowWater { due: Population::began().minus(UNIT.due_step()), shards: 0 };
    table.raise_low_water(swept).now_or_never().expect("memory answers at once").expect("a mark");
    table
}
