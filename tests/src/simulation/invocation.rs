//! The use cases as the functions run them: each makes one invocation with its own clock and its sandbox's caches.

use super::{breaks::Break, executor::Task, plan::Plan, ports::Ports, world::moment};
use bundler::{
    api::{
        ingest::IngestApi,
        records::{NotDone, Record},
    },
    batch::{self, Batch},
    cache::{RootSecretCache, SettingsCache},
    cut::{FlushNow, flush_now},
    deliver::Deliver,
    delivery::Lane,
    flush::{Bounds, Portion, Sweep, Swept},
    health::Patience,
    id::WorkspaceId,
    ingest::Ingest,
    limits,
    mail::{Letter, Mail, News},
    memory::Received,
    order::{self, Order},
    ports::{Answer, Clock},
    schedule::Schedule,
    settings::Settings,
    tell::Tell,
    window::{self, AggregationUnit},
};
use serde::Deserialize;
use std::{fmt::Write, sync::Arc, time::Duration};

/// As the template sets it for ticks and the sender, milliseconds.
pub(super) const LIFE_MS: u64 = 60_000;
/// As the aggregator's and the sender's `main` keep back.
const TICK_RESERVE: Duration = Duration::from_secs(10);
const SENDER_RESERVE: Duration = Duration::from_secs(2);

/// One run of a function.
pub(super) struct Invocation {
    pub(super) task: Task<End>,
    /// When Lambda ends it.
    pub(super) ends: u64,
    pub(super) work: Work,
}

/// What a run is about.
pub(super) enum Work {
    Ingest {
        messages: Vec<usize>,
        sandbox: Arc<SettingsCache>,
    },
    /// A minute, or shards that another has handed over.
    Tick,
    Flush {
        lane: Lane,
    },
    Send {
        batch: Vec<Received>,
    },
    Change,
}

impl Work {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Ingest { .. } => "ingest",
            Self::Tick => "aggregator",
            Self::Flush { .. } => "flush now",
            Self::Send { .. } => "sender",
            Self::Change => "operator",
        }
    }
}

/// What a run came to.
pub(super) enum End {
    /// Which of the messages are done, by their places in the call.
    Ingested(Vec<bool>),
    Ticked(Answer<Swept>),
    Flushed(Answer<FlushNow>),
    /// Which of the records the queue has to keep, by their places in the batch.
    Sent(Vec<usize>),
    Changed(Answer<()>),
}

/// How messages are brought.
#[derive(Clone, Copy)]
pub(super) enum Way {
    Queue,
    Direct,
}

pub(super) fn ingest(ports: Ports, plan: &Plan, messages: &[usize], way: Way, cache: Arc<SettingsCache>) -> Task<End> {
    let bodies: Vec<String> = messages.iter().map(|place| event(plan, *place)).collect();
    Task::new(async move {
        let ingest = Ingest { table: &ports, queue: &ports, files: &ports, cache: &cache, unit: AggregationUnit::HOUR };
        let keys = RootSecretCache::default();
        let api = IngestApi { ingest, secret: &ports, keys: &keys, log: &ports };
        let now = ports.now();
        End::Ingested(match way {
            Way::Queue => {
                let record = |(place, body): (usize, &String)| Record { id: place.to_string(), body: body.clone() };
                let records: Vec<Record> = bodies.iter().enumerate().map(record).collect();
                let kept = api.take_batch(now, &records).await;
                records.iter().map(|record| !kept.contains(&record.id)).collect()
            }
            Way::Direct => {
                let payload = format!("[{}]", bodies.join(","));
                done(&api.take_payload(now, payload.as_bytes()).await, bodies.len())
            }
        })
    })
}

#[derive(Deserialize)]
struct Results {
    results: Vec<OneResult>,
}

#[derive(Deserialize)]
struct OneResult {
    status: String,
}

/// What a caller makes of the answer: what was not answered with success is sent again.
fn done(answer: &Result<Vec<u8>, NotDone>, events: usize) -> Vec<bool> {
    let results = answer.as_ref().ok().and_then(|document| serde_json::from_slice::<Results>(document).ok());
    let success = |one: OneResult| ["accepted", "duplicate"].contains(&one.status.as_str());
    results.map_or(vec![false; events], |results| results.results.into_iter().map(success).collect())
}

/// A message as upstream writes it. Its id is its place in the plan.
fn event(plan: &Plan, place: usize) -> String {
    let message = &plan.messages[place];
    let (workspace, chat) = (plan.workspaces[message.workspace].name, plan.chat(message.chat));
    let timestamp = moment(message.timestamp).rfc3339();
    let mut text = format!("text of m{place}");
    text.extend(std::iter::repeat_n('.', message.text_chars));
    let mut event = String::new();
    // Writing to a String does not fail.
    let _ = write!(
        event,
        r#"{{"workspace_id":"{workspace}","whatsapp_account":{{"full_name":"A","email":"a@example.org","phone":"+1"}},
        "chat":{{"full_name":"C","responsible_name":"","responsible_email":"","chat_url":"https://example.org/c",
        "chat_id":"{chat}","is_new_chat":false,"is_group":false,"phone":"+2"}},"message":{{"direction":"received",
        "timestamp":"{timestamp}","message_id":"m{place}","sender":{{"full_name":"S","phone":"+3"}},
        "recipient":{{"full_name":"R","phone":"+4"}},"text":"{text}"}}}}"#
    );
    event
}

