//! Calls of the table's ports, with their arguments in the words of `domain`, so that a sequence of them can be read.

use super::domain::{self, Chat, Hook, Moment, Of, Said};
use super::given::Given;
use crate::contract::values;
use crate::world::at;
use bundler::{
    delivery::Lane,
    health::Health,
    id::KeyPart,
    limits,
    settings::Settings,
    signature::SigningSecret,
    table::{
        bucket,
        cut::Cuts,
        lane::{HeldKind, Progress},
        sweep::Position,
        turn::Rest,
    },
    timestamp::Timestamp,
    window::Granularity,
};
use std::ops::Range;

/// A call of a port. Its answer is compared, and what the table holds after all of them.
#[derive(Debug, Clone)]
pub(crate) enum Call {
    /// No call: what stands in the table before the first one.
    Given(Given),
    PutSettings(Hook, u16),
    ReadSettings(Hook),
    ReadWebhook(Hook),
    ReadStanding(Hook),
    PutInBucket(Moment, Said),
    /// The window's end whose bucket it is late for, and the one that it goes to.
    PutLateInBucket(Moment, Moment, Said),
    PutInLane(Said),
    PutLateInLane(Moment, Said),
    ReadLowWater,
    RaiseLowWater(Moment, u16),
    ReadMarks(Moment),
    PutMark(Moment, u16, Position),
    /// How many rows a page is to have at the most, if so many are wanted.
    ReadDue(Moment, Chat, After, Option<u16>),
    ReadBucket(Moment, Chat, After),
    ReadDelivery(Of),
    ReadLaneMessage(Said),
    PutDelivery(Of, Progress, Moment),
    SetLaneProgress(Of, Progress),
    PutAttempt(Of, u32, Moment),
    PutReceipt(Of, Moment),
    /// Before the key of this attempt, whether it stands there or not.
    ReadAttempts(Hook, Option<(Of, u32, Moment)>),
    /// Between two moments, the earlier one first.
    ReadLog(Hook, Moment, Moment),
    /// The day that begins then, and how many calls it had.
    PutCountedDay(Hook, Moment, u32),
    ReadCountedDays(Hook, Moment),
    /// Of the webhook of a chat, in its shard.
    ReadGathering(Moment, Chat, After, u16),
    ReadCuts(Moment, Chat),
    /// What is put, and what was read.
    PutCuts(Moment, Chat, Made, Option<Made>),
    PutClaim(Moment, Range<u16>, Moment),
    ReadRest(Waiting),
    ReadRests(Hook),
    PutRest(Waiting),
    DeleteRest(Waiting),
    ReadAppointments(When, Option<(Moment, Chat, Made)>),
    RaiseTurn(Hook, u32),
    EndTurn(Hook, u64),
    ReadOut(Hook),
    PutOut(Hook, Vec<Of>, Moment),
    PutHealth(Hook, Health),
    StopStoring(Hook, Health),
    ReadHeld(Hook, HeldKind),
    ReadUnattempted(Chat),
}

/// Up to when appointments are asked for: also to the very moment of one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    At(Moment),
    GraceOfCut(Moment, Chat, u32),
    Turn(Hook, u32),
}

/// How many cuts a bucket has, and how many of them are on their way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made(pub(crate) u32, pub(crate) usize);

/// What waits in the shard of a chat, of that chat's webhook.
#[derive(Debug, Clone)]
pub(crate) struct Waiting(pub(crate) Moment, pub(crate) Chat, pub(crate) After);

/// Where a query begins.
#[derive(Debug, Clone)]
pub(crate) enum After {
    Nothing,
    /// Behind the key of this message, whether anything stands there or not.
    Said(Said),
    /// Behind a key that no item has: between a lane's messages,
    Within(Said),
    /// before all of a lane's, and behind all of a webhook's.
    Lane(Chat),
    Webhook(Hook),
}

impl After {
    pub(crate) fn key(&self, due: Moment) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Said(said) => Some(said.slot(due).key().sk),
            Self::Within(said) => {
                let mut slot = said.slot(due);
                slot.message = KeyPart::of("!");
                Some(slot.key().sk.replace("%21", "!"))
            }
            Self::Lane(chat) => Some(bucket::prefix(&chat.lane())),
            Self::Webhook(hook) => {
                let prefix = bucket::webhook_prefix(&values::workspace(hook.0), &hook.id());
                Some(bucket::behind(&prefix))
            }
        }
    }
}

impl When {
    pub(crate) fn moment(self) -> Timestamp {
        match self {
            Self::At(moment) => at(moment),
            Self::GraceOfCut(due, chat, number) => domain::cut(chat, due, number).plus(limits::GRACE),
            Self::Turn(hook, number) => domain::turn(hook, number),
        }
    }
}

impl Made {
    pub(crate) fn cuts(self, due: Moment, chat: Chat) -> Cuts {
        let moments = (0..self.0).map(|number| domain::cut(chat, due, number)).collect();
        Cuts { moments, enqueued: self.1, ..Cuts::none(at(due), chat.lane()) }
    }
}

impl Waiting {
    pub(crate) fn rest(&self) -> Rest {
        let Self(due, chat, after) = self;
        let Lane { workspace, webhook, .. } = chat.lane();
        Rest { workspace, webhook, due: at(due), shard: chat.lane().shard(), after: after.key(due) }
    }
}

pub(crate) fn settings_with(concurrency: u16) -> Settings {
    let url = format!("https://hooks.example.org/{concurrency}?token=א");
    Settings { concurrency, ..Settings::new(url, Granularity::Hours6, SigningSecret::from_bytes([7; 32])) }
}
