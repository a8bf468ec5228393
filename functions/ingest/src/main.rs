//! The ingest function: message events come in over its Function URL and are stored before they are answered.
//! It takes no decision of its own; `bundler::api::ingest` does.

mod function_url;

use aws::{connection, edge, queue::Queue, secret::Secret, table::Table};
use bundler::{
    api::{Call, ingest::IngestApi},
    cache::{RootSecretCache, SettingsCache},
    ingest::Ingest,
    ports::Clock,
};
use function_url::{Answer, Event};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let log = edge::Output::new("ingest")?;
    let config = connection::connect()?;
    let table = Table::new(&config, edge::text("TABLE_NAME")?);
    let queue = Queue::new(&config, edge::text("DELIVERY_QUEUE_URL")?);
    let secret = Secret::new(&config, edge::text("SECRET_ARN")?);
    let unit = edge::aggregation_unit()?;
    let (cache, keys) = (SettingsCache::default(), RootSecretCache::default());
    let ingest = Ingest { table: &table, queue: &queue, cache: &cache, unit };
    let api = &IngestApi { ingest, secret: &secret, keys: &keys, log: &log };

    run(service_fn(move |event: LambdaEvent<Event>| async move {
        let event = event.payload;
        let body = event.body_bytes();
        let call = Call {
            method: &event.request_context.http.method,
            path: &event.raw_path,
            authorization: event.headers.get("authorization").map(String::as_str),
            body: &body,
            now: edge::SystemClock.now(),
        };
        Ok::<_, Error>(Answer::from(api.answer(call).await))
    }))
    .await
}