pub(super) fn tick(mut ports: Ports, started: u64, bounds: Bounds) -> Task<End> {
    Task::new(async move {
        let deadline = moment(started + LIFE_MS).minus(TICK_RESERVE);
        if ports.is(Break::LaterWindowFirst) {
            let step = AggregationUnit::HOUR.due_step();
            ports.begins_at = Some(window::last_due(AggregationUnit::HOUR, ports.now()).minus(step));
            // What comes of it shows in the order in which bundles arrive.
            let _ = sweep(&ports, bounds).tick(deadline).await;
            ports.begins_at = None;
        }
        End::Ticked(sweep(&ports, bounds).tick(deadline).await)
    })
}

/// Shards that a tick has handed over.
pub(super) fn portion(ports: Ports, started: u64, bounds: Bounds, portion: Portion) -> Task<End> {
    Task::new(async move {
        let deadline = moment(started + LIFE_MS).minus(TICK_RESERVE);
        End::Ticked(sweep(&ports, bounds).sweep_portion(portion, deadline).await)
    })
}

fn sweep(ports: &Ports, bounds: Bounds) -> Sweep<'_, Ports, Ports, Ports, Ports> {
    Sweep { table: ports, queue: ports, clock: ports, others: ports, unit: AggregationUnit::HOUR, bounds }
}

pub(super) fn flush(ports: Ports, lane: Lane) -> Task<End> {
    Task::new(async move { End::Flushed(flush_now(&ports, &ports, AggregationUnit::HOUR, &lane).await) })
}

pub(super) fn send(ports: Ports, started: u64, batch: &[Received]) -> Task<End> {
    let record = |(place, one): (usize, &Received)| batch::Record {
        id: place.to_string(),
        group: former(&ports, one).unwrap_or_else(|| one.group.clone()),
        body: one.reference.clone(),
    };
    let records: Vec<batch::Record> = batch.iter().enumerate().map(record).collect();
    Task::new(async move {
        let deadline = moment(started + LIFE_MS).minus(SENDER_RESERVE);
        let (table, receiver, clock, patience) = (&ports, &ports, &ports, &patience());
        let deliver = Deliver { table, receiver, copies: &ports, clock, platform: "Simulation", patience, deadline };
        let tell = Tell { table, mailer: &ports, clock, patience, compose, platform: "Simulation", settings_url: "" };
        let batch = Batch { deliver, tell };
        let kept = if ports.is(Break::GroupGoesOn) {
            let mut kept = Vec::new();
            for record in records {
                kept.extend(batch.take(&ports, vec![record]).await);
            }
            kept
        } else {
            batch.take(&ports, records).await
        };
        End::Sent(kept.iter().map(|id| id.parse().expect("an id that was given")).collect())
    })
}

/// The group of a lane as it is now, for who does not care where the queue has handed it out.
fn former(ports: &Ports, one: &Received) -> Option<String> {
    let Ok(Order::Deliver { key, .. }) = order::parse(&one.reference) else { return None };
    let settings = ports.world.settings_before(&key.lane.workspace, 0)?;
    ports.is(Break::FormerGroup).then(|| key.lane.group(settings.concurrency))
}

/// Short waits, so that a webhook fails, is disabled and comes back within a schedule.
pub(super) fn patience() -> Patience {
    Patience::parse("1m,2m,3m", "4", "2").expect("a schedule of waits")
}

/// The mail says which notice it tells, and nothing else: how it reads is tested elsewhere.
fn compose(letter: &Letter) -> Mail {
    let what = match letter.news {
        News::Warning { .. } => "warning",
        News::Disabled { .. } => "disabled",
        News::Recovered { .. } => "recovered",
        News::Stopped { .. } => "stopped",
    };
    Mail { subject: what.to_owned(), text: String::new(), html: String::new() }
}

/// A change of the schedule, as the operator's tool makes it: read, change, put.
pub(super) fn change(ports: Ports, workspace: WorkspaceId, mut settings: Settings, schedule: Schedule) -> Task<End> {
    Task::new(async move {
        let lead = if ports.is(Break::ChangeWithoutLead) { limits::CHANGE_LEAD } else { Duration::ZERO };
        settings.schedule.change(ports.now().minus(lead), schedule);
        End::Changed(ports.put_settings(&workspace, &settings).await)
    })
}
