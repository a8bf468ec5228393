//! Rows for the checks: a lane's messages, pointers and outcomes.

use crate::world::{at, message};
use bundler::{
    delivery::{DeliveryKey, Lane, Subject},
    event::Event,
    id::{KeyPart, WebhookId, WorkspaceId},
    native,
    table::{
        bucket::{BucketMessage, Pointer, Slot, Target},
        lane::{Delivery, DeliveryState, LaneMessage, Progress},
    },
    timestamp::Timestamp,
};

/// The window's end that the checks look at, and the one after it.
pub(crate) const DUE: &str = "2021-02-24T17:00:00Z";
pub(crate) const NEXT_DUE: &str = "2021-02-24T18:00:00Z";

pub(crate) fn workspace(id: &str) -> WorkspaceId {
    WorkspaceId::parse(id).expect("a workspace")
}

/// A chat of the workspace `acme`.
pub(crate) fn lane(chat: &str) -> Lane {
    Lane { workspace: workspace("acme"), webhook: WebhookId::first(), chat: KeyPart::of(chat) }
}

pub(crate) fn event(timestamp: &str, id: &str, text: &str) -> Event {
    native::parse(&message(timestamp, id, text), "").expect("an event")
}

fn slot(lane: &Lane, due: &str, event: &Event) -> Slot {
    let message = KeyPart::of(event.message.id.as_str());
    Slot { due: at(due), lane: lane.clone(), timestamp: event.message.timestamp, message }
}

/// A message in a bucket. Arrived a minute after the article's example, unless a check says otherwise.
pub(crate) fn in_bucket(lane: &Lane, due: &str, event: Event) -> BucketMessage {
    BucketMessage { slot: slot(lane, due, &event), event, at: at("2021-02-24T16:26:29Z") }
}

/// The pointer that a late message leaves in the bucket of `due`.
pub(crate) fn pointer(lane: &Lane, due: &str, event: &Event, target: Target) -> Pointer {
    Pointer { slot: slot(lane, due, event), target, at: at("2021-02-24T17:30:00Z") }
}

pub(crate) fn to_bucket(due: &str) -> Target {
    Target::Bucket { due: at(due) }
}

/// A message that goes out by itself.
pub(crate) fn in_lane(lane: &Lane, event: Event) -> LaneMessage {
    LaneMessage { lane: lane.clone(), event, at: at("2021-02-24T16:26:29Z"), progress: Progress::NONE }
}

pub(crate) fn bundle(lane: &Lane, due: &str) -> DeliveryKey {
    DeliveryKey { lane: lane.clone(), subject: Subject::Bundle { due: at(due), cut: None } }
}

pub(crate) fn outcome(key: &DeliveryKey, state: DeliveryState, attempts: u32, parts_done: u32) -> Delivery {
    let errors = attempts - parts_done.min(attempts);
    Delivery { key: key.clone(), progress: Progress { state, attempts, errors, parts_done, next: None } }
}

pub(crate) fn now() -> Timestamp {
    at("2021-02-24T17:01:00Z")
}
