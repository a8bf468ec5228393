//! The sample conversation, ready to be played: on its own day, or again on a later one with ids of its own.

use crate::{
    as_twilio, as_whatsapp,
    expected::{self, Expected, Way},
    names::STORE,
    upstream::{Call, Kind},
};
use bundler::{
    event::Event,
    limits, native,
    timestamp::Timestamp,
    window::{AggregationUnit, Granularity, Window},
};
use serde_json::{Value, json};
use std::time::Duration;

/// 62 native events of three chats on 2 March 2026, in order of time.
pub(crate) const CONVERSATION: &str = include_str!("../sample/conversation.json");
/// How long a message is on its way from a telephone to here.
pub(crate) const ON_THE_WAY: Duration = Duration::from_secs(1);
/// How long before its first message the clock begins.
const BEFORE: Duration = Duration::from_secs(2 * 60);
/// How long before that everything older must have happened: a change of granularity begins 7 minutes ahead.
const AFTER_OLDER: Duration = Duration::from_secs(10 * 60);
const DAY: Duration = Duration::from_secs(limits::DAY_SECONDS);

/// One message to be played.
pub(crate) struct Played {
    /// As it has to come out, as far as its upstream can know it.
    pub(crate) event: Event,
    /// When it is sent.
    pub(crate) at: Timestamp,
    /// What is sent then. Nothing, if the message goes in one call with the next.
    pub(crate) calls: Vec<Call>,
}

/// The conversation as this upstream sends it, on the first day that begins after `older`; on a later day than its own
/// its ids end in the number of days between.
pub(crate) fn conversation(older: Option<Timestamp>, kind: Kind) -> Result<Vec<Played>, String> {
    let events = events(older)?;
    match kind {
        Kind::Native => Ok(events.into_iter().map(native).collect()),
        Kind::WhatsApp => as_whatsapp::played(events.iter().map(|(event, _)| event)),
        Kind::Twilio => as_twilio::played(events.iter().map(|(event, _)| event)),
    }
}

/// The sample's events on that day, and how the platform sends them.
pub(crate) fn events(older: Option<Timestamp>) -> Result<Vec<(Event, Value)>, String> {
    let values: Vec<Value> = serde_json::from_str(CONVERSATION).map_err(|error| format!("the sample: {error}"))?;
    let events = values.into_iter().map(|value| read(value, 0)).collect::<Result<Vec<_>, _>>()?;
    let Some((older, (first, _))) = older.zip(events.first()) else { return Ok(events) };
    let gap = older.plus(AFTER_OLDER).since(first.message.timestamp.minus(BEFORE));
    match u32::try_from(gap.as_secs().div_ceil(limits::DAY_SECONDS)).unwrap_or(u32::MAX) {
        0 => Ok(events),
        days => events.into_iter().map(|(_, value)| read(value, days)).collect(),
    }
}

fn native((event, value): (Event, Value)) -> Played {
    let at = event.message.timestamp.plus(ON_THE_WAY);
    Played { event, at, calls: vec![Call::Native(value.to_string().into_bytes())] }
}

/// What the clock shows when the conversation is about to begin.
pub(crate) fn start(conversation: &[Played]) -> Timestamp {
    let first = conversation.iter().map(|played| played.event.message.timestamp).min();
    first.map_or_else(|| unreachable!("the sample holds messages"), |first| first.minus(BEFORE))
}

/// How the messages have to come out.
pub(crate) fn expected(conversation: &[Played], granularity: Granularity) -> Vec<Expected> {
    let expect = |played: &Played| {
        let window = Window::of(granularity, AggregationUnit::HOUR, played.event.message.timestamp);
        let (way, due) = match window {
            Some(window) => (Way::Bundle { due: window.end }, window.end),
            None => (Way::Single, played.event.message.timestamp),
        };
        Expected { event: played.event.clone(), way, by: due.plus(expected::WHILE) }
    };
    conversation.iter().map(expect).collect()
}

fn read(mut value: Value, days: u32) -> Result<(Event, Value), String> {
    let wrong = |what: String| format!("the sample: {what}");
    let message = &mut value["message"];
    if days > 0 {
        let timestamp =
            message["timestamp"].as_str().and_then(Timestamp::parse).ok_or_else(|| wrong("no time".to_owned()))?;
        message["timestamp"] = json!(timestamp.plus(DAY * days).article());
        message["message_id"] = json!(format!("{}-{days}", message["message_id"].as_str().unwrap_or_default()));
    }
    let url = format!("{STORE}/files/{}", message["message_id"].as_str().unwrap_or_default());
    if let Some(attachment) = message.get_mut("attachment").and_then(Value::as_object_mut) {
        attachment.remove("temporary_download_url");
        attachment.insert("source_url".to_owned(), json!(url));
    }
    let event = native::parse(&value, "").map_err(|errors| wrong(format!("{errors:?}")))?;
    Ok((event, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    #[test]
    fn the_sample_is_62_messages_of_three_chats_in_order_of_time() {
        let played = conversation(None, Kind::Native).expect("the sample");
        let chats: BTreeSet<_> = played.iter().map(|played| played.event.chat.id.as_str()).collect();
        assert_eq!((played.len(), chats.len()), (62, 3));
        assert!(played.is_sorted_by_key(|played| played.event.message.timestamp));
        assert_eq!(start(&played), at("2026-03-02T08:50:11Z"));
    }

    #[test]
    fn played_again_it_is_on_a_later_day_with_other_ids() {
        let first = conversation(None, Kind::Native).expect("the sample");
        for (older, days) in [
            ("2026-03-02T08:40:00Z", 0),
            ("2026-03-02T08:40:12Z", 1),
            ("2026-03-02T16:01:00Z", 1),
            ("2026-03-03T08:40:00Z", 1),
            ("2026-03-05T20:00:00Z", 4),
        ] {
            let again = conversation(Some(at(older)), Kind::Native).expect("the sample");
            assert_eq!(start(&again), start(&first).plus(DAY * days), "{older}");
            let same = again[0].event.message.id == first[0].event.message.id;
            assert_eq!(same, days == 0, "{older}");
        }
    }
}
