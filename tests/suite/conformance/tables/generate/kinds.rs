//! The kinds of calls, each with arguments of the scene.

use super::super::{
    call::{After, Call, Made, Waiting, When},
    domain::{ARRIVALS, Chat, DUES, Moment},
};
use super::Scene;
use bundler::table::{lane::HeldKind, sweep::Position};

pub(super) fn put_in_bucket(scene: &mut Scene) -> Call {
    Call::PutInBucket(scene.due(), scene.said())
}

pub(super) fn put_late_in_bucket(scene: &mut Scene) -> Call {
    // A late message never goes to the bucket that it is late for.
    let due = scene.due();
    let others: Vec<_> = DUES.into_iter().filter(|other| *other != due).collect();
    let target = if scene.dues[1] == due { scene.random.one_of(&others) } else { scene.dues[1] };
    Call::PutLateInBucket(due, target, scene.said())
}

pub(super) fn put_in_lane(scene: &mut Scene) -> Call {
    Call::PutInLane(scene.said())
}

pub(super) fn put_late_in_lane(scene: &mut Scene) -> Call {
    Call::PutLateInLane(scene.due(), scene.said())
}

pub(super) fn settings(scene: &mut Scene) -> Call {
    let hook = scene.chat().0;
    match scene.random.below(4) {
        0 => Call::PutSettings(hook, scene.random.one_of(&[4, 64])),
        1 => Call::ReadSettings(hook),
        2 => Call::ReadWebhook(hook),
        _ => Call::ReadStanding(hook),
    }
}

pub(super) fn low_water(scene: &mut Scene) -> Call {
    if scene.random.below(2) == 0 {
        return Call::ReadLowWater;
    }
    Call::RaiseLowWater(scene.random.one_of(&DUES), scene.random.one_of(&[0, 9, 10, 255]))
}

pub(super) fn marks(scene: &mut Scene) -> Call {
    let due = scene.due();
    let shard = scene.random.one_of(&[0, 7, 255]);
    let said = scene.said();
    match scene.random.below(6) {
        0 => Call::PutMark(due, shard, Position::Complete),
        1 => Call::PutMark(due, shard, Position::Through(said.slot(due).key().sk)),
        2 | 3 => Call::PutClaim(due, scene.random.one_of(&[0, 3])..scene.random.one_of(&[64, 256]), scene.arrival()),
        _ => Call::ReadMarks(due),
    }
}

pub(super) fn read_due(scene: &mut Scene) -> Call {
    let chat = scene.chat();
    let after = match scene.random.below(8) {
        0 => After::Lane(chat),
        1 => After::Webhook(chat.0),
        _ => scene.after(chat),
    };
    Call::ReadDue(scene.due(), chat, after, scene.random.one_of(&[None, Some(1), Some(2)]))
}

pub(super) fn read_bucket(scene: &mut Scene) -> Call {
    let chat = scene.chat();
    Call::ReadBucket(scene.due(), chat, scene.after(chat))
}

pub(super) fn read_delivery(scene: &mut Scene) -> Call {
    Call::ReadDelivery(scene.of(Scene::bundle, Scene::message))
}

pub(super) fn read_lane_message(scene: &mut Scene) -> Call {
    Call::ReadLaneMessage(scene.said())
}

pub(super) fn put_delivery(scene: &mut Scene) -> Call {
    Call::PutDelivery(scene.of(Scene::bundle, Scene::message), scene.progress(), scene.random.one_of(&ARRIVALS))
}

pub(super) fn set_lane_progress(scene: &mut Scene) -> Call {
    Call::SetLaneProgress(scene.of(Scene::message, Scene::bundle), scene.progress())
}

pub(super) fn put_attempt(scene: &mut Scene) -> Call {
    let number = scene.random.one_of(&[1, 2]);
    Call::PutAttempt(scene.of(Scene::bundle, Scene::message), number, scene.random.one_of(&ARRIVALS))
}

pub(super) fn put_receipt(scene: &mut Scene) -> Call {
    Call::PutReceipt(scene.of(Scene::bundle, Scene::message), scene.random.one_of(&ARRIVALS))
}

