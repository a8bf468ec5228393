//! Makes a call on any adapter, and writes its whole answer down: two answers are the same if their lines are.

use super::call::{Call, settings_with};
use super::domain::{Hook, Moment, Of, turn};
use crate::contract::values;
use crate::world::at;
use bundler::{
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    ports::{
        Answer, DeliverTable, GatherTable, KeepTraffic, Page, ReadAttempts, ReadGathering, ReadHeld, ReadTraffic,
        SweepTable,
    },
    settings::{Settings, Webhook},
    table::{
        Item, Value, attempt,
        item::IndexKey,
        lane::{Delivery, Held, HeldKind},
        sweep::{Claim, LowWater, Mark, Marks},
        traffic::{CountedDay, Tally},
        turn::{Out, OutKind, Rest, Turn},
    },
    timestamp::Timestamp,
    window::Window,
};
use std::{
    fmt::{Debug, Write},
    time::Duration,
};

/// What the operator's tool does, by the same request on every adapter.
pub(crate) trait Operate {
    async fn set(&self, workspace: &WorkspaceId, webhook: &WebhookId, settings: &Settings) -> Answer<()>;
}

/// What came of a call.
pub(crate) struct Answered {
    pub(crate) line: String,
    /// Whether it read anything. A write says in its answer, or in the table, what it did.
    pub(crate) found: bool,
    pub(crate) pages: usize,
}

