//! Taking a message in: decide where it belongs, write it there by one request, and say what happened to it.
//! Success is told only when everything is stored and, where it is due at once, enqueued.

use crate::{
    cache::SettingsCache,
    delivery::{Cause, DeliveryKey, Lane, Subject},
    event::{Event, Incoming},
    file::{Copying, File, FileKey, FileState, Source},
    id::{KeyPart, WebhookId},
    limits,
    native::FieldError,
    order,
    ports::{Answer, Content, Enqueue, EnqueueCopy, GatherTable, PortError, Put, PutInLane, PutObject},
    settings::{Gathering, Switch},
    table::{
        bucket::{BucketMessage, Pointer, Slot, Target},
        lane::{DeliveryState, LaneMessage, Progress},
        stored,
    },
    timestamp::Timestamp,
    window::{AggregationUnit, Window},
};
use futures_util::future::join_all;
use std::{sync::Arc, time::Duration};

/// What happened to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Accepted(Timing),
    /// It was here before; nothing changed.
    Duplicate,
    /// It was here before and said something else: the first stands.
    DuplicateDiffers,
    /// The owner has switched the webhook off: new messages are not stored.
    SwitchedOff,
    /// No webhook of the workspace wants such a message.
    NotWanted,
    /// It will not be taken, however often it is sent.
    Refused(Refusal),
    /// Trouble of ours: to be sent again.
    Failed(PortError),
}

impl Outcome {
    /// What is told of a message that met this at one webhook and `other` at another: first what has to be sent again, then
    /// what is wrong with it, then what is new.
    #[must_use]
    pub fn beside(self, other: Self) -> Self {
        if other.weight() > self.weight() { other } else { self }
    }

    fn weight(&self) -> u8 {
        match self {
            Self::NotWanted => 0,
            Self::SwitchedOff => 1,
            Self::Duplicate => 2,
            Self::DuplicateDiffers => 3,
            Self::Accepted(_) => 4,
            Self::Refused(_) => 5,
            Self::Failed(_) => 6,
        }
    }
}

/// How an accepted message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    OnTime,
    /// Its window had ended: it goes with what is gathered now.
    Late,
    /// Nothing is gathered: it is on its way.
    AtOnce,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    UnknownWorkspace,
    Field(FieldError),
}

/// What taking messages in needs.
pub struct Ingest<'a, T, Q, F> {
    pub table: &'a T,
    pub queue: &'a Q,
    /// Where files go that come with their messages, and where it is said which are to be copied.
    pub files: &'a F,
    pub cache: &'a SettingsCache,
    pub unit: AggregationUnit,
}

/// What ingest asks of the world for files.
pub trait IngestFiles: EnqueueCopy + PutObject {}

impl<F: EnqueueCopy + PutObject> IngestFiles for F {}

/// What is to be done for one webhook.
enum Plan {
    Store(Arc<Gathering>, Box<Placement>),
    Tell(Outcome),
}

impl Plan {
    fn stores(&self) -> bool {
        match self {
            Self::Store(..) => true,
            Self::Tell(_) => false,
        }
    }
}

