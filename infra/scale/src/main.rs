//! scratch
mod machine;
mod model;
mod population;
mod run;
mod world;
use crate::{
    model::Processor,
    population::{Generated, Population, Tenant},
    run::run,
};
use bundler::timestamp::Timestamp;
fn main() {
    let due = Timestamp::parse("2026-03-02T09:00:00Z").unwrap();
    for due_bundles in [1_000usize, 10_000, 100_000, 1_000_000] {
        for tenants in [1_000, due_bundles.min(100_000)] {
            let clock = std::time::Instant::now();
            let population = Population {
                due,
                stored: 10_000_000,
                messages_per_bundle: 3,
                tenants: vec![Tenant { name: "small", workspaces: tenants, bundles: due_bundles / tenants }],
            };
            let rows = Generated::of(population);
            for p in [Processor::Free, Processor::Shared] {
                let ran = run(&rows, p);
                println!(
                    "{due_bundles} tenants {tenants} {p:?} ticks {:?} until {:?} under way {} repeated {} total {:?} [{:?}]",
                    ran.ticks,
                    ran.until_all,
                    ran.most_under_way,
                    ran.repeated,
                    ran.consumed.total(),
                    clock.elapsed()
                );
                if p == Processor::Free {
                    for (d, c) in ran.consumed.iter() {
                        println!(
                            "    {d} {} r{} w{} q{}",
                            c.requests,
                            c.read_halves / 2,
                            c.write_units,
                            c.queue_requests
                        );
                    }
                }
            }
        }
    }
}
