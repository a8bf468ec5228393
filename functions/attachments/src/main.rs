//! The attachments function: copies files into the deployment's own bucket, each as a stream. It takes no decision of its
//! own; `bundler::file` does.

use aws::{
    batch::{Batch, PartialAnswer},
    connection,
    copies::Copies,
    edge, over_hyper,
    queue::Queue,
    secret::Secret,
    table::Table,
};
use bundler::{
    cache::CredentialsCache,
    file::{Copier, Graph},
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use outbound::Downloads;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let log = &edge::Output::new("attachments")?;
    let connector = over_hyper::connector()?;
    let config = connection::connect_over(over_hyper::http_client(connector.clone()))?;
    let table = &Table::new(&config, edge::text("TABLE_NAME")?);
    let queue = &Queue::new(&config, edge::text("DELIVERY_QUEUE_URL")?);
    let secret = &Secret::new(&config, edge::text("UPSTREAM_SECRET_ARN")?);
    let copies_url = edge::text("COPY_QUEUE_URL")?;
    let bucket = &Copies::new(&config, connector, edge::text("FILES_BUCKET")?, copies_url);
    let graph = &Graph::new(&edge::text("GRAPH_URL")?, &edge::text("GRAPH_VERSION")?)?;
    let source = &Downloads::new(edge::receivers()?)?;
    let credentials = &CredentialsCache::default();

    run(service_fn(move |event: LambdaEvent<Batch>| async move {
        let clock = &edge::SystemClock;
        let copier = Copier { table, queue, source, bucket, clock, graph, credentials, secret };
        let mut kept = Vec::new();
        for record in event.payload.into_records()? {
            if copier.take(log, &record.body).await.is_err() {
                kept.push(record.message_id);
            }
        }
        Ok::<_, Error>(PartialAnswer::keeping(kept))
    }))
    .await
}
