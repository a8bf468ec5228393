//! What the sender has besides: its requests to the table, receivers that answer as their kind does, and a log of which
//! only what is ours to mend is kept. Nobody is mailed: no webhook here has an owner.

use super::{population::Kind, world::World};
use crate::{invocation::Invocation, model::Model};
use bundler::{
    attempt::{Attempt, Body, ErrorClass, Exchange, Failure, Request, Response},
    delivery::{DeliveryKey, Lane},
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    log::{Level, Line, Log},
    mail::{Addressee, Mail, MailOutcome},
    ports::{Answer, Clock, DeliverTable, MintLinks, Page, Post, ReadLaneMessage, ReadWebhook, SendMail, Wanted},
    settings::Webhook,
    table::lane::{Delivery, LaneMessage},
    timestamp::Timestamp,
};
use std::time::Duration;

type Sender<'a> = Invocation<'a, World>;

impl ReadWebhook for Sender<'_> {
    async fn read_webhook(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Webhook>> {
        self.pass(Some(workspace), self.world.table.read_webhook(workspace, webhook)).await
    }
}

impl ReadLaneMessage for Sender<'_> {
    async fn read_lane_message(
        &self,
        lane: &Lane,
        timestamp: Timestamp,
        message: &KeyPart,
    ) -> Answer<Option<LaneMessage>> {
        self.pass(Some(&lane.workspace), self.world.table.read_lane_message(lane, timestamp, message)).await
    }
}

impl DeliverTable for Sender<'_> {
    async fn read_unattempted(&self, lane: &Lane, after: Option<&str>) -> Answer<Page<DeliveryKey>> {
        self.pass(Some(&lane.workspace), self.world.table.read_unattempted(lane, after)).await
    }

    async fn put_delivery(&self, delivery: &Delivery, now: Timestamp) -> Answer<()> {
        self.pass(Some(&delivery.key.lane.workspace), self.world.table.put_delivery(delivery, now)).await
    }

    async fn set_lane_progress(&self, delivery: &Delivery) -> Answer<()> {
        self.pass(Some(&delivery.key.lane.workspace), self.world.table.set_lane_progress(delivery)).await
    }

    async fn put_receipt(&self, attempt: &Attempt) -> Answer<()> {
        self.pass(Some(&attempt.key.lane.workspace), self.world.table.put_receipt(attempt)).await
    }

    async fn put_attempt(&self, attempt: &Attempt) -> Answer<()> {
        self.pass(Some(&attempt.key.lane.workspace), self.world.table.put_attempt(attempt)).await
    }
}

/// No message here has a file.
impl MintLinks for Sender<'_> {
    async fn mint_links(&self, _wanted: &[Wanted<'_>]) -> Answer<Vec<String>> {
        Ok(Vec::new())
    }
}

impl Post for Sender<'_> {
    async fn post(&self, request: &Request) -> Exchange {
        let machine = &self.world.machine;
        let id = request.headers.iter().find(|(name, _)| name == "webhook-id").map(|(_, id)| id.as_str());
        let id = id.expect("every request has an id");
        let (lasts, result) = answer(&machine.model, self.world.ledger().begins(id));
        machine.until(machine.elapsed() + lasts).await;
        self.world.ledger().ends(id, machine.elapsed());
        Exchange { result, duration_ms: u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX) }
    }
}

fn answer(model: &Model, kind: Kind) -> (Duration, Result<Response, Failure>) {
    let ok = || Ok(Response { status: 200, headers: Vec::new(), body: Body::of(b"ok"), body_is_cut: false });
    let failure = |class: ErrorClass| Err(Failure { class, detail: class.name().to_owned() });
    match kind {
        Kind::Healthy | Kind::Huge => (model.lasts("healthy"), ok()),
        Kind::Slow => (model.lasts("slow"), ok()),
        Kind::Silent => (limits::REQUEST, failure(ErrorClass::Timeout)),
        Kind::Refusing => (model.lasts("refused"), failure(ErrorClass::Connect)),
    }
}

impl SendMail for Sender<'_> {
    async fn send(&self, _to: &Addressee<'_>, _mail: &Mail) -> Answer<MailOutcome> {
        Ok(MailOutcome::Off)
    }
}

impl Log for Sender<'_> {
    fn log(&self, line: Line) {
        if line.level >= Level::Error {
            self.world.ledger().errors.push(line.render(self.now(), "sender"));
        }
    }
}