/// Makes the call.
#[expect(clippy::too_many_lines, reason = "an arm for each call that there is")]
pub(crate) async fn make(
    table: &(impl GatherTable + SweepTable + DeliverTable + ReadAttempts + KeepTraffic + ReadGathering + Operate),
    call: &Call,
) -> Answered {
    match call {
        Call::Given(_) => panic!("what is given stands in the table before the first call"),
        Call::PutSettings(hook, concurrency) => {
            written(&table.set(&values::workspace(hook.0), &hook.id(), &settings_with(*concurrency)).await)
        }
        Call::ReadSettings(hook) => read(&table.read_settings(&values::workspace(hook.0), &hook.id()).await),
        Call::ReadWebhook(hook) => {
            let whole = |Webhook { settings, health, turn }| format!("{} {health:?} {turn:?}", plain(&settings));
            read(&table.read_webhook(&values::workspace(hook.0), &hook.id()).await.map(|read| read.map(whole)))
        }
        Call::ReadStanding(hook) => read(&table.read_standing(&values::workspace(hook.0), &hook.id()).await),
        Call::PutInBucket(due, said) => written(&table.put_in_bucket(&said.in_bucket(due)).await),
        Call::PutLateInBucket(due, target, said) => {
            let pointer = said.pointer(due, values::to_bucket(target));
            written(&table.put_late_in_bucket(&pointer, &said.in_bucket(target)).await)
        }
        Call::PutInLane(said) => written(&table.put_in_lane(&said.in_lane()).await),
        Call::PutLateInLane(due, said) => {
            let pointer = said.pointer(due, bundler::table::bucket::Target::Lane);
            written(&table.put_late_in_lane(&pointer, &said.in_lane()).await)
        }
        Call::ReadLowWater => read(&table.read_low_water().await),
        Call::RaiseLowWater(due, shards) => {
            written(&table.raise_low_water(LowWater { due: at(due), shards: *shards }).await)
        }
        Call::ReadMarks(due) => marks(due, table).await,
        Call::PutMark(due, shard, position) => {
            written(&table.put_mark(&Mark { due: at(due), shard: *shard, position: position.clone() }).await)
        }
        Call::ReadDue(due, chat, after, most) => {
            let shard = chat.lane().shard();
            pages(after.key(due), async |after| table.read_due(at(due), shard, after, *most).await).await
        }
        Call::ReadBucket(due, chat, after) => {
            let lane = chat.lane();
            pages(after.key(due), async |after| table.read_bucket(at(due), &lane, after).await).await
        }
        Call::ReadDelivery(of) => read(&table.read_delivery(&of.key()).await),
        Call::ReadLaneMessage(said) => {
            read(&table.read_lane_message(&said.chat.lane(), at(said.sent), &KeyPart::of(said.id)).await)
        }
        Call::PutDelivery(of, progress, now) => {
            written(&table.put_delivery(&Delivery { key: of.key(), progress: *progress }, at(now)).await)
        }
        Call::SetLaneProgress(of, progress) => {
            written(&table.set_lane_progress(&Delivery { key: of.key(), progress: *progress }).await)
        }
        Call::PutAttempt(of, number, started) => written(&table.put_attempt(&of.attempt(*number, started)).await),
        Call::PutReceipt(of, started) => written(&table.put_receipt(&of.attempt(1, started)).await),
        Call::ReadAttempts(hook, before) => attempts(*hook, *before, table).await,
        Call::ReadLog(hook, from, until) => log(*hook, from, until, table).await,
        Call::PutCountedDay(hook, from, calls) => {
            let counted = counted_day(from, *calls);
            written(&table.put_counted_day(&values::workspace(hook.0), &hook.id(), &counted).await)
        }
        Call::ReadCountedDays(hook, from) => {
            let page = table.read_counted_days(&values::workspace(hook.0), &hook.id(), at(from)).await;
            listed(&page.map(|page| page.rows))
        }
        Call::ReadGathering(due, chat, after, most) => {
            let lane = chat.lane();
            let query = async |after: Option<&str>| {
                table.read_gathering(&lane.workspace, &lane.webhook, at(due), lane.shard(), after, *most).await
            };
            pages(after.key(due), query).await
        }
        Call::ReadCuts(due, chat) => read(&table.read_cuts(at(due), &chat.lane()).await),
        Call::PutCuts(due, chat, put, read) => {
            let read = read.map(|read| read.cuts(due, *chat));
            written(&table.put_cuts(&put.cuts(due, *chat), read.as_ref()).await)
        }
        Call::PutClaim(due, shards, until) => {
            written(&table.put_claim(&Claim { due: at(due), shards: shards.clone(), until: at(until) }).await)
        }
        Call::ReadRest(waiting) => {
            let mut rest = waiting.rest();
            pages(rest.after.take(), async |after| {
                table.read_rest(&Rest { after: after.map(str::to_owned), ..rest.clone() }).await
            })
            .await
        }
        Call::ReadRests(hook) => listed(&table.read_rests(&values::workspace(hook.0), &hook.id()).await),
        Call::PutRest(waiting) => written(&table.put_rest(&waiting.rest()).await),
        Call::DeleteRest(waiting) => written(&table.delete_rest(&waiting.rest()).await),
        Call::ReadAppointments(now, behind) => {
            let after = behind.and_then(|(due, chat, made)| made.cuts(due, chat).to_item().index_key());
            appointments(now.moment(), after, table).await
        }
        Call::RaiseTurn(hook, number) => {
            written(&table.raise_turn(&values::workspace(hook.0), &hook.id(), turn(*hook, *number)).await)
        }
        Call::EndTurn(hook, revision) => {
            let read = Turn { revision: *revision };
            written(&table.end_turn(&values::workspace(hook.0), &hook.id(), read).await)
        }
        Call::ReadOut(hook) => read(&table.read_out(&values::workspace(hook.0), &hook.id()).await),
        Call::PutOut(hook, of, now) => {
            written(&table.put_out(&values::workspace(hook.0), &hook.id(), &out(of, now)).await)
        }
        Call::PutHealth(hook, health) => {
            read(&table.put_health(&values::workspace(hook.0), &hook.id(), health).await.map(|put| put.then_some(put)))
        }
        Call::StopStoring(hook, health) => {
            let answer = table.stop_storing(&values::workspace(hook.0), &hook.id(), health).await;
            read(&answer.map(|stopped| stopped.then_some(stopped)))
        }
        Call::ReadHeld(hook, kind) => held(*hook, *kind, table).await,
        Call::ReadUnattempted(chat) => {
            let lane = chat.lane();
            pages(None, async |after| table.read_unattempted(&lane, after).await).await
        }
    }
}

/// `Debug` hides their secrets.
fn plain(settings: &Settings) -> String {
    serde_json::to_string(settings).expect("settings are JSON")
}

fn written(answer: &Answer<impl Debug>) -> Answered {
    Answered { line: format!("{answer:?}"), found: false, pages: 0 }
}

fn read(answer: &Answer<Option<impl Debug>>) -> Answered {
    Answered { found: matches!(answer, Ok(Some(_))), ..written(answer) }
}

fn listed(answer: &Answer<Vec<impl Debug>>) -> Answered {
    Answered { found: answer.as_ref().is_ok_and(|rows| !rows.is_empty()), ..written(answer) }
}

fn out(of: &[Of], until: Moment) -> Out {
    let kind = if of.len() == 1 { OutKind::Release } else { OutKind::Turn };
    Out { kind, keys: of.iter().map(|of| of.key()).collect(), until: at(until) }
}

