//! The memory adapters and the adapters that speak to AWS give the same answers: random sequences of port calls, on
//! both, compared answer by answer and item by item; and both keep the ports' contracts. AWS is an emulator here; what
//! each gets wrong stands in `gaps`.
//! And what goes out is what the official libraries of its receivers take: `libraries`; and what the settings' API answers
//! is what its document says: `document`.
//! `cargo conformance` runs it alone, and prints what was compared.

mod compare;
mod document;
mod emulators;
mod gaps;
pub(crate) mod libraries;
mod queues;
mod report;
mod runner;
mod tables;

use crate::{contract, end_to_end::place, world::run};
use emulators::Emulator;

/// What the full run plays.
const TABLE_SEQUENCES: u64 = 2_000;
const QUEUE_SEQUENCES: u64 = 500;

#[test]
fn the_adapters_on_aws_keep_the_ports_contracts() {
    let _turn = place::turn();
    for emulator in Emulator::ALL {
        run(async {
            contract::gather::all(&emulator).await;
            contract::cuts::all(&emulator).await;
            contract::sweep::all(&emulator).await;
            contract::turns::all(&emulator).await;
            contract::health::all(&emulator).await;
            contract::deliver::all(&emulator).await;
            contract::pages::all(&emulator).await;
            contract::portal::all(&emulator).await;
            contract::upstream::all(&emulator).await;
            contract::gathering::all(&emulator).await;
            contract::traffic::all(&emulator).await;
            contract::erase::all(&emulator).await;
            contract::files::all(&emulator).await;
            if emulator.remembers_deduplication_ids() {
                contract::queue::all(&emulator).await;
            }
        });
    }
}

#[test]
fn the_tables_adapters_give_the_same_answers_to_random_sequences_of_calls() {
    let _turn = place::turn();
    runner::conform::<tables::TablePorts>(TABLE_SEQUENCES);
}

#[test]
fn the_queues_adapters_give_the_same_answers_to_random_sequences_of_batches() {
    let _turn = place::turn();
    runner::conform::<queues::QueuePort>(QUEUE_SEQUENCES);
}
