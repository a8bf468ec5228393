//! What stands in a table before the first call: what other functions and people write, and what none should have.

use super::call::{After, Made, Waiting};
use super::domain::{self, Chat, Hook, Moment, Of, Said};
use crate::contract::values;
use crate::world::at;
use bundler::{
    health::Health,
    id::KeyPart,
    table::{
        Item, ItemKey, at,
        bucket::{self, Target},
        cut,
        item::{DUE_PK, DUE_SK},
        lane::{self, Delivery, Progress},
        settings, sweep,
        turn::{self, Turn},
    },
};

#[derive(Debug, Clone)]
pub(crate) enum Given {
    Health(Hook, Health),
    InBucket(Moment, Said),
    Pointer(Moment, Said, Option<Moment>),
    Outcome(Of, Progress),
    /// Many messages, large enough that a query takes several pages.
    Large(Moment, Said),
    Cuts(Moment, Chat, Made),
    Rest(Waiting),
    Turn(Hook, u64),
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
    Claim(Moment),
    /// Holds this text, or a number.
    LowWater(Option<&'static str>),
    Cuts(Moment, Chat),
    Turn(Hook),
    Rest(Hook),
    /// In the index, and nothing that has a time of its own.
    Appointment,
}

impl Given {
    pub(crate) fn items(&self) -> Vec<Item> {
        match self {
            Self::Health(hook, health) => {
                vec![settings::health_to_item(&values::workspace(hook.0), &hook.id(), health)]
            }
            Self::InBucket(due, said) => vec![said.in_bucket(due).to_item()],
            Self::Pointer(due, said, target) => {
                let target = target.map_or(Target::Lane, values::to_bucket);
                vec![said.pointer(due, target).to_item()]
            }
            Self::Outcome(of, progress) => vec![Delivery { key: of.key(), progress: *progress }.to_item(values::now())],
            Self::Large(due, said) => (0..22).map(|number| numbered(due, *said, number)).collect(),
            Self::Cuts(due, chat, made) => vec![made.cuts(due, *chat).to_item()],
            Self::Rest(waiting) => vec![waiting.rest().to_item()],
            Self::Turn(hook, revision) => {
                let turn = Turn { revision: *revision };
                vec![turn.to_item(&values::workspace(hook.0), &hook.id(), domain::turn(*hook, 0))]
            }
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
            Self::Mark(due) => foreign(sweep::partition(at(due)), "shard"),
            Self::Claim(due) => foreign(sweep::partition(at(due)), "claim#000"),
            Self::LowWater(Some(text)) => Item::new(sweep::low_water_key()).text(sweep::DONE, *text),
            Self::LowWater(None) => Item::new(sweep::low_water_key()).number(sweep::DONE, 1),
            Self::Cuts(due, chat) => {
                let item = Made(1, 0).cuts(due, *chat).to_item();
                item.text(cut::CUTS, "noon")
            }
            Self::Turn(hook) => Item::new(turn::key(&values::workspace(hook.0), &hook.id())),
            Self::Rest(hook) => foreign(turn::partition(&values::workspace(hook.0), &hook.id()), "due#noon#000"),
            Self::Appointment => {
                foreign("nobody".to_owned(), "knows").text(DUE_PK, at::PARTITION).text(DUE_SK, "20210224T163500")
            }
        }
    }
}

fn foreign(pk: String, sk: &str) -> Item {
    Item::new(ItemKey { pk, sk: sk.to_owned() })
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
