//! Random sequences of calls: the same seed, the same sequence.

use super::call::{After, Call, Given, Unreadable};
use super::domain::{ARRIVALS, CHATS, Chat, DUES, IDS, Moment, Of, SENT, Said, TEXTS, Text, URLS};
use crate::world::Random;
use bundler::{
    settings::HealthState,
    table::{
        lane::{DeliveryState, Progress},
        sweep::Position,
    },
};

/// The few things that a sequence is about, and its kinds of calls: each sequence draws its own, so that its calls meet.
struct Scene {
    random: Random,
    chats: [Chat; 2],
    dues: [Moment; 2],
    sent: [Moment; 2],
    ids: [&'static str; 2],
    kinds: &'static [Kind],
}

type Kind = fn(&mut Scene) -> Call;

/// One of so many sequences has a bucket that takes a query several pages.
const LARGE_EVERY: usize = 60;
const CALLS: std::ops::Range<usize> = 5..12;

/// What each function does, and what nobody does in one sequence.
const THEMES: [&[Kind]; 4] = [
    &[put_in_bucket, put_late_in_bucket, put_in_lane, put_late_in_lane, read_bucket, settings],
    &[put_in_bucket, put_late_in_bucket, read_due, read_due, low_water, low_water, marks, marks],
    &[put_in_lane, put_delivery, put_delivery, set_lane_progress, set_lane_progress, read_delivery, read_lane_message],
    &[
        put_in_bucket,
        put_late_in_bucket,
        put_in_lane,
        put_late_in_lane,
        put_delivery,
        set_lane_progress,
        put_attempt,
        settings,
        low_water,
        marks,
        read_bucket,
        read_due,
        read_delivery,
        read_lane_message,
    ],
];

/// The sequence of a seed.
pub(crate) fn sequence(seed: u64) -> Vec<Call> {
    let mut random = Random(seed);
    let theme = random.below(THEMES.len());
    let mut scene = Scene {
        chats: [random.one_of(&CHATS), random.one_of(&CHATS)],
        dues: [random.one_of(&DUES), random.one_of(&DUES)],
        sent: [random.one_of(&SENT), random.one_of(&SENT)],
        ids: [random.one_of(&IDS), random.one_of(&IDS)],
        kinds: THEMES[theme],
        random,
    };
    let given = scene.random.below(4);
    let mut calls: Vec<_> = (0..given).map(|_| Call::Given(scene.given())).collect();
    if scene.random.below(LARGE_EVERY) == 0 {
        let (due, said) = (scene.due(), Said { text: Text::Kilobytes(60), ..scene.said() });
        calls.push(Call::Given(Given::Large(due, said)));
        calls.extend([Call::ReadDue(due, said.chat, After::Nothing), Call::ReadBucket(due, said.chat, After::Nothing)]);
    }
    for _ in 0..scene.random.below(CALLS.len()) + CALLS.start {
        let kind = scene.random.one_of(scene.kinds);
        calls.push(kind(&mut scene));
    }
    calls
}

impl Scene {
    fn chat(&mut self) -> Chat {
        self.random.one_of(&self.chats)
    }

    fn due(&mut self) -> Moment {
        self.random.one_of(&self.dues)
    }

    fn said(&mut self) -> Said {
        let chat = self.chat();
        let (sent, id) = (self.random.one_of(&self.sent), self.random.one_of(&self.ids));
        Said { chat, sent, id, text: self.random.one_of(&TEXTS), at: self.random.one_of(&ARRIVALS) }
    }

    /// Mostly what the function itself would name; a message's outcome is never an item of its own.
    fn of(&mut self, usual: fn(&mut Self) -> Of, other: fn(&mut Self) -> Of) -> Of {
        if self.random.below(5) == 0 { other(self) } else { usual(self) }
    }

    fn bundle(&mut self) -> Of {
        Of::Bundle(self.chat(), self.due())
    }

    fn message(&mut self) -> Of {
        Of::Message(self.said())
    }

    fn progress(&mut self) -> Progress {
        use DeliveryState::{Delivered, Failed, Held, Pending};
        let mut count = || u32::try_from(self.random.below(3)).expect("a small number");
        let (attempts, errors, parts_done) = (count(), count(), count());
        Progress { state: self.random.one_of(&[Pending, Held, Held, Failed, Delivered]), attempts, errors, parts_done }
    }

