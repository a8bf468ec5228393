//! `cargo meter`: what a message costs. It plays a stream of messages through the real use cases over the memory adapters,
//! which count requests and units by AWS's published rules, and prices them (`prices.json`), beside a floor and three
//! designs that come to mind first. It calls nobody and measures no time.
#![expect(clippy::print_stdout, reason = "the tables are what this tool is for")]

mod budgets;
mod floor;
mod functions;
mod idle;
mod naive;
mod play;
mod prices;
mod report;
mod stream;
#[cfg(test)]
mod tests;
mod usage;
mod world;

use crate::{
    play::play,
    prices::Prices,
    report::Case,
    stream::{Tenants, Traffic},
};
use bundler::log::Level;

fn main() {
    let prices = Prices::read();
    let case = |tenants, messages_per_bundle| {
        let traffic = Traffic::filling(tenants, messages_per_bundle);
        Case::of(traffic, &play(traffic, Level::Info, &prices), &prices)
    };
    let cases = [1, 3, 10, 100].map(|n| case(Tenants::Mixed, n));

    println!("List prices of {}, entered {}.", prices.region, prices.entered);
    for price in prices.unverified() {
        println!("Unverified: {price}");
    }
    println!();
    for case in &cases {
        println!("{}", report::designs(case, &prices));
    }
    println!("{}", report::bill(&cases, &prices));
    println!("{}", report::bundles(&cases));
    println!("{}", budgets::table(&cases, &prices));
    println!("Whose the chats are, at n = 10: x floor");
    for (name, tenants) in [
        ("one workspace's", Tenants::One),
        ("50, the k-th with 1/k", Tenants::Mixed),
        ("each its own", Tenants::EachItsOwn),
    ] {
        println!("{name:<28}{:>9.3}", case(tenants, 10).ratio(&prices));
    }
    println!("\n{}", idle::report(&prices));
    println!("\nAssumed:");
    for assumption in prices.assumptions() {
        println!("{:<32}{:>8}  {}", assumption.name, assumption.value, assumption.why);
    }
}