impl<T: GatherTable, Q: Enqueue, F: IngestFiles> Ingest<'_, T, Q, F> {
    /// Takes one event in for each webhook of its workspace that wants it, and says what is to be told of them together.
    pub async fn ingest(&self, now: Timestamp, incoming: impl Into<Incoming>) -> Outcome {
        let Incoming { event, source } = incoming.into();
        let first = match self.cache.read(self.table, now, &event.workspace, &WebhookId::first()).await {
            Ok(Some(settings)) => settings,
            Ok(None) => return Outcome::Refused(Refusal::UnknownWorkspace),
            Err(error) => return Outcome::Failed(error),
        };
        let others = join_all(first.others.iter().map(|other| self.plan_for_another(now, other, &event))).await;
        let own = self.plan(now, first, WebhookId::first(), &event);
        let plans: Vec<Plan> = [own].into_iter().chain(others).collect();
        // Before any message that has the file is stored, so that whoever reads one finds what is known of it.
        if let Some(source) = source
            && plans.iter().any(Plan::stores)
            && let Err(error) = self.keep(now, &event, source).await
        {
            return Outcome::Failed(error);
        }
        let mut outcomes = join_all(plans.into_iter().map(|plan| self.carry_out(plan))).await.into_iter();
        let own = outcomes.next().unwrap_or(Outcome::NotWanted);
        outcomes.fold(own, Outcome::beside)
    }

    async fn plan_for_another(&self, now: Timestamp, webhook: &WebhookId, event: &Event) -> Plan {
        match self.cache.read(self.table, now, &event.workspace, webhook).await {
            Ok(Some(settings)) => self.plan(now, settings, webhook.clone(), event),
            Ok(None) => Plan::Tell(Outcome::NotWanted),
            Err(error) => Plan::Tell(Outcome::Failed(error)),
        }
    }

    fn plan(&self, now: Timestamp, settings: Arc<Gathering>, webhook: WebhookId, event: &Event) -> Plan {
        match place(&settings, self.unit, now, webhook, event.clone()) {
            Err(error) => Plan::Tell(Outcome::Refused(Refusal::Field(error))),
            Ok(Placement::SwitchedOff) => Plan::Tell(Outcome::SwitchedOff),
            Ok(Placement::NotWanted) => Plan::Tell(Outcome::NotWanted),
            Ok(placement) => Plan::Store(settings, Box::new(placement)),
        }
    }

    async fn carry_out(&self, plan: Plan) -> Outcome {
        match plan {
            Plan::Tell(outcome) => outcome,
            Plan::Store(settings, placement) => self.store(&settings, *placement).await.unwrap_or_else(Outcome::Failed),
        }
    }

    /// Writes down that the message has a file, and sees to it that it is copied, or keeps it at once if it came along. Of
    /// a message that comes again it is known already; while it is not there, it is asked for again.
    async fn keep(&self, now: Timestamp, event: &Event, source: Source) -> Answer<()> {
        let Some(attachment) = &event.message.attachment else { return Ok(()) };
        let key = FileKey::of(event);
        let file = |state| File {
            key: key.clone(),
            size: attachment.size,
            mimetype: attachment.mimetype.clone(),
            at: now,
            state,
            waiting: Vec::new(),
            is_released: false,
            revision: 0,
        };
        if let Source::Inline(content) = source {
            let size = content.len() as u64;
            self.files.put_object(&key.object(), &attachment.mimetype, content).await?;
            return self.table.put_file(&file(FileState::Kept { size })).await.map(|_| ());
        }
        let is_new = self.table.put_file(&file(FileState::Pending(Copying { source, tries: 0 }))).await?;
        let is_open = is_new || self.table.read_file(&key).await?.is_some_and(|stored| stored.is_open());
        if is_open { self.files.enqueue_copy(&key, Duration::ZERO).await } else { Ok(()) }
    }

    async fn store(&self, settings: &Gathering, placement: Placement) -> Answer<Outcome> {
        match placement {
            Placement::SwitchedOff => Ok(Outcome::SwitchedOff),
            Placement::NotWanted => Ok(Outcome::NotWanted),
            Placement::Bucket(message) => Ok(match self.table.put_in_bucket(&message).await? {
                Put::Stored => Outcome::Accepted(Timing::OnTime),
                Put::Message(content) => duplicate(content),
                Put::Pointer(_) => Outcome::Duplicate,
            }),
            Placement::LateBucket(pointer, message) => {
                let put = self.table.put_late_in_bucket(&pointer, &message).await?;
                self.after_late(settings, &pointer.slot, put, Timing::Late).await
            }
            Placement::LateLane(pointer, message) => {
                let put = self.table.put_late_in_lane(&pointer, &message).await?;
                if put == Put::Stored {
                    self.enqueue(settings, &message.delivery()).await?;
                }
                self.after_late(settings, &pointer.slot, put, Timing::AtOnce).await
            }
            Placement::Lane(message) => self.store_in_lane(settings, &message).await,
        }
    }

    /// A message that was stored before and has no outcome yet is enqueued again: the function may have died between
    /// the two.
    async fn store_in_lane(&self, settings: &Gathering, message: &LaneMessage) -> Answer<Outcome> {
        let (outcome, progress) = match self.table.put_in_lane(message).await? {
            PutInLane::Stored => (Outcome::Accepted(Timing::AtOnce), Progress::NONE),
            PutInLane::Taken(progress, content) => (duplicate(content), progress),
        };
        match progress.state {
            DeliveryState::Pending => self.enqueue(settings, &message.delivery()).await?,
            DeliveryState::Delivered
            | DeliveryState::Held
            | DeliveryState::Failed
            | DeliveryState::Expired
            | DeliveryState::Dropped => {}
        }
        Ok(outcome)
    }

    /// A late message that is here already may be one that was stored in its lane and, because the function died,
    /// never enqueued: it is enqueued again. The sender finds it delivered if it was.
    async fn after_late(&self, settings: &Gathering, slot: &Slot, put: Put, timing: Timing) -> Answer<Outcome> {
        match put {
            Put::Stored => Ok(Outcome::Accepted(timing)),
            Put::Message(content) => Ok(duplicate(content)),
            Put::Pointer(Target::Bucket { .. }) => Ok(Outcome::Duplicate),
            Put::Pointer(Target::Lane) => {
                let subject = Subject::Message { timestamp: slot.timestamp, message: slot.message.clone() };
                self.enqueue(settings, &DeliveryKey { lane: slot.lane.clone(), subject }).await?;
                Ok(Outcome::Duplicate)
            }
        }
    }

    async fn enqueue(&self, settings: &Gathering, key: &DeliveryKey) -> Answer<()> {
        self.queue.enqueue(&[order::deliver(key, settings.concurrency, &Cause::Due)]).await?.into_iter().collect()
    }
}