pub(super) fn read_attempts(scene: &mut Scene) -> Call {
    let hook = scene.chat().0;
    let before = (scene.random.below(3) == 0).then(|| (scene.bundle(), 1, scene.random.one_of(&ARRIVALS)));
    Call::ReadAttempts(hook, before)
}

pub(super) fn read_log(scene: &mut Scene) -> Call {
    let hook = scene.chat().0;
    let [from, until] = scene.random.one_of(&[
        ["2021-02-24T16:26:29.125Z", "2021-02-24T17:00:19Z"],
        ["2021-02-24T16:26:29Z", "2021-02-24T17:00:00Z"],
        ["2021-02-24T17:00:00Z", "2021-02-25T00:00:00.5Z"],
    ]);
    Call::ReadLog(hook, from, until)
}

pub(super) fn counted_days(scene: &mut Scene) -> Call {
    let (hook, from) = (scene.chat().0, scene.due());
    match scene.random.below(2) {
        0 => Call::PutCountedDay(hook, from, scene.small()),
        _ => Call::ReadCountedDays(hook, from),
    }
}

pub(super) fn read_gathering(scene: &mut Scene) -> Call {
    let (due, chat) = (scene.due(), scene.chat());
    let after = if scene.random.below(3) == 0 { After::Lane(chat) } else { scene.after(chat) };
    Call::ReadGathering(due, chat, after, scene.random.one_of(&[1, 2, 1_000]))
}

pub(super) fn cuts(scene: &mut Scene) -> Call {
    let (due, chat) = (scene.due(), scene.chat());
    match scene.random.below(4) {
        0 => Call::ReadCuts(due, chat),
        1 => Call::PutCuts(due, chat, scene.made(), None),
        _ => Call::PutCuts(due, chat, scene.made(), Some(scene.made())),
    }
}

pub(super) fn rests(scene: &mut Scene) -> Call {
    let (due, chat) = (scene.due(), scene.chat());
    let after = if scene.random.below(2) == 0 { After::Lane(chat) } else { scene.after(chat) };
    let waiting = Waiting(due, chat, after);
    match scene.random.below(5) {
        0 => Call::PutRest(waiting),
        1 => Call::DeleteRest(waiting),
        2 => Call::ReadRests(chat.0),
        _ => Call::ReadRest(waiting),
    }
}

pub(super) fn turns(scene: &mut Scene) -> Call {
    let hook = scene.chat().0;
    match scene.random.below(6) {
        0 | 1 => Call::RaiseTurn(hook, scene.small()),
        2 => Call::EndTurn(hook, scene.small().into()),
        3 => Call::ReadStanding(hook),
        4 => Call::ReadOut(hook),
        _ => {
            let out = (0..scene.small()).map(|_| scene.of(Scene::bundle, Scene::message)).collect();
            Call::PutOut(hook, out, scene.random.one_of(&ARRIVALS))
        }
    }
}

pub(super) fn health(scene: &mut Scene) -> Call {
    let chat = scene.chat();
    let hook = chat.0;
    match scene.random.below(7) {
        0 | 1 => Call::PutHealth(hook, scene.health()),
        2 => Call::StopStoring(hook, scene.health()),
        3 => Call::ReadWebhook(hook),
        4 => Call::ReadHeld(hook, HeldKind::Waiting),
        5 => Call::ReadHeld(hook, HeldKind::Retrying),
        _ => Call::ReadUnattempted(chat),
    }
}

pub(super) fn appointments(scene: &mut Scene) -> Call {
    let now = match scene.random.below(4) {
        0 => When::At("2021-02-24T16:33:46Z"),
        1 => When::At("2021-02-24T17:00:00Z"),
        2 => When::Turn(scene.chat().0, scene.small()),
        _ => When::GraceOfCut(scene.due(), scene.chat(), scene.small()),
    };
    let behind = (scene.random.below(3) == 0).then(|| (scene.due(), scene.chat(), scene.made()));
    // Behind an entry that the page before it could have ended with, whether it is still there or not.
    let is_past = |(due, chat, made): &(Moment, Chat, Made)| {
        made.cuts(due, *chat).to_item().index_key().is_some_and(|key| key.due_sk <= now.moment().key())
    };
    Call::ReadAppointments(now, behind.filter(is_past))
}
