//! What a webhook has carried, by day.

use crate::{
    Ports,
    door::Visit,
    reply::{Outcome, Refused, refuse},
    show, words,
};
use bundler::{
    api::Reply,
    limits,
    timestamp::Timestamp,
    traffic::{self, Day, Traffic},
    zone::Zone,
};
use serde::Serialize;

/// `GET …/traffic`: of the last days, by the owner's clock.
pub(crate) async fn show<P: Ports>(visit: Visit<P>) -> Outcome {
    let days = days(&visit)?;
    let (id, read) = show::read(&visit).await?;
    let (ports, now) = (visit.ports(), visit.caller.now);
    let zone = read.settings.schedule.at(now).zone;
    let deadline = now.plus(limits::PORTAL_TRAFFIC);
    let counted = traffic::count(ports.table(), ports.clock(), &visit.workspace, &id, zone, days, deadline).await?;
    Ok(Reply::json(200, &TrafficView::of(&counted, zone, now)))
}

fn days<P: Ports>(visit: &Visit<P>) -> Result<u64, Refused> {
    let Some(days) = visit.caller.parameter("days") else { return Ok(limits::TRAFFIC_DAYS) };
    let days = days.parse().ok().filter(|days| (1..=limits::TRAFFIC_DAYS).contains(days));
    days.ok_or_else(|| refuse(400, format!("days must be 1 to {}", limits::TRAFFIC_DAYS)))
}

#[derive(Serialize)]
struct TrafficView {
    /// When the first of the days that are shown began.
    from: Option<String>,
    until: String,
    is_whole: bool,
    messages: u64,
    calls: u64,
    errors: u64,
    /// Calls that the messages would have been, had each gone out by itself, less those that carried them.
    saved: u64,
    days: Vec<DayView>,
}

#[derive(Serialize)]
struct DayView {
    day: String,
    calls: u64,
    errors: u64,
    messages: u64,
}

impl TrafficView {
    fn of(traffic: &Traffic, zone: Zone, now: Timestamp) -> Self {
        let sum = |count: fn(&Day) -> u64| traffic.days.iter().map(count).sum();
        let (messages, calls, errors): (u64, u64, u64) =
            (sum(|it| it.messages), sum(|it| it.calls), sum(|it| it.errors));
        Self {
            from: traffic.days.first().map(|day| day.begins.rfc3339()),
            until: now.rfc3339(),
            is_whole: traffic.is_whole,
            messages,
            calls,
            errors,
            saved: messages.saturating_sub(calls - errors),
            days: traffic.days.iter().map(|day| DayView::of(day, zone)).collect(),
        }
    }
}

impl DayView {
    fn of(day: &Day, zone: Zone) -> Self {
        let Day { begins, calls, errors, messages } = *day;
        Self { day: words::day(begins, zone), calls, errors, messages }
    }
}
