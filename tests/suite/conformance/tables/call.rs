//! Calls of the table's ports, with their arguments in the words of `domain`, so that a sequence of them can be read.

use super::domain::{Chat, Hook, Moment, Of, Said};
use bundler::{
    id::KeyPart,
    settings::{Health, HealthState, Settings},
    signature::SigningSecret,
    table::{
        Item, ItemKey,
        bucket::{self, Target},
        lane::{self, Delivery, Progress},
        settings,
        sweep::{self, Position},
    },
    window::Granularity,
};

use crate::contract::values;
use crate::world::at;

/// A call of a port. Its answer is compared, and what the table holds after all of them.
#[derive(Debug, Clone)]
pub(crate) enum Call {
    /// No call: what stands in the table before the first one.
    Given(Given),
    PutSettings(Hook, &'static str),
    ReadSettings(Hook),
    ReadWebhook(Hook),
    PutInBucket(Moment, Said),
    /// The window's end whose bucket it is late for, and the one that it goes to.
    PutLateInBucket(Moment, Moment, Said),
    PutInLane(Said),
    PutLateInLane(Moment, Said),
    ReadLowWater,
    RaiseLowWater(Moment),
    ReadMarks(Moment),
    PutMark(Moment, u16, Position),
    ReadDue(Moment, Chat, After),
    ReadBucket(Moment, Chat, After),
    ReadDelivery(Of),
    ReadLaneMessage(Said),
    PutDelivery(Of, Progress, Moment),
    SetLaneProgress(Of, Progress),
    PutAttempt(Of, u32, Moment),
}

/// Where a query begins.
#[derive(Debug, Clone)]
pub(crate) enum After {
    Nothing,
    /// Behind the key of this message, whether anything stands there or not.
    Said(Said),
    /// Behind the key that this message's begins with.
    Within(Said),
}

/// An item that is there before the first call: what other functions and people write, and what none should have.
#[derive(Debug, Clone)]
pub(crate) enum Given {
    Health(Hook, HealthState),
    InBucket(Moment, Said),
    Pointer(Moment, Said, Option<Moment>),
    Outcome(Of, Progress),
    /// Many messages, large enough that a query takes several pages.
    Large(Moment, Said),
    Unreadable(Unreadable),
}

/// An item without what is read of it.
#[derive(Debug, Clone)]
pub(crate) enum Unreadable {
    Settings(Hook),
    Health(Hook),
    InBucket(Moment, Said),
    /// Its sort key has a part too many.
    BehindBucket(Moment, Said),
    Outcome(Of, &'static str),
    Mark(Moment),
    LowWater,
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
        }
    }
}

impl Given {
    pub(crate) fn items(&self) -> Vec<Item> {
        match self {
            Self::Health(hook, state) => {
                let health = Health { state: *state, epoch: 3, consecutive_errors: 2, error_sequence: 17 };
                vec![settings::health_to_item(&values::workspace(hook.0), &hook.id(), &health)]
            }
            Self::InBucket(due, said) => vec![said.in_bucket(due).to_item()],
            Self::Pointer(due, said, target) => {
                let target = target.map_or(Target::Lane, values::to_bucket);
                vec![said.pointer(due, target).to_item()]
            }
            Self::Outcome(of, progress) => vec![Delivery { key: of.key(), progress: *progress }.to_item(values::now())],
            Self::Large(due, said) => (0..22).map(|number| numbered(due, *said, number)).collect(),
            Self::Unreadable(unreadable) => vec![unreadable.item()],
        }
    }
}

/// Kept below what a batch of writes may weigh.
fn numbered(due: Moment, said: Said, number: usize) -> Item {
    let mut message = said.in_bucket(due);
    message.slot.message = KeyPart::of(&format!("{number:02}"));
    message.to_item()
}

impl Unreadable {
    fn item(&self) -> Item {
        match self {
            Self::Settings(hook) => {
                Item::new(settings::settings_key(&values::workspace(hook.0), &hook.id())).text("settings", "{}")
            }
            Self::Health(hook) => {
                let pk = settings::partition(&values::workspace(hook.0), &hook.id());
                Item::new(ItemKey { pk, sk: "health".to_owned() }).number("health", 1)
            }
            Self::InBucket(due, said) => Item::new(said.slot(due).key()).number("event", 1),
            Self::BehindBucket(due, said) => {
                let mut item = said.in_bucket(due).to_item();
                item.key.sk.push_str("#more");
                item
            }
            Self::Outcome(of, without) => {
                let delivery = Delivery { key: of.key(), progress: Progress::NONE };
                let mut item = delivery.to_item(values::now());
                item.attributes.remove(*without);
                item
            }
            Self::Mark(due) => Item::new(ItemKey { pk: sweep::partition(at(due)), sk: "shard".to_owned() }),
            Self::LowWater => Item::new(sweep::low_water_key()).text("due", "yesterday"),
        }
    }
}

pub(crate) fn settings_with(url: &str) -> Settings {
    Settings::new(url.to_owned(), Granularity::Hours6, SigningSecret::from_bytes([7; 32]))
}

#[test]
fn what_is_given_as_unreadable_stands_where_a_readable_item_would() {
    let said = Said {
        chat: super::domain::CHATS[0],
        sent: super::domain::SENT[0],
        id: "a",
        text: super::domain::TEXTS[1],
        at: super::domain::ARRIVALS[0],
    };
    let due = super::domain::DUES[0];
    assert_eq!(Unreadable::InBucket(due, said).item().key, said.in_bucket(due).to_item().key);
    assert_eq!(Unreadable::Outcome(Of::Message(said), "state").item().key, lane::key(&Of::Message(said).key()));
    assert!(After::Within(said).key(due).is_some_and(|key| key < said.slot(due).key().sk));
    assert!(After::Within(said).key(due).is_some_and(|key| key.starts_with(&bucket::prefix(&said.chat.lane()))));
}
