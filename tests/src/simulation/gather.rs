//! The requests that gather messages, behind gates.

use super::{
    breaks::Break,
    gate::lock,
    ports::{Ports, at_once},
    world::World,
};
use bundler::{
    ports::{Answer, GatherTable, Put, PutInLane},
    table::{
        bucket::{BucketMessage, Pointer},
        lane::{DeliveryState, LaneMessage, Progress},
    },
    timestamp::Timestamp,
    window::{AggregationUnit, Window},
};

/// Longer than the grace: what a frozen sandbox could still put when it thaws.
const THAWS_WITHIN_MS: u64 = 90_000;

impl GatherTable for Ports {
    async fn put_in_bucket(&self, message: &BucketMessage) -> Answer<Put> {
        let mut message = message.clone();
        if self.is(Break::WindowByArrival)
            && let Some(due) = self.open_at(&message, message.at)
        {
            message.slot.due = due;
        }
        let about = format!("{} due {}", message.slot.message, message.slot.due.rfc3339());
        self.expect_due(message.slot.due);
        let put = move |world: &World, _| put_message(world, &message);
        if self.is(Break::PutLeftUnderWay) {
            self.world.leave(self.invocation, "put_in_bucket", THAWS_WITHIN_MS, put);
            return Ok(Put::Stored);
        }
        self.ask("put_in_bucket", || about.clone(), put).await
    }

    async fn put_late_in_bucket(&self, pointer: &Pointer, message: &BucketMessage) -> Answer<Put> {
        let about = || format!("{} due {}", message.slot.message, message.slot.due.rfc3339());
        self.expect_due(message.slot.due);
        let (pointer, message) = (pointer.clone(), message.clone());
        if self.is(Break::PointerFirst) {
            let (pointing, at_pointer) = (pointer.clone(), message.clone());
            let alone = move |world: &World, _| put_pointer(world, &pointing, &at_pointer);
            return match self.ask("put_pointer", about, alone).await? {
                Put::Stored => self.put_in_bucket(&message).await,
                taken @ (Put::Message(_) | Put::Pointer(_)) => Ok(taken),
            };
        }
        if self.is(Break::MessageFirst) {
            self.put_in_bucket(&message).await?;
            let alone = move |world: &World, _| put_pointer(world, &pointer, &message);
            return self.ask("put_pointer", about, alone).await;
        }
        let put = move |world: &World, _| {
            let put = at_once(world.table.put_late_in_bucket(&pointer, &message))?;
            match put {
                Put::Pointer(_) if world.is(Break::PutBehindPointer) => put_message(world, &message),
                Put::Stored | Put::Message(_) | Put::Pointer(_) => Ok(put),
            }
        };
        self.ask("put_late_in_bucket", about, put).await
    }

    async fn put_in_lane(&self, message: &LaneMessage) -> Answer<PutInLane> {
        let about = || message.event.message.id.as_str().to_owned();
        let message = message.clone();
        let put = move |world: &World, _| {
            let put = at_once(world.table.put_in_lane(&message))?;
            Ok(match put {
                PutInLane::Taken(progress, content) if world.is(Break::EnqueuedOnce) => {
                    PutInLane::Taken(Progress { state: DeliveryState::Delivered, ..progress }, content)
                }
                PutInLane::Stored | PutInLane::Taken(..) => put,
            })
        };
        self.ask("put_in_lane", about, put).await
    }

    async fn put_late_in_lane(&self, pointer: &Pointer, message: &LaneMessage) -> Answer<Put> {
        let about = || message.event.message.id.as_str().to_owned();
        let (pointer, message) = (pointer.clone(), message.clone());
        let put = move |world: &World, _| at_once(world.table.put_late_in_lane(&pointer, &message));
        self.ask("put_late_in_lane", about, put).await
    }
}

impl Ports {
    /// The end of the window that is open at a moment.
    fn open_at(&self, message: &BucketMessage, moment: Timestamp) -> Option<Timestamp> {
        let settings = self.world.settings_before(&message.slot.lane.workspace, 0)?;
        Some(Window::of(settings.schedule.at(moment), AggregationUnit::HOUR, moment)?.end)
    }

    fn expect_due(&self, due: Timestamp) {
        lock(&self.world.book).dues.insert(due);
    }
}

fn put_message(world: &World, message: &BucketMessage) -> Answer<Put> {
    let put = at_once(world.table.put_in_bucket(message))?;
    match put {
        Put::Pointer(_) if world.is(Break::UnconditionalPut) => {
            let item = message.to_item();
            lock(&world.book).overwritten.insert(item.key.clone(), item);
            Ok(Put::Stored)
        }
        Put::Stored | Put::Message(_) | Put::Pointer(_) => Ok(put),
    }
}

/// A pointer without its message. The port has no such request: beside it a copy goes where nobody looks.
fn put_pointer(world: &World, pointer: &Pointer, message: &BucketMessage) -> Answer<Put> {
    let mut nowhere = message.clone();
    nowhere.slot.due = Timestamp::EPOCH.plus(std::time::Duration::from_secs(900));
    at_once(world.table.put_late_in_bucket(pointer, &nowhere))
}