    fn after(&mut self, chat: Chat) -> After {
        let said = Said { chat, ..self.said() };
        match self.random.below(6) {
            0 => After::Said(said),
            1 => After::Within(said),
            _ => After::Nothing,
        }
    }

    fn given(&mut self) -> Given {
        let (due, said) = (self.due(), self.said());
        let hook = said.chat.0;
        match self.random.below(14) {
            0 => {
                use HealthState::{Disabled, Draining, Failing, Healthy};
                Given::Health(hook, self.random.one_of(&[Healthy, Failing, Draining, Disabled]))
            }
            1 | 2 => Given::InBucket(due, said),
            3 => Given::Pointer(due, said, Some(self.due())),
            4 => Given::Pointer(due, said, None),
            5 | 6 => Given::Outcome(self.of(Self::bundle, Self::message), self.progress()),
            number => Given::Unreadable(match number {
                7 => Unreadable::Settings(hook),
                8 => Unreadable::Health(hook),
                9 => Unreadable::InBucket(due, said),
                10 => Unreadable::BehindBucket(due, said),
                11 => {
                    let without = self.random.one_of(&["state", "attempts", "parts_done"]);
                    Unreadable::Outcome(self.of(Self::bundle, Self::message), without)
                }
                12 => Unreadable::Mark(due),
                _ => Unreadable::LowWater,
            }),
        }
    }
}

fn put_in_bucket(scene: &mut Scene) -> Call {
    Call::PutInBucket(scene.due(), scene.said())
}

fn put_late_in_bucket(scene: &mut Scene) -> Call {
    // A late message never goes to the bucket that it is late for.
    let due = scene.due();
    let others: Vec<_> = DUES.into_iter().filter(|other| *other != due).collect();
    let target = if scene.dues[1] == due { scene.random.one_of(&others) } else { scene.dues[1] };
    Call::PutLateInBucket(due, target, scene.said())
}

fn put_in_lane(scene: &mut Scene) -> Call {
    Call::PutInLane(scene.said())
}

fn put_late_in_lane(scene: &mut Scene) -> Call {
    Call::PutLateInLane(scene.due(), scene.said())
}

fn settings(scene: &mut Scene) -> Call {
    let hook = scene.chat().0;
    match scene.random.below(3) {
        0 => Call::PutSettings(hook, scene.random.one_of(&URLS)),
        1 => Call::ReadSettings(hook),
        _ => Call::ReadWebhook(hook),
    }
}

fn low_water(scene: &mut Scene) -> Call {
    if scene.random.below(2) == 0 { Call::ReadLowWater } else { Call::RaiseLowWater(scene.random.one_of(&DUES)) }
}

fn marks(scene: &mut Scene) -> Call {
    let due = scene.due();
    let shard = scene.random.one_of(&[0, 7, 255]);
    let said = scene.said();
    match scene.random.below(4) {
        0 => Call::PutMark(due, shard, Position::Complete),
        1 => Call::PutMark(due, shard, Position::Through(said.slot(due).key().sk)),
        _ => Call::ReadMarks(due),
    }
}

fn read_due(scene: &mut Scene) -> Call {
    let chat = scene.chat();
    Call::ReadDue(scene.due(), chat, scene.after(chat))
}

fn read_bucket(scene: &mut Scene) -> Call {
    let chat = scene.chat();
    Call::ReadBucket(scene.due(), chat, scene.after(chat))
}

fn read_delivery(scene: &mut Scene) -> Call {
    Call::ReadDelivery(scene.of(Scene::bundle, Scene::message))
}

fn read_lane_message(scene: &mut Scene) -> Call {
    Call::ReadLaneMessage(scene.said())
}

fn put_delivery(scene: &mut Scene) -> Call {
    Call::PutDelivery(scene.of(Scene::bundle, Scene::message), scene.progress(), scene.random.one_of(&ARRIVALS))
}

fn set_lane_progress(scene: &mut Scene) -> Call {
    Call::SetLaneProgress(scene.of(Scene::message, Scene::bundle), scene.progress())
}

fn put_attempt(scene: &mut Scene) -> Call {
    let number = scene.random.one_of(&[1, 2]);
    Call::PutAttempt(scene.of(Scene::bundle, Scene::message), number, scene.random.one_of(&ARRIVALS))
}
