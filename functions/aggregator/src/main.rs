//! The aggregator function: every minute it puts what is due on the delivery queue.
//! It takes no decision of its own; `bundler::flush` does.

use aws::{connection, edge, queue::Queue, table::Table};
use bundler::{
    cache::SettingsCache,
    flush::{Sweep, Swept},
    log::{Level, Line, Log},
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::de::IgnoredAny;
use std::time::Duration;

/// Kept back from an invocation's time: for the requests that are under way, and the marks after them.
const RESERVE: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let log = &edge::Output::new("aggregator")?;
    let config = connection::connect()?;
    let table = Table::new(&config, edge::text("TABLE_NAME")?);
    let queue = Queue::new(&config, edge::text("DELIVERY_QUEUE_URL")?);
    let (cache, unit) = (SettingsCache::default(), edge::aggregation_unit()?);
    let sweep = &Sweep { table: &table, queue: &queue, clock: &edge::SystemClock, cache: &cache, unit };

    run(service_fn(move |event: LambdaEvent<IgnoredAny>| async move {
        let deadline = edge::deadline(event.context.deadline(), RESERVE);
        let answer = sweep.tick(deadline).await;
        match &answer {
            Ok(swept) => log.log(line(*swept)),
            Err(error) => log.log(Line::new(Level::Error, "sweep broke off").text("error", error.to_string())),
        }
        answer.map(|swept| swept.bundles).map_err(Error::from)
    }))
    .await
}

/// A tick that had nothing to do is no news.
fn line(swept: Swept) -> Line {
    let (level, message) = match (swept.unreadable, swept.complete, swept.bundles) {
        (1.., _, _) => (Level::Error, "swept, and found items that do not read"),
        (0, false, _) => (Level::Warn, "swept, and more is due"),
        (0, true, 1..) => (Level::Info, "swept"),
        (0, true, 0) => (Level::Debug, "swept, and nothing was due"),
    };
    Line::new(level, message)
        .number("sweep.windows", swept.windows)
        .number("sweep.bundles", swept.bundles)
        .number("sweep.unreadable", swept.unreadable)
}