async fn marks(due: Moment, table: &impl SweepTable) -> Answered {
    let mut marks = table.read_marks(at(due)).await;
    // The port promises no order.
    if let Ok(Marks { shards, claims }) = &mut marks {
        shards.sort_by_key(|mark| mark.shard);
        claims.sort_by_key(|claim| (claim.shards.start, claim.shards.end));
    }
    let found = marks.as_ref().is_ok_and(|marks| *marks != Marks::default());
    Answered { found, ..written(&marks) }
}

async fn attempts(hook: Hook, before: Option<(Of, u32, Moment)>, table: &impl ReadAttempts) -> Answered {
    let (workspace, webhook) = (values::workspace(hook.0), hook.id());
    let sk = |(of, number, started): (Of, u32, _)| attempt::to_item(&of.attempt(number, started)).key.sk;
    let query = async |before: Option<&str>| table.read_attempts(&workspace, &webhook, before).await;
    pages(before.map(sk), query).await
}

async fn log(hook: Hook, from: Moment, until: Moment, table: &impl ReadTraffic) -> Answered {
    let (workspace, webhook, until) = (values::workspace(hook.0), hook.id(), at(until).key());
    let query =
        async |after: Option<&str>| table.read_log(&workspace, &webhook, after.unwrap_or_default(), &until).await;
    pages(Some(at(from).key()), query).await
}

fn counted_day(from: Moment, calls: u32) -> CountedDay {
    let day = Window { start: at(from), end: at(from).plus(Duration::from_secs(limits::DAY_SECONDS)) };
    CountedDay { tally: Tally { calls: calls.into(), ..Tally::default() }, ..CountedDay::none(day) }
}

async fn held(hook: Hook, kind: HeldKind, table: &impl ReadHeld) -> Answered {
    let (mut rows, mut unreadable, mut after): (Vec<Held>, u64, Option<IndexKey>) = (Vec::new(), 0, None);
    loop {
        match table.read_held(&values::workspace(hook.0), &hook.id(), kind, after.as_ref()).await {
            Ok(page) => {
                rows.extend(page.rows);
                unreadable += page.unreadable;
                after = page.after;
            }
            Err(error) => return written(&Answer::<()>::Err(error)),
        }
        if after.is_none() {
            let found = !rows.is_empty();
            return Answered { found, ..written(&Answer::Ok((rows, unreadable))) };
        }
    }
}

/// Every page of a query. Where one ends is not compared: a page holds up to a megabyte, and no port says of what.
async fn pages<T: Debug>(mut after: Option<String>, query: impl AsyncFn(Option<&str>) -> Answer<Page<T>>) -> Answered {
    let (mut rows, mut unreadable, mut pages) = (Vec::new(), 0, 0);
    loop {
        pages += 1;
        match query(after.as_deref()).await {
            Ok(page) => {
                rows.extend(page.rows);
                unreadable += page.unreadable;
                after = page.after;
            }
            Err(error) => return written(&Err::<(), _>(error)),
        }
        if after.is_none() {
            let (found, line) = (!rows.is_empty(), format!("{unreadable} unreadable, {rows:?}"));
            return Answered { line, found, pages };
        }
    }
}

async fn appointments(now: Timestamp, mut after: Option<IndexKey>, table: &impl SweepTable) -> Answered {
    let (mut rows, mut unreadable, mut pages) = (Vec::new(), 0, 0);
    loop {
        pages += 1;
        match table.read_appointments(now, after.as_ref()).await {
            Ok(page) => {
                rows.extend(page.rows);
                unreadable += page.unreadable;
                after = page.after;
            }
            Err(error) => return written(&Err::<(), _>(error)),
        }
        if after.is_none() {
            return Answered { line: format!("{unreadable} unreadable, {rows:?}"), found: !rows.is_empty(), pages };
        }
    }
}

/// An item with all that is in it, which its `Debug` hides.
pub(crate) fn line(item: &Item) -> String {
    let mut line = format!("{} | {}", item.key.pk, item.key.sk);
    for (name, value) in &item.attributes {
        let value = match value {
            Value::Text(text) => format!("{text:?}"),
            Value::Number(number) => number.to_string(),
            Value::Bytes(bytes) => format!("{bytes:?}"),
        };
        // Writing to a String does not fail.
        let _ = write!(line, " {name}={value}");
    }
    line
}
