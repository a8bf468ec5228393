//! What is billed, counted, and what it comes to in dollars.

use crate::prices::Prices;
use bundler::{memory::Consumed, table::Item, timestamp::Timestamp};

/// Counts of what has a price.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Usage {
    /// Requests to AWS that our code or Lambda's poller made.
    pub(crate) calls: u64,
    pub(crate) write_units: u64,
    pub(crate) read_halves: u64,
    pub(crate) fifo_requests: u64,
    pub(crate) standard_requests: u64,
    pub(crate) invocations: u64,
    pub(crate) gigabyte_seconds: f64,
    pub(crate) log_bytes: u64,
    pub(crate) egress_bytes: u64,
    pub(crate) secret_calls: u64,
    pub(crate) schedules: u64,
    pub(crate) gigabyte_months: f64,
}

/// A line of the bill.
pub(crate) const LINES: [&str; 9] =
    ["writes", "reads", "queue", "invocations", "GB-seconds", "logs", "egress", "others", "storage"];

impl Usage {
    /// Of requests to the table or to a FIFO queue.
    pub(crate) fn of(consumed: &Consumed) -> Self {
        let total = consumed.total();
        Self {
            calls: total.requests,
            write_units: total.write_units,
            read_halves: total.read_halves,
            fifo_requests: total.queue_requests,
            ..Self::default()
        }
    }

    /// Of what is kept until it expires, and a little longer.
    pub(crate) fn storing(items: &[Item], now: Timestamp, prices: &Prices) -> Self {
        let months = |item: &Item| {
            let days = float(item.get_number("expires").unwrap_or_default().saturating_sub(now.seconds())) / 86_400.0;
            (days + prices.assumed("expiry_lag_days")) / 30.0
        };
        let bytes = |item: &Item| float(item.size_bytes() as u64) + prices.assumed("item_overhead_bytes");
        // Settings and the low-water mark stay, however many messages there are.
        let kept = items.iter().filter(|item| item.get_number("expires").is_ok());
        Self { gigabyte_months: kept.map(|item| bytes(item) * months(item) / 1e9).sum(), ..Self::default() }
    }

    /// The same and one invocation more; `megabytes` names an assumption.
    #[must_use]
    pub(crate) fn invoked(self, prices: &Prices, megabytes: &str, milliseconds: f64) -> Self {
        let gigabytes = prices.assumed(megabytes) / 1_024.0;
        // Lambda rounds up to a millisecond.
        let seconds = milliseconds.ceil() / 1_000.0;
        Self {
            invocations: self.invocations + 1,
            gigabyte_seconds: gigabytes.mul_add(seconds, self.gigabyte_seconds),
            ..self
        }
    }

    #[must_use]
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            write_units: self.write_units + other.write_units,
            read_halves: self.read_halves + other.read_halves,
            fifo_requests: self.fifo_requests + other.fifo_requests,
            standard_requests: self.standard_requests + other.standard_requests,
            invocations: self.invocations + other.invocations,
            gigabyte_seconds: self.gigabyte_seconds + other.gigabyte_seconds,
            log_bytes: self.log_bytes + other.log_bytes,
            egress_bytes: self.egress_bytes + other.egress_bytes,
            secret_calls: self.secret_calls + other.secret_calls,
            schedules: self.schedules + other.schedules,
            gigabyte_months: self.gigabyte_months + other.gigabyte_months,
        }
    }

    /// Dollars by line, in the order of `LINES`.
    pub(crate) fn dollars(&self, prices: &Prices) -> [f64; 9] {
        let cost = |count: u64, price: &str| float(count) * prices.of(price);
        [
            cost(self.write_units, "dynamodb.write_unit"),
            cost(self.read_halves, "dynamodb.read_unit") / 2.0,
            cost(self.fifo_requests, "sqs.fifo_request") + cost(self.standard_requests, "sqs.standard_request"),
            cost(self.invocations, "lambda.request"),
            self.gigabyte_seconds * prices.of("lambda.arm64_gigabyte_second"),
            cost(self.log_bytes, "logs.gigabyte") / 1e9,
            cost(self.egress_bytes, "egress.gigabyte") / 1e9,
            cost(self.secret_calls, "secrets.call") + cost(self.schedules, "scheduler.invocation"),
            self.gigabyte_months * prices.of("dynamodb.gigabyte_month"),
        ]
    }
}

/// A count as a number that can be divided.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}
