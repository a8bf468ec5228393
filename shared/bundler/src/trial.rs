//! A test delivery: one request with invented messages, in the very documents and with the very signature of a real one,
//! so that a person sees what the receiver says. It stands in the log and nowhere else: it is no delivery, has no outcome,
//! and counts neither for nor against its webhook, in whatever state that is: finding out is what it is for.

use crate::{
    attempt::{self, Attempt, Document},
    delivery::{DeliveryKey, Lane, Subject},
    document::{self, FileLink},
    event::{Account, Chat, ChatKind, Direction, Event, HttpUrl, Message, Participant},
    id::{ChatId, KeyPart, MessageId, WebhookId, WorkspaceId},
    log::{Level, Line, Log},
    ports::{Answer, Clock, DeliverTable, PortError, Post},
    timestamp::Timestamp,
    window::Granularity,
};
use std::time::Duration;

/// What a test needs.
pub struct Trial<'a, T, R, C> {
    pub table: &'a T,
    pub receiver: &'a R,
    pub clock: &'a C,
    /// The platform's name in the last sentence of a note.
    pub platform: &'a str,
}

impl<T: DeliverTable, R: Post, C: Clock> Trial<'_, T, R, C> {
    /// Sends a test, and says so in one line of the log. Nothing, if the workspace has no such webhook.
    pub async fn send<L: Log>(&self, log: &L, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Attempt>> {
        let sent = self.try_send(workspace, webhook).await;
        let line = line(&sent).text("workspace.id", workspace.as_str()).text("webhook.id", webhook.as_str());
        log.log(line.text("outcome", "test"));
        sent
    }

    async fn try_send(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Attempt>> {
        let Some(read) = self.table.read_webhook(workspace, webhook).await? else { return Ok(None) };
        let (settings, started) = (read.settings, self.clock.now());
        let events = samples(workspace, started);
        let events = events.map_err(|code| PortError { doing: "making the messages of a test", code })?;
        let files = |_: &Event| FileLink::default();
        let (body, messages) = match settings.schedule.at(started).granularity {
            Granularity::None => (document::message(&events[0], &files), 1),
            Granularity::Hours1 | Granularity::Hours6 | Granularity::Hours12 | Granularity::Hours24 => {
                (document::bundle(&events, &events, self.platform, &files).unwrap_or_default(), events.len())
            }
        };
        let chat = KeyPart::of_tests();
        // As a message by itself: such a body is kept, because there is nothing that it could be made of again.
        let subject = Subject::Message { timestamp: started, message: chat.clone() };
        let key = DeliveryKey { lane: Lane { workspace: workspace.clone(), webhook: webhook.clone(), chat }, subject };
        let document = Document { part: 0, parts: 1, attempt: 1 };
        let request = attempt::request(&settings, &key, document, started, body);
        let exchange = self.receiver.post(&request).await;
        let of = attempt::Of { key: &key, document, messages, missing_files: Vec::new(), body: None };
        let record = request.record(of, started, exchange, settings.success);
        self.table.put_attempt(&record).await?;
        Ok(Some(record))
    }
}

/// A question and its answer. Nobody has these names, addresses and numbers: the domain is RFC 2606's, and of the numbers
/// none is given away (555-0100 and what follows it).
fn samples(workspace: &WorkspaceId, now: Timestamp) -> Result<[Event; 2], String> {
    let person = |name: &str, phone: &str| Participant { full_name: name.to_owned(), phone: phone.to_owned() };
    let (agent, customer) = (person("Sample Agent", "+15555550100"), person("Sample Customer", "+15555550101"));
    let email = "agent@example.org".to_owned();
    let url = HttpUrl::parse("https://example.org/chat/test")?;
    let chat = Chat {
        id: ChatId::parse("test")?,
        full_name: customer.full_name.clone(),
        responsible_name: agent.full_name.clone(),
        responsible_email: email.clone(),
        url: url.clone(),
        is_new: false,
        kind: ChatKind::Direct,
        phone: customer.phone.clone(),
    };
    let account = Account { full_name: agent.full_name.clone(), email, phone: agent.phone.clone() };
    let event = |timestamp: Timestamp, direction, text: &str| -> Result<Event, String> {
        let (sender, recipient) = match direction {
            Direction::Received => (customer.clone(), agent.clone()),
            Direction::Sent => (agent.clone(), customer.clone()),
        };
        Ok(Event {
            workspace: workspace.clone(),
            account: account.clone(),
            chat: chat.clone(),
            message: Message {
                id: MessageId::parse(&format!("test-{}", timestamp.millis()))?,
                timestamp,
                direction,
                sender,
                recipient,
                text: text.to_owned(),
                attachment: None,
                permalink: Some(url.clone()),
            },
        })
    };
    let asked = now.minus(Duration::from_secs(60));
    Ok([
        event(asked, Direction::Received, "This is a test of your webhook: nobody has written it.")?,
        event(now, Direction::Sent, "This is a test as well: the answer to the message before.")?,
    ])
}

fn line(sent: &Answer<Option<Attempt>>) -> Line {
    match sent {
        Ok(Some(attempt)) => {
            let line = Line::new(Level::Info, "sent a test").number("duration_ms", attempt.duration_ms);
            let line = match attempt.error {
                Some(class) => line.text("error", class.name()),
                None => line,
            };
            match &attempt.result {
                Ok(response) => line.number("http.status", response.status),
                Err(_) => line,
            }
        }
        Ok(None) => Line::new(Level::Info, "sent no test: there is no such webhook"),
        Err(error) => Line::new(Level::Error, "could not send a test").text("error", error.to_string()),
    }
}
