//! The ingest function: message events come in by its Function URL, the upstream queue, the event bus or direct
//! invocation, and are stored before they are answered. It takes no decision of its own; `bundler::api` does.

mod way;

use aws::{
    batch::PartialAnswer, connection, copies::Copies, edge, over_hyper, queue::Queue, secret::Secret, table::Table,
};
use bundler::{
    api::{ingest::IngestApi, records::Record, upstreams::UpstreamApi},
    cache::{CredentialsCache, RootSecretCache, SettingsCache, UpstreamCache},
    ingest::Ingest,
    ports::Clock,
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;
use way::{Answer, Way};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let log = edge::Output::new("ingest")?;
    let connector = over_hyper::connector()?;
    let config = connection::connect_over(over_hyper::http_client(connector.clone()))?;
    let table = Table::new(&config, edge::text("TABLE_NAME")?);
    let queue = Queue::new(&config, edge::text("DELIVERY_QUEUE_URL")?);
    let files = Copies::new(&config, connector, edge::text("FILES_BUCKET")?, edge::text("COPY_QUEUE_URL")?);
    let secret = Secret::new(&config, edge::text("SECRET_ARN")?);
    let credentials = &Secret::new(&config, edge::text("UPSTREAM_SECRET_ARN")?);
    let origin = &*edge::text_or_empty("INGEST_ORIGIN");
    let unit = edge::aggregation_unit()?;
    let (cache, keys) = (SettingsCache::default(), RootSecretCache::default());
    let ingest = Ingest { table: &table, queue: &queue, files: &files, cache: &cache, unit };
    let api = &IngestApi { ingest, secret: &secret, keys: &keys, log: &log };
    let (known, upstreams) = (&CredentialsCache::default(), &UpstreamCache::default());
    let calls = &UpstreamApi { api, credentials, known, upstreams, origin };

    run(service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        let (payload, now) = (event.payload, edge::SystemClock.now());
        Ok::<_, Error>(match Way::of(&payload)? {
            Way::FunctionUrl(event) => {
                Answer::FunctionUrl(Box::pin(calls.answer(event.call(&event.body(), now))).await.into())
            }
            Way::UpstreamQueue(batch) => {
                let records = batch.into_records()?.into_iter().map(|it| Record { id: it.message_id, body: it.body });
                let records: Vec<Record> = records.collect();
                Answer::UpstreamQueue(PartialAnswer::keeping(api.take_batch(now, &records).await))
            }
            Way::EventBus(detail) => {
                api.take_detail(now, detail.get()).await?;
                Answer::EventBus
            }
            Way::Direct => Answer::direct(api.take_payload(now, payload.get().as_bytes()).await?)?,
        })
    }))
    .await
}
