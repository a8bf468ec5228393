//! What the delivery queue has given up on: it is held, to be tried again soon, and somebody is told. It sends nothing.

use crate::{
    batch::Record,
    deliver::{self, Loaded},
    health::Wish,
    hold, limits,
    log::{Level, Line, Log},
    order::{self, Order},
    ports::{Answer, Clock, DeliverTable},
    table::lane::{DeliveryState, Progress},
};

/// What holding needs.
pub struct DeadLetters<'a, T, C> {
    pub table: &'a T,
    pub clock: &'a C,
}

/// What became of a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Held,
    /// It has an outcome, or nothing is there to send, or its webhook is gone.
    Over,
    /// A notice: its webhook's health still owes it, and brings it back.
    Owed,
}

impl<T: DeliverTable, C: Clock> DeadLetters<'_, T, C> {
    /// Holds a batch's deliveries, and returns the ids of the records that the queue has to keep.
    pub async fn take<L: Log>(&self, log: &L, records: Vec<Record>) -> Vec<String> {
        let mut kept = Vec::new();
        for record in records {
            let order = match order::parse(&record.body) {
                Ok(order) => order,
                Err(error) => {
                    log.log(Line::new(Level::Error, "dead letter is no order of ours").text("error", error));
                    kept.push(record.id);
                    continue;
                }
            };
            let line = order.name(Line::new(Level::Error, "the queue gave up on a record"));
            match self.take_one(&order).await {
                Ok(Fate::Held) => log.log(line.text("outcome", "held")),
                Ok(Fate::Over) => log.log(line.text("outcome", "over")),
                Ok(Fate::Owed) => log.log(line.text("outcome", "owed")),
                Err(error) => {
                    log.log(line.text("outcome", "failed").text("error", error.to_string()));
                    kept.push(record.id);
                }
            }
        }
        kept
    }

    async fn take_one(&self, order: &Order) -> Answer<Fate> {
        let Order::Deliver { key, wish } = order else { return Ok(Fate::Owed) };
        let Some(Loaded { progress, .. }) = deliver::load(self.table, key, *wish).await? else { return Ok(Fate::Over) };
        match progress.state {
            DeliveryState::Delivered | DeliveryState::Failed | DeliveryState::Expired | DeliveryState::Dropped => {
                return Ok(Fate::Over);
            }
            // What is held comes back by its webhook's health.
            DeliveryState::Held if *wish != Wish::Resend => return Ok(Fate::Held),
            DeliveryState::Pending | DeliveryState::Held => {}
        }
        // First somebody who looks, then what is to be seen.
        if !hold::look_after(self.table, self.clock, key).await? {
            return Ok(Fate::Over);
        }
        let next = Some(self.clock.now().plus(limits::OURS_WAIT));
        deliver::record(self.table, self.clock, key, Progress { state: DeliveryState::Held, next, ..progress }).await?;
        Ok(Fate::Held)
    }
}
