//! The table's ports: random sequences of calls, on the memory adapter and on the adapter that speaks to DynamoDB.

mod attributes;
mod call;
mod domain;
mod emulated;
mod generate;
mod given;
mod interpret;

use super::compare::{Answer, Played, Side};
use super::emulators::Emulator;
use super::runner::Ports;
use crate::contract::{Memory, Tables};
use bundler::{
    id::{WebhookId, WorkspaceId},
    memory::MemoryTable,
    ports,
    settings::Settings,
    table::Item,
};
use call::Call;
use emulated::Emulated;
use given::{Given, Unreadable};
use interpret::{Answered, Operate};
use std::collections::BTreeMap;

pub(crate) use emulated::{compares_no_text_with_a_number, has_the_index_follow_at_once};

/// The ports of the table.
pub(super) struct TablePorts;

impl Ports for TablePorts {
    type Call = Call;
    type Memory = InMemory;
    type Aws = Emulated;

    const NAME: &'static str = "the table";
    const UNCONDITIONAL: &'static [&'static str] = &[
        "(put settings)",
        "put_attempt",
        "put_claim",
        "put_counted_day",
        "put_mark",
        "put_out",
        "put_rest",
        "raise_turn",
    ];

    fn sequence(seed: u64) -> Vec<Call> {
        generate::sequence(seed)
    }

    fn playable(emulator: Emulator, mut calls: Vec<Call>) -> Vec<Call> {
        match emulator {
            Emulator::MiniStack => {}
            Emulator::Moto => {
                calls.retain(|call| !matches!(call, Call::Given(Given::Unreadable(Unreadable::LowWater(None)))));
            }
        }
        calls
    }

    fn kind(call: &Call) -> Option<&'static str> {
        call.kind()
    }

    fn memory() -> InMemory {
        InMemory
    }

    async fn aws(emulator: Emulator, name: &str) -> Emulated {
        Emulated::new(emulator, name)
    }
}

/// The memory adapter.
pub(crate) struct InMemory;

impl Operate for MemoryTable {
    async fn set(&self, workspace: &WorkspaceId, webhook: &WebhookId, settings: &Settings) -> ports::Answer<()> {
        self.put_settings(workspace, webhook, settings)
    }
}

impl Side for InMemory {
    type Call = Call;

    async fn play(&mut self, calls: &[Call]) -> Played {
        let (given, calls) = split(calls);
        let table = Memory.holding(given).await;
        let mut answers = Vec::new();
        for call in calls {
            let before = table.store().items();
            let answered = interpret::make(&table, call).await;
            let changed = table.store().items() != before;
            answers.push(answer(answered, changed));
        }
        Played { answers, content: content(&table.store().items()) }
    }
}

impl Call {
    fn kind(&self) -> Option<&'static str> {
        Some(match self {
            Self::Given(_) => return None,
            Self::PutSettings(..) => "(put settings)",
            Self::ReadSettings(_) => "read_settings",
            Self::ReadWebhook(_) => "read_webhook",
            Self::ReadStanding(_) => "read_standing",
            Self::PutInBucket(..) => "put_in_bucket",
            Self::PutLateInBucket(..) => "put_late_in_bucket",
            Self::PutInLane(_) => "put_in_lane",
            Self::PutLateInLane(..) => "put_late_in_lane",
            Self::ReadLowWater => "read_low_water",
            Self::RaiseLowWater(..) => "raise_low_water",
            Self::ReadMarks(_) => "read_marks",
            Self::PutMark(..) => "put_mark",
            Self::ReadDue(..) => "read_due",
            Self::ReadBucket(..) => "read_bucket",
            Self::ReadDelivery(_) => "read_delivery",
            Self::ReadLaneMessage(_) => "read_lane_message",
            Self::PutDelivery(..) => "put_delivery",
            Self::SetLaneProgress(..) => "set_lane_progress",
            Self::PutAttempt(..) => "put_attempt",
            Self::PutReceipt(..) => "put_receipt",
            Self::ReadAttempts(..) => "read_attempts",
            Self::ReadLog(..) => "read_log",
            Self::PutCountedDay(..) => "put_counted_day",
            Self::ReadCountedDays(..) => "read_counted_days",
            Self::ReadGathering(..) => "read_gathering",
            Self::ReadCuts(..) => "read_cuts",
            Self::PutCuts(..) => "put_cuts",
            Self::PutClaim(..) => "put_claim",
            Self::ReadRest(_) => "read_rest",
            Self::ReadRests(_) => "read_rests",
            Self::PutRest(_) => "put_rest",
            Self::DeleteRest(_) => "delete_rest",
            Self::ReadAppointments(..) => "read_appointments",
            Self::RaiseTurn(..) => "raise_turn",
            Self::EndTurn(..) => "end_turn",
            Self::ReadOut(_) => "read_out",
            Self::PutOut(..) => "put_out",
            Self::PutHealth(..) => "put_health",
            Self::StopStoring(..) => "stop_storing",
            Self::ReadHeld(..) => "read_held",
            Self::ReadUnattempted(_) => "read_unattempted",
        })
    }
}

/// The items that a sequence begins with, one for each key, and its calls.
fn split(calls: &[Call]) -> (Vec<Item>, &[Call]) {
    let mut given = BTreeMap::new();
    for (index, call) in calls.iter().enumerate() {
        let Call::Given(items) = call else { return (given.into_values().collect(), &calls[index..]) };
        given.extend(items.items().into_iter().map(|item| (item.key.clone(), item)));
    }
    (given.into_values().collect(), &[])
}

fn answer(answered: Answered, changed: bool) -> Answer {
    Answer { line: answered.line, took: answered.found || changed, pages: answered.pages }
}

fn content(items: &[Item]) -> Vec<String> {
    items.iter().map(interpret::line).collect()
}
