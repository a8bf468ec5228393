//! The small world that the calls speak of: so few lanes, moments and ids that calls meet at the same keys.

use crate::contract::values;
use crate::world::{at, in_chat, message};
use bundler::{
    attempt::{Attempt, Body, Document, ErrorClass, Failure, Response},
    delivery::{DeliveryKey, Lane, Subject},
    event::Event,
    id::{KeyPart, WebhookId},
    native,
    table::{
        bucket::{BucketMessage, Pointer, Slot, Target},
        lane::LaneMessage,
    },
    timestamp::Timestamp,
};
use serde_json::json;
use std::time::Duration;

/// A moment as RFC 3339 writes it.
pub(crate) type Moment = &'static str;

/// A workspace and a webhook of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hook(pub(crate) &'static str, pub(super) &'static str);

/// A webhook and a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chat(pub(crate) Hook, pub(super) &'static str);

/// A message, as upstream sent it, and when it arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said {
    pub(crate) chat: Chat,
    pub(crate) sent: Moment,
    pub(crate) id: &'static str,
    pub(crate) text: Text,
    pub(crate) at: Moment,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Text {
    Short(&'static str),
    Kilobytes(usize),
}

/// What is delivered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    Bundle(Chat, Moment),
    /// Up to the cut of this number.
    Cut(Chat, Moment, u32),
    Message(Said),
}

/// The first three are in one shard: two of a webhook, of which one's key begins like the other's, and one of another.
pub(crate) const CHATS: [Chat; 5] = [
    Chat(Hook("acme", "default"), "1"),
    Chat(Hook("acme", "default"), "1543"),
    Chat(Hook("acme", "other"), "61"),
    Chat(Hook("acme2", "default"), "1"),
    Chat(Hook("beta", "default"), "a#b / ç"),
];
pub(crate) const DUES: [Moment; 4] =
    ["2021-02-24T17:00:00Z", "2021-02-24T18:00:00Z", "2021-02-24T17:00:00.5Z", "2021-02-25T00:00:00Z"];
pub(crate) const SENT: [Moment; 4] =
    ["2021-02-24T16:25:29Z", "2021-02-24T16:25:29.5Z", "2021-02-24T16:25:29.05Z", "2021-02-24T16:25:30Z"];
pub(crate) const IDS: [&str; 7] = ["a", "A", "a~", "b#/ é", "x\u{ffff}y", "🙂", LONG_ID];
/// Escaped it is too long for a key, which holds its hash.
const LONG_ID: &str = "אבגדהוזחטיכלמנסעפצקרשתאבגדהוזחטיכלמנסעפצקרשתאבגדהוזחטיכלמנסעפצקרשת";
pub(crate) const TEXTS: [Text; 3] = [Text::Short(""), Text::Short("one"), Text::Short("שלום 👋\n\u{0}\\\"")];
pub(crate) const ARRIVALS: [Moment; 3] = ["2021-02-24T16:26:29.125Z", "2021-02-24T17:00:19Z", "2021-02-24T17:30:00Z"];

impl Hook {
    pub(crate) fn id(self) -> WebhookId {
        WebhookId::parse(self.1).expect("a webhook")
    }
}

impl Chat {
    pub(crate) fn lane(self) -> Lane {
        Lane { workspace: values::workspace(self.0.0), webhook: self.0.id(), chat: KeyPart::of(self.1) }
    }
}

impl Said {
    pub(crate) fn event(self) -> Event {
        let text = match self.text {
            Text::Short(text) => text.to_owned(),
            Text::Kilobytes(count) => "x".repeat(count * 1_000),
        };
        let mut native = in_chat(self.chat.1, message(self.sent, self.id, &text));
        native["workspace_id"] = json!(self.chat.0.0);
        native::parse(&native, "").expect("an event")
    }

