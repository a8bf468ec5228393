//! The sender function: delivers what the queue hands out; the only function that calls receivers.
//! It takes no decision of its own; `bundler::deliver` does.

use aws::{
    batch::{Batch, PartialAnswer},
    connection, edge,
    mail::Mailer,
    over_reqwest,
    table::Table,
};
use bundler::{
    batch::{Record, deliver_batch},
    deliver::Deliver,
    endpoint::{Policy, Reach, Scheme},
    log::{Level, Line, Log},
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use outbound::Client;
use std::{sync::OnceLock, time::Duration};

/// Kept back from an invocation's time: for its answer.
const RESERVE: Duration = Duration::from_secs(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let log = &edge::Output::new("sender")?;
    let connector = over_reqwest::connector()?;
    let config = connection::connect_over(over_reqwest::http_client(connector.clone()))?;
    let table = &Table::new(&config, edge::text("TABLE_NAME")?);
    let platform = &edge::text("PLATFORM_NAME")?;
    let mailer = &Mailer::new(&config, connector, &edge::text_or_empty("SENDER_EMAIL"), platform);
    if mailer.is_off() {
        log.log(Line::new(Level::Info, "owners get no e-mails: the stack has no SenderEmail"));
    }
    let policy = policy()?;
    let client = &OnceLock::new();

    run(service_fn(move |event: LambdaEvent<Batch>| async move {
        let deadline = edge::deadline(event.context.deadline(), RESERVE);
        let receiver = client.get_or_init(|| Client::new(policy)).as_ref().map_err(Clone::clone)?;
        let deliver = Deliver { table, receiver, clock: &edge::SystemClock, platform, deadline };
        let records = event.payload.into_records()?.into_iter();
        let records = records.map(|it| Record { id: it.message_id, group: it.attributes.group, body: it.body });
        Ok::<_, Error>(PartialAnswer::keeping(deliver_batch(&deliver, log, records.collect()).await))
    }))
    .await
}

fn policy() -> Result<Policy, String> {
    let scheme = if edge::flag("ALLOW_HTTP")? { Scheme::HttpToo } else { Scheme::HttpsOnly };
    let reach = if edge::flag("ALLOW_PRIVATE_RECEIVERS")? { Reach::Private } else { Reach::Public };
    if reach == Reach::Private {
        edge::only_on_an_emulator("receivers that are not public may be called")?;
    }
    Ok(Policy { scheme, reach })
}
