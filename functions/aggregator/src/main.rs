//! The aggregator function: every minute it puts what is due on the delivery queue.
//! It takes no decision of its own; `bundler::flush`, `bundler::cut` and `bundler::again` do.

mod wake;

use aws::{connection, edge, invoke::Aggregator, queue::Queue, table::Table};
use bundler::{
    again::{Again, Replayed},
    cut::flush_now,
    flush::{Bounds, Sweep, Swept},
    log::{Level, Line, Log},
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};
use std::time::Duration;
use wake::{Wake, Whose};

/// Kept back from an invocation's time: for the requests that are under way, and the marks after them.
const RESERVE: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let log = &edge::Output::new("aggregator")?;
    let config = connection::connect()?;
    let table = &Table::new(&config, edge::text("TABLE_NAME")?);
    let queue = &Queue::new(&config, edge::text("DELIVERY_QUEUE_URL")?);
    let others = &Aggregator::new(&config, edge::text("AWS_LAMBDA_FUNCTION_NAME")?);
    let unit = edge::aggregation_unit()?;
    let sweep = &Sweep { table, queue, clock: &edge::SystemClock, others, unit, bounds: Bounds::default() };

    let again = |Whose { workspace, webhook }: &Whose| Again {
        table,
        queue,
        clock: &edge::SystemClock,
        workspace: workspace.clone(),
        webhook: webhook.clone(),
    };

    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let deadline = edge::deadline(event.context.deadline(), RESERVE);
        let answer = match wake::read(&event.payload)? {
            Wake::Minute => sweep.tick(deadline).await,
            Wake::Portion(portion) => sweep.sweep_portion(portion, deadline).await,
            Wake::FlushNow(lane) => {
                let flushed = flush_now(table, &edge::SystemClock, unit, &lane).await;
                log.log(wake::line(&lane, &flushed));
                return flushed.map(wake::answer).map_err(Error::from);
            }
            Wake::Resend { whose, webhook_id, sent_at } => {
                // A nonce of Lambda's own: an invocation that is tried again has the same.
                let sent = again(&whose).resend(&webhook_id, sent_at, &event.context.request_id).await;
                let sent = sent.map(|sent| sent.map(|()| Replayed { references: 1, ..Replayed::NOTHING }));
                log.log(wake::again_line(&whose, &sent));
                return sent.map(wake::again_answer).map_err(Error::from);
            }
            Wake::Replay { whose, span } => {
                let sent = again(&whose).replay(&span, deadline).await;
                log.log(wake::again_line(&whose, &sent));
                return sent.map(wake::again_answer).map_err(Error::from);
            }
        };
        match &answer {
            Ok(swept) => log.log(line(*swept)),
            Err(error) => log.log(Line::new(Level::Error, "sweep broke off").text("error", error.to_string())),
        }
        answer.map(|swept| json!({ "references": swept.references })).map_err(Error::from)
    }))
    .await
}

/// A tick that had nothing to do is no news.
fn line(swept: Swept) -> Line {
    let did_something = swept.references + swept.rests + swept.handed_over > 0;
    let (level, message) = match (swept.unreadable, swept.not_handed_over, swept.complete, did_something) {
        (1.., _, _, _) => (Level::Error, "swept, and found items that do not read"),
        (0, 1.., _, _) => (Level::Error, "swept, and could not hand shards over"),
        (0, 0, false, _) => (Level::Warn, "swept, and more is due"),
        (0, 0, true, true) => (Level::Info, "swept"),
        (0, 0, true, false) => (Level::Debug, "swept, and nothing was due"),
    };
    Line::new(level, message)
        .number("sweep.windows", swept.windows)
        .number("sweep.references", swept.references)
        .number("sweep.rests", swept.rests)
        .number("sweep.handed_over", swept.handed_over)
        .number("sweep.not_handed_over", swept.not_handed_over)
        .number("sweep.unreadable", swept.unreadable)
}