    pub(crate) fn slot(self, due: Moment) -> Slot {
        Slot { due: at(due), lane: self.chat.lane(), timestamp: at(self.sent), message: KeyPart::of(self.id) }
    }

    pub(crate) fn in_bucket(self, due: Moment) -> BucketMessage {
        BucketMessage { slot: self.slot(due), event: self.event(), at: at(self.at) }
    }

    pub(crate) fn pointer(self, due: Moment, target: Target) -> Pointer {
        Pointer { slot: self.slot(due), target, at: at(self.at) }
    }

    pub(crate) fn in_lane(self) -> LaneMessage {
        LaneMessage { at: at(self.at), ..values::in_lane(&self.chat.lane(), self.event()) }
    }
}

impl Of {
    pub(crate) fn key(self) -> DeliveryKey {
        match self {
            Self::Bundle(chat, due) => values::bundle(&chat.lane(), due),
            Self::Cut(chat, due, number) => DeliveryKey {
                lane: chat.lane(),
                subject: Subject::Bundle { due: at(due), cut: Some(cut(chat, due, number)) },
            },
            Self::Message(said) => DeliveryKey {
                lane: said.chat.lane(),
                subject: Subject::Message { timestamp: at(said.sent), message: KeyPart::of(said.id) },
            },
        }
    }

    /// The record of a request for it; every second one was answered.
    pub(crate) fn attempt(self, number: u32, started: Moment) -> Attempt {
        let answered = number.is_multiple_of(2);
        let response = Response { status: 200, headers: Vec::new(), body: Body::of(&[0xff, 0, 1]), body_is_cut: false };
        let failure = Failure { class: ErrorClass::Timeout, detail: "no answer".to_owned() };
        Attempt {
            key: self.key(),
            document: Document { part: 0, parts: 1, attempt: number },
            messages: u64::from(number),
            missing_files: Vec::new(),
            started: at(started),
            duration_ms: 12,
            url: "https://hooks.example.org/1".to_owned(),
            request_headers: Vec::new(),
            request_body: Body::of("{\"text\":\"שלום\"}".as_bytes()),
            error: (!answered).then_some(ErrorClass::Timeout),
            result: if answered { Ok(response) } else { Err(failure) },
        }
    }
}

/// The moment of a bucket's cut. No other bucket's is the same, because the index promises no order among equals.
pub(crate) fn cut(chat: Chat, due: Moment, number: u32) -> Timestamp {
    let place = |found: Option<usize>| u32::try_from(found.expect("one of the domain")).expect("a small number");
    let minute = place(CHATS.iter().position(|one| *one == chat));
    let second = place(DUES.iter().position(|one| *one == due));
    at("2021-02-24T16:30:00Z").plus(Duration::from_secs((number * 600 + minute * 60 + second).into()))
}

/// When a webhook's turn begins; none of these is another webhook's, or so long after a cut as a bucket's grace is.
pub(crate) fn turn(hook: Hook, number: u32) -> Timestamp {
    let second = CHATS.iter().position(|chat| chat.0 == hook).expect("one of the domain");
    at("2021-02-24T16:35:10Z").plus(Duration::from_secs(u64::from(number) * 600 + second as u64))
}

#[test]
fn three_chats_are_in_one_shard_and_two_of_their_keys_begin_alike() {
    let [one, other, of_another_webhook] = [CHATS[0].lane(), CHATS[1].lane(), CHATS[2].lane()];
    assert_eq!([one.shard(); 2], [other.shard(), of_another_webhook.shard()]);
    assert!(other.key().starts_with(&one.key()));
    assert_ne!(one.webhook, of_another_webhook.webhook);
}

#[test]
fn an_id_that_is_too_long_for_a_key_is_among_the_ids() {
    let ids: std::collections::BTreeSet<_> = IDS.iter().map(|id| KeyPart::of(id)).collect();
    assert!(ids.len() == IDS.len() && KeyPart::of(LONG_ID).as_str().starts_with('~'));
}
