//! What a deployment costs in a month in which nothing happens: its minute tick, the pollers' empty receives, the secret.

use crate::{
    functions::{Functions, UNIT},
    play::now,
    prices::Prices,
    stream::Traffic,
    usage::Usage,
};
use bundler::{log::Level, ports::SweepTable, table::sweep::LowWater, window};
use std::time::Duration;

const TICKS_A_DAY: u32 = 1_440;
const DAYS: f64 = 30.0;

/// A day's ticks as they are, of which a month has thirty.
pub(crate) fn ticks_of_a_day(prices: &Prices) -> Usage {
    let (begins, _) = Traffic::window();
    let functions = Functions::new(Level::Info, prices, begins);
    let swept = LowWater { due: window::last_due(UNIT, begins), shards: 0 };
    now(functions.table.raise_low_water(swept)).expect("a mark");
    functions.table.store().take_consumed();
    let mut usage = Usage::default();
    for _ in 0..TICKS_A_DAY {
        usage = usage.plus(functions.tick());
        functions.clock.pass(Duration::from_secs(60));
    }
    usage.plus(Usage::of(&functions.table.store().take_consumed()))
}

pub(crate) fn report(prices: &Prices) -> String {
    let day: f64 = ticks_of_a_day(prices).dollars(prices).iter().sum();
    let receives = prices.assumed("idle_receives_a_queue_and_month");
    let polled = receives * (prices.of("sqs.fifo_request") + prices.of("sqs.standard_request"));
    let secret = prices.of("secrets.secret_month");
    let whole = day * DAYS + polled + secret;
    let ticks = day * DAYS;
    format!(
        "An idle month: ${whole:.2} (ticks {ticks:.3}, empty receives of two queues {polled:.2}, the secret {secret:.2})"
    )
}