fn duplicate(content: Content) -> Outcome {
    match content {
        Content::Same => Outcome::Duplicate,
        Content::Other => Outcome::DuplicateDiffers,
    }
}

/// Where a message belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    Bucket(BucketMessage),
    LateBucket(Pointer, BucketMessage),
    Lane(LaneMessage),
    LateLane(Pointer, LaneMessage),
    SwitchedOff,
    NotWanted,
}

/// Decides where a message that arrives at `now` belongs. Its key depends on nothing that a redelivery could change:
/// only on what upstream said, and on the setting in force at the message's own timestamp.
pub fn place(
    settings: &Gathering,
    unit: AggregationUnit,
    now: Timestamp,
    webhook: WebhookId,
    event: Event,
) -> Result<Placement, FieldError> {
    check(&event, now)?;
    if settings.switch == Switch::Off {
        return Ok(Placement::SwitchedOff);
    }
    if !settings.filter.wants(&event) {
        return Ok(Placement::NotWanted);
    }
    let timestamp = event.message.timestamp;
    let lane = Lane { workspace: event.workspace.clone(), webhook, chat: KeyPart::of(event.chat.id.as_str()) };
    let message = KeyPart::of(event.message.id.as_str());
    let slot = |due| Slot { due, lane: lane.clone(), timestamp, message: message.clone() };
    let in_lane = |event| LaneMessage { lane: lane.clone(), event, at: now, progress: Progress::NONE };

    let Some(own) = Window::of(settings.schedule.at(timestamp), unit, timestamp) else {
        return Ok(Placement::Lane(in_lane(event)));
    };
    if own.takes(now) {
        return Ok(Placement::Bucket(BucketMessage { slot: slot(own.end), event, at: now }));
    }
    let pointer = |target| Pointer { slot: slot(own.end), target, at: now };
    Ok(match Window::of(settings.schedule.at(now), unit, now) {
        Some(open) => {
            let pointer = pointer(Target::Bucket { due: open.end });
            Placement::LateBucket(pointer, BucketMessage { slot: slot(open.end), event, at: now })
        }
        None => Placement::LateLane(pointer(Target::Lane), in_lane(event)),
    })
}

/// What can be wrong with an event that is whole in itself.
fn check(event: &Event, now: Timestamp) -> Result<(), FieldError> {
    let error = |pointer: &str, detail: String| FieldError { pointer: pointer.to_owned(), detail };
    let timestamp = event.message.timestamp;
    if timestamp > now.plus(limits::AHEAD) {
        let minutes = limits::AHEAD.as_secs() / 60;
        return Err(error("/message/timestamp", format!("is more than {minutes} minutes ahead of {}", now.rfc3339())));
    }
    if timestamp < now.minus(limits::BEHIND) {
        let days = limits::BEHIND.as_secs() / limits::DAY_SECONDS;
        return Err(error("/message/timestamp", format!("is more than {days} days before {}", now.rfc3339())));
    }
    // Every other field is short: without a long text an event fits its item.
    if event.message.text.len() > 16_384 && stored::weight(event) > limits::STORED_EVENT_BYTES {
        return Err(error(
            "/message/text",
            format!("makes the event larger than {} bytes", limits::STORED_EVENT_BYTES),
        ));
    }
    Ok(())
}
