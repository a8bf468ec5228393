//! What was counted of a day of a webhook's log, so that it is counted once. It never stands for more than the log says: what
//! is counted again comes out the same.

use super::item::{Item, ItemError, ItemKey, wrong};
use crate::{
    id::{WebhookId, WorkspaceId},
    limits,
    table::attempt::Attempted,
    timestamp::Timestamp,
    window::Window,
};

/// Requests, those of them that were not taken, and the messages of those that were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub calls: u64,
    pub errors: u64,
    pub messages: u64,
}

impl Tally {
    /// A test counts as nothing.
    pub fn add(&mut self, attempted: &Attempted) {
        if attempted.key.lane.is_test() {
            return;
        }
        self.calls += 1;
        if attempted.is_taken {
            self.messages += attempted.messages;
        } else {
            self.errors += 1;
        }
    }
}

/// A day, which is a span of time: whose clock made it one is of no importance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedDay {
    pub day: Window,
    pub tally: Tally,
    /// The sort key of the log up to which it was counted; that of the day's end, if all of it was.
    pub through: String,
}

const CALLS: &str = "calls";
const ERRORS: &str = "errors";
const MESSAGES: &str = "messages";
const THROUGH: &str = "through";

/// The partition key of a webhook's days, in order of time.
pub fn partition(workspace: &WorkspaceId, webhook: &WebhookId) -> String {
    format!("traffic#{workspace}#{webhook}")
}

impl CountedDay {
    /// Of which nothing was counted yet.
    pub fn none(day: Window) -> Self {
        Self { day, tally: Tally::default(), through: day.start.key() }
    }

    pub fn is_whole(&self) -> bool {
        self.through == self.day.end.key()
    }

    pub fn to_item(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Item {
        // Another zone's day may begin at the same moment, and end at another.
        let sk = format!("{}#{}", self.day.start.key(), self.day.end.key());
        Item::new(ItemKey { pk: partition(workspace, webhook), sk })
            .number(CALLS, self.tally.calls)
            .number(ERRORS, self.tally.errors)
            .number(MESSAGES, self.tally.messages)
            .text(THROUGH, self.through.clone())
            .expires(self.day.end.plus(limits::TRAFFIC_LIFE))
    }

    pub fn from_item(item: &Item) -> Result<Self, ItemError> {
        let moments = item.key.sk.split_once('#');
        let moments = moments.and_then(|(start, end)| Timestamp::parse_key(start).zip(Timestamp::parse_key(end)));
        let (start, end) = moments.ok_or_else(|| wrong("sk", "is not a day's"))?;
        let through = item.get_text(THROUGH)?.to_owned();
        if through < start.key() || through > end.key() {
            return Err(wrong(THROUGH, "is not within the day"));
        }
        Ok(Self {
            day: Window { start, end },
            tally: Tally {
                calls: item.get_number(CALLS)?,
                errors: item.get_number(ERRORS)?,
                messages: item.get_number(MESSAGES)?,
            },
            through,
        })
    }
}
