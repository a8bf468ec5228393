//! The sender function: delivers what the queue hands out, and sends tests, the only function that calls receivers; and
//! hears of owners' e-mails that came back. It takes no decision of its own; `bundler::deliver` does.

mod wake;

use aws::{
    batch::{self, PartialAnswer},
    connection, edge,
    links::Links,
    mail::Mailer,
    over_hyper,
    table::Table,
};
use bundler::{
    batch::{Batch, Record},
    bounce::Bounces,
    dead_letter::DeadLetters,
    deliver::Deliver,
    health::Patience,
    log::{Level, Line, Log},
    table::attempt,
    tell::Tell,
    trial::Trial,
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use outbound::Client;
use serde::Serialize;
use std::{sync::OnceLock, time::Duration};
use wake::{Test, Wake, Woken};

/// Kept back from an invocation's time: for its answer.
const RESERVE: Duration = Duration::from_secs(2);

/// What an invocation is answered with.
#[derive(Serialize)]
#[serde(untagged)]
enum Said {
    Kept(PartialAnswer),
    /// What came of it; nothing, if there is no such webhook.
    Tested(Option<String>),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let log = &edge::Output::new("sender")?;
    let connector = over_hyper::connector()?;
    let config = connection::connect_over(over_hyper::http_client(connector.clone()))?;
    let table = &Table::new(&config, edge::text("TABLE_NAME")?);
    let platform = &edge::text("PLATFORM_NAME")?;
    let (from, events) = (edge::text_or_empty("SENDER_EMAIL"), edge::text_or_empty("CONFIGURATION_SET"));
    let (bucket, role) = (edge::text("FILES_BUCKET")?, edge::text("LINKS_ROLE_ARN")?);
    let copies = &Links::new(&config, connector.clone(), bucket, role);
    let mailer = &Mailer::new(&config, connector, &from, platform, events);
    if mailer.is_off() {
        log.log(Line::new(Level::Info, "owners get no e-mails: the stack has no SenderEmail"));
    }
    let dead_letters = &edge::text("DEAD_LETTER_QUEUE_ARN")?;
    let settings_url = &edge::text_or_empty("SETTINGS_URL");
    let patience = &patience()?;
    let policy = edge::receivers()?;
    let client = &OnceLock::new();

    run(service_fn(move |event: LambdaEvent<Wake>| async move {
        let clock = &edge::SystemClock;
        let receiver = || client.get_or_init(|| Client::new(policy)).as_ref().map_err(Clone::clone);
        let records = match event.payload.read()? {
            Woken::Records(records) => records,
            Woken::Bounce(bounce) => {
                Bounces { table, clock }.take(log, &bounce).await?;
                return Ok::<_, Error>(Said::Kept(PartialAnswer::keeping(Vec::new())));
            }
            Woken::Test(Test { workspace, webhook }) => {
                let trial = Trial { table, receiver: receiver()?, clock, platform };
                let sent = trial.send(log, &workspace, &webhook).await?;
                return Ok(Said::Tested(sent.as_ref().map(attempt::to_text)));
            }
        };
        let deadline = edge::deadline(event.context.deadline(), RESERVE);
        let receiver = receiver()?;
        let (dead, records): (Vec<_>, Vec<_>) = records.into_iter().partition(|it| it.queue == *dead_letters);
        let record = |it: batch::Record| Record { id: it.message_id, group: it.attributes.group, body: it.body };
        let mut kept = DeadLetters { table, clock }.take(log, dead.into_iter().map(record).collect()).await;
        let deliver = Deliver { table, receiver, copies, clock, platform, patience, deadline };
        let tell = Tell { table, mailer, clock, patience, compose: mail::compose, platform, settings_url };
        kept.extend(Batch { deliver, tell }.take(log, records.into_iter().map(record).collect()).await);
        Ok(Said::Kept(PartialAnswer::keeping(kept)))
    }))
    .await
}

fn patience() -> Result<Patience, String> {
    Patience::parse(&edge::text("RETRY_WAITS")?, &edge::text("DISABLE_AT_ERROR")?, &edge::text("WARN_AT_ERROR")?)
}
