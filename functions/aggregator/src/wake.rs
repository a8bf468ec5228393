//! What the aggregator is woken by: the minute, shards that another invocation has handed over, or the wish to flush a
//! chat now. It reads and writes these; what is done about them is the core's.

use aws::invoke::PORTION;
use bundler::{
    cut::FlushNow,
    delivery::Lane,
    flush::Portion,
    id::{ChatId, KeyPart, WebhookId, WorkspaceId},
    log::{Level, Line},
    ports::Answer,
};
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The schedule, whatever it says.
    Minute,
    Portion(Portion),
    FlushNow(Lane),
}

/// Reads a payload; the error says what is wrong and where.
pub(crate) fn read(payload: &Value) -> Result<Wake, String> {
    if let Some(portion) = payload.get(PORTION) {
        let read = portion.as_str().and_then(Portion::parse).map(Wake::Portion);
        return read.ok_or_else(|| format!("/{PORTION}: is no window's end with a range of shards"));
    }
    let Some(wish) = payload.get("flush_now") else { return Ok(Wake::Minute) };
    let text = |name: &str| {
        let value = wish.get(name).and_then(Value::as_str);
        value.ok_or_else(|| format!("/flush_now/{name}: must be a text"))
    };
    let wrong = |name: &str, detail: &str| format!("/flush_now/{name}: {detail}");
    let webhook = match wish.get("webhook") {
        Some(_) => WebhookId::parse(text("webhook")?).map_err(|detail| wrong("webhook", &detail))?,
        None => WebhookId::first(),
    };
    Ok(Wake::FlushNow(Lane {
        workspace: WorkspaceId::parse(text("workspace")?).map_err(|detail| wrong("workspace", &detail))?,
        webhook,
        chat: KeyPart::of(ChatId::parse(text("chat")?).map_err(|detail| wrong("chat", &detail))?.as_str()),
    }))
}

/// What a wish to flush is answered with.
pub(crate) fn answer(flushed: FlushNow) -> Value {
    match flushed {
        FlushNow::Cut(cut) => json!({ "outcome": name(flushed), "arrived_until": cut.rfc3339() }),
        FlushNow::EndsSoon(end) => json!({ "outcome": name(flushed), "window_end": end.rfc3339() }),
        FlushNow::NothingGathered | FlushNow::NotAggregating | FlushNow::CutTooOften | FlushNow::NoWebhook => {
            json!({ "outcome": name(flushed) })
        }
    }
}

/// The one line that says what became of a wish to flush.
pub(crate) fn line(lane: &Lane, flushed: &Answer<FlushNow>) -> Line {
    let line = match flushed {
        Ok(flushed) => Line::new(Level::Info, "asked to flush a chat").text("outcome", name(*flushed)),
        Err(error) => Line::new(Level::Error, "could not flush a chat").text("error", error.to_string()),
    };
    line.text("workspace.id", lane.workspace.as_str())
        .text("webhook.id", lane.webhook.as_str())
        .text("chat.id", lane.chat.as_str())
}

fn name(flushed: FlushNow) -> &'static str {
    match flushed {
        FlushNow::Cut(_) => "cut",
        FlushNow::NothingGathered => "nothing_gathered",
        FlushNow::EndsSoon(_) => "window_ends_soon",
        FlushNow::NotAggregating => "not_aggregating",
        FlushNow::CutTooOften => "cut_too_often",
        FlushNow::NoWebhook => "no_webhook",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bundler::timestamp::Timestamp;

    #[test]
    fn whatever_the_schedule_says_is_the_minute() {
        for payload in [json!(null), json!({}), json!("now"), json!({ "source": "aws.scheduler", "detail": {} })] {
            assert_eq!(read(&payload), Ok(Wake::Minute), "{payload}");
        }
    }

    #[test]
    fn shards_that_were_handed_over_read_as_they_were_written() {
        let due = Timestamp::parse("2021-02-24T17:00:00Z").expect("a moment");
        let portion = Portion { due, shards: 32..64 };
        assert_eq!(read(&json!({ PORTION: portion.to_text() })), Ok(Wake::Portion(portion)));
        for bad in
            [json!({ "due": "soon" }), json!(""), json!("20210224T170000"), json!("20210224T170000#32"), json!(7)]
        {
            assert!(read(&json!({ PORTION: bad })).is_err_and(|error| error.starts_with("/sweep:")), "{bad}");
        }
    }

    #[test]
    fn a_wish_to_flush_names_its_chat_and_a_bad_one_is_told_what_is_wrong() {
        let wish = json!({ "flush_now": { "workspace": "acme", "chat": "a#b" } });
        let (workspace, chat) = (WorkspaceId::parse("acme").expect("an id"), KeyPart::of("a#b"));
        let lane = Lane { workspace, webhook: WebhookId::first(), chat };
        assert_eq!(read(&wish), Ok(Wake::FlushNow(lane)));
        for (wish, place) in [
            (json!({ "workspace": "acme" }), "/flush_now/chat:"),
            (json!({ "workspace": "a c", "chat": "1" }), "/flush_now/workspace:"),
            (json!({ "workspace": "acme", "chat": 1 }), "/flush_now/chat:"),
            (json!({ "workspace": "acme", "chat": "1", "webhook": "#" }), "/flush_now/webhook:"),
            (json!("acme"), "/flush_now/workspace:"),
        ] {
            let error = read(&json!({ "flush_now": wish })).expect_err("a bad wish");
            assert!(error.starts_with(place), "{error}");
        }
    }
}
