//! What the aggregator is woken by: the minute, shards that another invocation has handed over, or a person's wish: to
//! flush a chat now, to send a delivery again, or all that were given up. It reads and writes these; what is done about
//! them is the core's.

use aws::invoke::PORTION;
use bundler::{
    again::{Refusal, Replayed, Span},
    cut::FlushNow,
    delivery::Lane,
    flush::Portion,
    id::{ChatId, KeyPart, WebhookId, WorkspaceId},
    log::{Level, Line},
    ports::Answer,
    timestamp::Timestamp,
};
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The schedule, whatever it says.
    Minute,
    Portion(Portion),
    FlushNow(Lane),
    Resend {
        whose: Whose,
        webhook_id: String,
        sent_at: Timestamp,
    },
    Replay {
        whose: Whose,
        span: Span,
    },
}

/// The webhook that a wish is about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Whose {
    pub(crate) workspace: WorkspaceId,
    pub(crate) webhook: WebhookId,
}

/// Reads a payload; the error says what is wrong and where.
pub(crate) fn read(payload: &Value) -> Result<Wake, String> {
    if let Some(portion) = payload.get(PORTION) {
        let read = portion.as_str().and_then(Portion::parse).map(Wake::Portion);
        return read.ok_or_else(|| format!("/{PORTION}: is no window's end with a range of shards"));
    }
    for (name, read) in WISHES {
        if let Some(wish) = payload.get(name) {
            return read(&Wish { name, fields: wish });
        }
    }
    Ok(Wake::Minute)
}

type Read = fn(&Wish<'_>) -> Result<Wake, String>;
const WISHES: [(&str, Read); 3] = [("flush_now", flush_now), ("resend", resend), ("replay", replay)];

/// What a person wants, as it is written.
struct Wish<'a> {
    name: &'static str,
    fields: &'a Value,
}

impl Wish<'_> {
    fn wrong(&self, field: &str, detail: &str) -> String {
        format!("/{}/{field}: {detail}", self.name)
    }

    fn text(&self, field: &str) -> Result<&str, String> {
        self.fields.get(field).and_then(Value::as_str).ok_or_else(|| self.wrong(field, "must be a text"))
    }

    /// RFC 3339, or seconds since 1970.
    fn moment(&self, field: &str) -> Result<Timestamp, String> {
        let value = self.fields.get(field);
        let seconds = value.and_then(Value::as_u64).and_then(Timestamp::from_seconds);
        let moment = seconds.or_else(|| value.and_then(Value::as_str).and_then(Timestamp::parse));
        moment.ok_or_else(|| self.wrong(field, "must be a moment, as in 2021-02-24T17:00:00Z or 1614186000"))
    }

    fn whose(&self) -> Result<Whose, String> {
        let workspace =
            WorkspaceId::parse(self.text("workspace")?).map_err(|detail| self.wrong("workspace", &detail))?;
        let webhook = match self.fields.get("webhook") {
            Some(_) => WebhookId::parse(self.text("webhook")?).map_err(|detail| self.wrong("webhook", &detail))?,
            None => WebhookId::first(),
        };
        Ok(Whose { workspace, webhook })
    }
}

fn flush_now(wish: &Wish<'_>) -> Result<Wake, String> {
    let Whose { workspace, webhook } = wish.whose()?;
    let chat = ChatId::parse(wish.text("chat")?).map_err(|detail| wish.wrong("chat", &detail))?;
    Ok(Wake::FlushNow(Lane { workspace, webhook, chat: KeyPart::of(chat.as_str()) }))
}

fn resend(wish: &Wish<'_>) -> Result<Wake, String> {
    let (webhook_id, sent_at) = (wish.text("webhook_id")?.to_owned(), wish.moment("sent_at")?);
    Ok(Wake::Resend { whose: wish.whose()?, webhook_id, sent_at })
}

fn replay(wish: &Wish<'_>) -> Result<Wake, String> {
    let after = wish.fields.get("after").map(|_| wish.text("after").map(str::to_owned)).transpose()?;
    let span = Span { from: wish.moment("from")?, until: wish.moment("until")?, after };
    Ok(Wake::Replay { whose: wish.whose()?, span })
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

/// What a wish to send again is answered with.
pub(crate) fn again_answer(sent: Result<Replayed, Refusal>) -> Value {
    match sent {
        Ok(Replayed { references, gone, unreadable, after }) => json!({
            "outcome": "enqueued", "references": references, "gone": gone, "unreadable": unreadable, "after": after
        }),
        Err(refusal) => json!({ "outcome": refused(refusal) }),
    }
}

/// The one line that says what became of a wish to send again.
pub(crate) fn again_line(whose: &Whose, sent: &Answer<Result<Replayed, Refusal>>) -> Line {
    let line = match sent {
        Ok(Ok(replayed)) => Line::new(Level::Info, "asked to send again")
            .text("outcome", "enqueued")
            .number("replay.references", replayed.references)
            .number("replay.gone", replayed.gone)
            .number("replay.unreadable", replayed.unreadable),
        Ok(Err(refusal)) => Line::new(Level::Info, "asked to send again").text("outcome", refused(*refusal)),
        Err(error) => Line::new(Level::Error, "could not send again").text("error", error.to_string()),
    };
    line.text("workspace.id", whose.workspace.as_str()).text("webhook.id", whose.webhook.as_str())
}

fn refused(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NoWebhook => "no_webhook",
        Refusal::SwitchedOff => "switched_off",
        Refusal::Disabled => "disabled",
        Refusal::NoDelivery => "no_delivery",
        Refusal::Test => "test",
        Refusal::Gone => "gone",
    }
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

    #[test]
    fn a_wish_to_send_again_names_a_document_and_when_it_was_sent_or_a_span() {
        let moment = |text| Timestamp::parse(text).expect(text);
        let whose = || Whose { workspace: WorkspaceId::parse("acme").expect("an id"), webhook: WebhookId::first() };
        let sent_at = moment("2021-02-24T17:00:00Z");
        for at in [json!("2021-02-24T17:00:00Z"), json!(1_614_186_000)] {
            let wish = json!({ "resend": { "workspace": "acme", "webhook_id": "msg_1", "sent_at": at } });
            let expected = Wake::Resend { whose: whose(), webhook_id: "msg_1".to_owned(), sent_at };
            assert_eq!(read(&wish), Ok(expected));
        }
        let mut wish =
            json!({ "replay": { "workspace": "acme", "from": 1_614_186_000, "until": "2021-02-24T18:00:00Z" } });
        let span = |after| Span { from: sent_at, until: moment("2021-02-24T18:00:00Z"), after };
        assert_eq!(read(&wish), Ok(Wake::Replay { whose: whose(), span: span(None) }));
        wish["replay"]["after"] = json!("x");
        assert_eq!(read(&wish), Ok(Wake::Replay { whose: whose(), span: span(Some("x".to_owned())) }));
        for (field, bad) in
            [("from", json!("soon")), ("until", json!(null)), ("after", json!(1)), ("workspace", json!("a b"))]
        {
            let mut wish = wish.clone();
            wish["replay"][field] = bad;
            let error = read(&wish).expect_err("a bad wish");
            assert!(error.starts_with(&format!("/replay/{field}:")), "{error}");
        }
        let error = read(&json!({ "resend": { "workspace": "acme" } })).expect_err("a bad wish");
        assert!(error.starts_with("/resend/webhook_id:"), "{error}");
    }
}
