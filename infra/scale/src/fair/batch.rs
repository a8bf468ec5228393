//! One batch of the sender, as its `main` and Lambda run it.

use super::{queue::Handed, world::World};
use crate::invocation::Invocation;
use bundler::{
    batch::{Batch, Record},
    deliver::Deliver,
    health::Patience,
    mail::{Letter, Mail},
    memory::Cost,
    ports::Clock,
    tell::Tell,
};
use std::time::Duration;

/// Sends a batch; when what is handed back is handed out again.
pub(crate) async fn send(world: &World, batch: Vec<Handed>) -> Option<Duration> {
    let machine = &world.machine;
    let handed_out = machine.elapsed();
    let is_given_up = |one: &Handed| one.receives > machine.model.count("receives");
    assert!(!batch.iter().any(is_given_up), "the queue gives up on a message");
    let bytes = batch.iter().map(|one| one.reference.len()).sum();
    // To receive it, and to delete what is done.
    world.ledger().note(None, Cost::queue(batch.len(), bytes).plus(Cost::queue(batch.len(), 0)));
    machine.until(handed_out + machine.model.lasts("request")).await;

    let ports = &Invocation::of(world);
    let patience = &Patience::default();
    let (platform, deadline) = ("TimelinesAI", ports.now().plus(machine.model.lasts("sender")));
    let deliver = Deliver { table: ports, receiver: ports, copies: ports, clock: ports, platform, patience, deadline };
    let tell = Tell { table: ports, mailer: ports, clock: ports, patience, compose, platform, settings_url: "" };
    let record = |(id, one): (usize, &Handed)| Record {
        id: id.to_string(),
        group: one.group.to_string(),
        body: one.reference.clone(),
    };
    let records = batch.iter().enumerate().map(record).collect();
    let kept = Batch { deliver, tell }.take(ports, records).await;

    machine.until(machine.elapsed() + machine.model.lasts("request")).await;
    world.queue().finish(handed_out, batch, &kept)
}

/// No webhook here has an owner who could be told anything.
fn compose(_letter: &Letter) -> Mail {
    Mail { subject: String::new(), text: String::new(), html: String::new() }
}
