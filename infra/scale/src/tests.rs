//! What the issue asks of a sweep, held by counting and by the model's time.

use crate::{
    STORED, beside_a_huge_one,
    machine::Machine,
    model::{Computing, Model},
    population::{Generated, Population, Tenants, event, item},
    run::{Ran, Start, run},
    world::NoJournal,
};
use bundler::{
    limits,
    memory::{Consistency, Cost, MemoryTable, Store},
    ports::SweepTable,
    table::bucket,
};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

/// The population's due messages as items of the memory adapter's table.
fn real(population: &Population) -> MemoryTable {
    let lanes: Vec<_> = population.lanes().collect();
    let (messages, event) = (0..population.messages_per_bundle, &event());
    let of = |lane| messages.clone().map(move |message| item(population.due, lane, message, event.clone()));
    MemoryTable::new(Store::restored(lanes.iter().flat_map(of), Box::new(NoJournal)))
}

/// Every page of every shard, generated and real, is the same and costs the same, of so many rows or as they come.
fn assert_generated_as_real(population: &Population) {
    for most in [None, Some(17), Some(500)] {
        assert_pages_as_real(population, most);
    }
}

fn assert_pages_as_real(population: &Population, most: Option<u16>) {
    let (real, generated) = (real(population), Generated::of(population.clone()));
    let machine = Machine::new(population.due, Model::read(Computing::Free));
    let mut pages = 0;
    for shard in 0..limits::SHARDS {
        let mut after: Option<String> = None;
        loop {
            let due = population.due;
            let (page, bytes) = generated.page((due, shard), "", after.as_deref(), most);
            let read = machine.run(real.read_due(due, shard, after.as_deref(), most)).expect("memory answers");
            assert_eq!(page, read, "shard {shard} behind {after:?}");
            let cost = real.store().take_consumed().total();
            assert_eq!(Cost::query(bytes, Consistency::Strong), cost, "shard {shard} behind {after:?}");
            pages += 1;
            after = page.after;
            if after.is_none() {
                break;
            }
        }
    }
    assert!(pages >= usize::from(limits::SHARDS));
}

#[test]
fn generated_rows_are_those_that_the_table_would_hold() {
    let tenants = vec![
        Tenants { name: "small", workspaces: 40, bundles: 20 },
        Tenants { name: "other", workspaces: 3, bundles: 100 },
    ];
    assert_generated_as_real(&Population { tenants, ..Population::even(0, 0) });
}

#[test]
fn generated_pages_end_where_the_table_s_would() {
    let tenants = vec![Tenants { name: "talkative", workspaces: 1, bundles: 2 }];
    let population = Population { tenants, messages_per_bundle: 2_500, ..Population::even(0, 0) };
    assert!(real(&population).store().items().iter().map(bundler::table::Item::size_bytes).sum::<usize>() > 3 << 20);
    assert_generated_as_real(&population);
}

#[test]
fn a_generated_page_begins_behind_any_text() {
    let tenants = vec![Tenants { name: "small", workspaces: 3, bundles: 400 }];
    let population = Population { tenants, ..Population::even(0, 0) };
    let (real, generated) = (real(&population), Generated::of(population.clone()));
    let machine = Machine::new(population.due, Model::read(Computing::Free));
    for lane in population.lanes().step_by(17) {
        let webhook = bucket::webhook_prefix(&lane.workspace, &lane.webhook);
        for after in [bucket::prefix(&lane), bucket::behind(&bucket::prefix(&lane)), bucket::behind(&webhook), webhook]
        {
            let (page, _) = generated.page((population.due, lane.shard()), "", Some(&after), None);
            let read = machine.run(real.read_due(population.due, lane.shard(), Some(&after), None));
            assert_eq!(page, read.expect("memory answers"), "behind {after}");
        }
    }
}

#[test]
fn a_sweep_costs_what_is_due_and_not_what_is_stored() {
    let ran = |stored: usize| -> (Generated, Ran) {
        let rows = Generated::of(Population::even(10_000, stored));
        let ran = run(&rows, Computing::Shared, Start::OnTime);
        (rows, ran)
    };
    let (_, few) = ran(30_000);
    for stored in [100_000, 1_000_000, STORED] {
        let (rows, many) = ran(stored);
        assert_eq!(many.consumed, few.consumed, "among {stored}");
        assert_eq!((many.ticks, many.until), (few.ticks.clone(), few.until.clone()), "among {stored}");
        // What is not due lies in other windows, and who read one of them would pay for it.
        let elsewhere: usize =
            (0..limits::SHARDS).map(|shard| generated_rows(&rows, rows.population.due.plus(HOUR), shard)).sum();
        assert!(elsewhere >= (stored - 30_000) / 48 * 9 / 10, "{elsewhere} of {stored}");
    }
    let ten_times = run(&Generated::of(Population::even(100_000, STORED)), Computing::Shared, Start::OnTime);
    assert!(ten_times.consumed.total().read_halves > 5 * few.consumed.total().read_halves);
}

fn generated_rows(rows: &Generated, due: bundler::timestamp::Timestamp, shard: u16) -> usize {
    let (mut count, mut after): (usize, Option<String>) = (0, None);
    loop {
        let (page, _) = rows.page((due, shard), "", after.as_deref(), None);
        count += page.rows.len();
        after = page.after;
        if after.is_none() {
            return count;
        }
    }
}

#[test]
fn one_function_of_512_mb_enqueues_a_hundred_thousand_due_bundles_within_a_minute() {
    let rows = Generated::of(Population::even(100_000, STORED));
    let ran = run(&rows, Computing::Shared, Start::Late);
    assert_eq!((ran.ticks.len(), ran.others, ran.repeated), (1, 0, 0));
    assert!(ran.until_all() < Duration::from_secs(60), "{:?}", ran.until_all());
}

#[test]
fn a_million_due_bundles_are_enqueued_within_five_minutes() {
    let rows = Generated::of(Population::even(1_000_000, STORED));
    let ran = run(&rows, Computing::Shared, Start::OnTime);
    // The first tick comes a minute after the window's end.
    let since_its_end = ran.until_all() + Duration::from_secs(60);
    assert!(since_its_end < Duration::from_secs(300), "{since_its_end:?}");
    assert!(ran.ticks.iter().all(|tick| *tick < limits::SWEEP_LIFE), "{:?}", ran.ticks);
}

#[test]
fn small_workspaces_do_not_wait_behind_a_huge_one() {
    let alone = Population {
        tenants: vec![Tenants { name: "small", workspaces: 1_000, bundles: 10 }],
        ..Population::even(0, STORED)
    };
    let alone = run(&Generated::of(alone), Computing::Shared, Start::OnTime);
    let beside = beside_a_huge_one();
    let (few, many) = (alone.until["small"], beside.until["small"]);
    assert!(many < few + Duration::from_secs(60), "{few:?} alone, {many:?} beside a huge one");
    assert!(beside.until["huge"] > many * 4, "a huge one waits its turn: {:?}", beside.until["huge"]);
    assert_eq!(beside.repeated, 0);
}
