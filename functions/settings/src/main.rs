//! The settings function: what owners see and set of their webhooks comes in by its Function URL. It takes no decision of
//! its own; `portal` answers, and `bundler` decides.

mod edge;

use aws::{
    edge::{SystemClock, aggregation_unit, text, text_or_empty},
    function_url::{Answer, Event},
};
use axum::body::{Body, to_bytes};
use bundler::portal::Site;
use edge::Edge;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use portal::{Portal, Visitor, router};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};
use tower_service::Service;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let edge = Edge::new(SystemClock)?;
    // Of a domain of one's own. Without it, the page is at the function's URL, which no parameter of it can know.
    let site = match text_or_empty("PORTAL_ORIGIN").as_str() {
        "" => None,
        origin => Some(Site::parse(origin).map_err(|detail| format!("the variable PORTAL_ORIGIN {detail}"))?),
    };
    let mut portal = Portal::new(edge, aggregation_unit()?, text("PLATFORM_NAME")?);
    let disable_at = text("DISABLE_AT_ERROR")?.parse();
    portal.disable_at = disable_at.map_err(|_| "the variable DISABLE_AT_ERROR must be a number")?;
    // Of a domain of one's own, too. Without it, the page says by what name the deployment knows ingest's URL.
    portal.ingest_origin = Some(text_or_empty("INGEST_ORIGIN")).filter(|origin| !origin.is_empty());
    let (router, site) = (&router(Arc::new(portal)), &site);

    run(service_fn(move |event: LambdaEvent<Event>| async move {
        let event = event.payload;
        let site = site.clone().map_or_else(|| Site::parse(&event.origin()), Ok)?;
        // Lambda names an address of everybody. If not, those without one are one source together.
        let address = event.source().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let mut request = event.request()?.map(Body::from);
        request.extensions_mut().insert(Visitor { address, site });
        let (parts, body) = router.clone().call(request).await?.into_parts();
        let body = to_bytes(body, usize::MAX).await?;
        Ok::<_, Error>(Answer::of(&parts, body.into()))
    }))
    .await
}
