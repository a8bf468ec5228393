//! Ticks of the real sweep over a population, until everything that is due is on the queue.

use crate::{
    machine::Machine,
    model::{Model, Processor},
    population::Generated,
    world::{Queue, Table},
};
use bundler::{
    cache::SettingsCache,
    flush::Sweep,
    id::WebhookId,
    limits,
    memory::{Consumed, MemoryTable, Store},
    ports::{Clock, SweepTable},
    settings::Settings,
    signature::SigningSecret,
    timestamp::Timestamp,
    window::{AggregationUnit, Granularity},
};
use std::{collections::BTreeMap, time::Duration};

const UNIT: AggregationUnit = AggregationUnit::HOUR;
/// Far beyond what any size here needs.
const TICKS_MAX: usize = 60;

/// What it took.
pub(crate) struct Ran {
    pub(crate) due: usize,
    pub(crate) consumed: Consumed,
    /// How long each tick took.
    pub(crate) ticks: Vec<Duration>,
    /// From the first tick's beginning to the last reference.
    pub(crate) until_all: Duration,
    pub(crate) until_each: BTreeMap<String, Duration>,
    pub(crate) most_under_way: usize,
    pub(crate) repeated: usize,
}

/// The first tick that may read the window begins at once.
pub(crate) fn run(rows: &Generated, processor: Processor) -> Ran {
    let population = &rows.population;
    let began = population.due.plus(limits::GRACE);
    let machine = Machine::new(began, Model::read(processor));
    let table = Table::new(&machine, rows, table_of(rows, began));
    let queue = Queue::new(&machine);
    let cache = SettingsCache::default();
    let sweep = Sweep { table: &table, queue: &queue, clock: &machine, cache: &cache, unit: UNIT };
    let (mut ticks, mut until_all) = (Vec::new(), Duration::ZERO);
    let mut consumed = Consumed::default();
    table.take_consumed();
    loop {
        let start = machine.model.tick() * u32::try_from(ticks.len()).unwrap_or(u32::MAX);
        machine.wait_until(start);
        let deadline = machine.now().plus(machine.model.sweep());
        let swept = machine.run(sweep.tick(deadline)).expect("the ports answer");
        ticks.push(machine.elapsed() - start);
        consumed.add(&table.take_consumed());
        until_all = queue.taken().last.values().max().copied().unwrap_or(until_all);
        if swept.complete {
            break;
        }
        assert!(ticks.len() < TICKS_MAX, "the sweep does not come to its end");
    }
    let taken = queue.taken();
    consumed.add(&taken.consumed);
    assert_eq!(taken.references(), population.bundles(), "everything that is due is enqueued");
    Ran {
        due: population.bundles(),
        consumed,
        ticks,
        until_all,
        until_each: taken.last.clone(),
        most_under_way: machine.most_under_way(),
        repeated: taken.repeated,
    }
}

/// Settings of everybody, and a low-water mark below which all is done.
fn table_of(rows: &Generated, began: Timestamp) -> MemoryTable {
    let table = MemoryTable::new(Store::default());
    for workspace in rows.population.workspaces() {
        let url = format!("https://hooks.example.com/{workspace}");
        let settings = Settings::new(url, Granularity::Hours1, SigningSecret::from_bytes([7; 32]));
        table.put_settings(&workspace, &WebhookId::first(), &settings).expect("settings are put");
    }
    let machine = Machine::new(began, Model::read(Processor::Free));
    machine.run(table.raise_low_water(rows.population.due.minus(UNIT.due_step()))).expect("a mark");
    table
}
