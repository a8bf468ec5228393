//! The floor: the least that storing every message durably and sending every bundle once can come to, and every design
//! is measured in multiples of it. One write for each KB of a message, one ingest call for each, the messages read once,
//! one POST for each bundle, a queue that is sent to, received from and deleted from in full batches. No claim, no log,
//! no settings, no failures, nobody's time but ingest's.

use crate::{
    play::Played,
    prices::Prices,
    stream::Traffic,
    usage::{Usage, float},
};

/// DynamoDB's page, and SQS's batch.
const PAGE_BYTES: u64 = 1_048_576;
const BATCH: u64 = 10;

/// The floor under a stream that was played.
pub(crate) fn floor(traffic: Traffic, played: &Played, prices: &Prices) -> Usage {
    let (messages, bundles) = (traffic.messages() as u64, traffic.bundles as u64);
    let bytes = float(messages) * prices.assumed("floor_item_bytes");
    let batches = 3 * bundles.div_ceil(BATCH);
    let once = Usage::default().invoked(prices, "memory_megabytes", prices.assumed("ingest_milliseconds"));
    Usage {
        calls: messages + whole(bytes / float(PAGE_BYTES)) + batches,
        write_units: played.ingest.of("putting a message").write_units,
        // Eventually consistent: a half for each 4 KB.
        read_halves: whole(bytes / 4_096.0),
        standard_requests: batches,
        invocations: messages,
        gigabyte_seconds: once.gigabyte_seconds * float(messages),
        egress_bytes: played.post_bytes,
        ..Usage::default()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts, positive and far below 2^52")]
fn whole(number: f64) -> u64 {
    number.ceil() as u64
}
