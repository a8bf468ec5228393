//! The page of one webhook: how it stands, its settings, what has happened and what waits.

use crate::{
    activity::Happening,
    chart::{self, Bar, Day},
    form::{self, Coming, Field, Form},
    frame::{Action, Frame},
    moment, request,
    said::Said,
    secret::{self, Secret},
    state::{self, State},
    words::{self, Icon},
};
use askama::Template;
use bundler::{mail::Count, timestamp::Timestamp};

/// Everything that the page of a webhook shows.
#[derive(Debug, Clone, Template)]
#[template(path = "webhook.html", escape = "html")]
pub struct WebhookPage {
    pub frame: Frame,
    /// What has become of what was done last; nothing, if somebody just looks.
    pub said: Option<Said>,
    pub state: State,
    pub mail_refused: Option<MailRefused>,
    /// Until then nothing is sent, because the requests at a time were changed.
    pub settling_until: Option<Timestamp>,
    pub form: Form,
    pub coming: Option<Coming>,
    pub secret: Secret,
    /// At how many errors in a row a webhook is disabled.
    pub disable_at: u32,
    /// In order, the last 14.
    pub days: Vec<Day>,
    pub savings: Savings,
    /// The last 10, latest first.
    pub activity: Vec<Happening>,
    /// Nothing, where each message is sent at once.
    pub gathering: Option<Gathering>,
}

/// The owner's address, and why no mail reaches it.
#[derive(Debug, Clone)]
pub struct MailRefused {
    pub address: String,
    pub at: Timestamp,
    pub reason: String,
}

/// What gathering has saved.
#[derive(Debug, Clone, Copy)]
pub struct Savings {
    pub days: u64,
    pub messages: u64,
    pub calls: u64,
    /// Of the calls.
    pub errors: u64,
}

/// The chats whose messages gather.
#[derive(Debug, Clone)]
pub struct Gathering {
    /// Those that are shown.
    pub chats: Vec<Bucket>,
    /// How many there are, these too.
    pub all: Count,
}

/// A chat whose messages gather.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Its id.
    pub chat: String,
    /// Its name.
    pub name: String,
    pub is_group: bool,
    /// Of a chat with very many, as many as were looked at.
    pub messages: Count,
    pub closes: Timestamp,
}

/// The days that failed deliveries are sought in, and how they are called.
const SPANS: [(u32, &str); 4] = [(1, "24 hours"), (3, "3 days"), (7, "7 days"), (30, "30 days")];

impl WebhookPage {
    /// What stands in the browser's tab.
    fn title(&self) -> String {
        format!("{} · {}", self.frame.webhook, self.state.word())
    }

    fn rule(&self) -> String {
        state::rule(self.form.accepts_any(), self.disable_at)
    }

    fn error(&self, field: Field) -> Option<&str> {
        self.form.error(field)
    }

    fn bars(&self) -> Vec<Bar> {
        chart::bars(&self.days)
    }

    /// `76 %`: of the calls that there would have been, had each message gone out by itself; those that were taken count.
    fn saved_percent(&self) -> Option<u64> {
        let taken = self.savings.calls.saturating_sub(self.savings.errors);
        let saved = self.savings.messages.checked_sub(taken).filter(|saved| *saved > 0)?;
        Some(saved.saturating_mul(100) / self.savings.messages)
    }

    /// `2 settings need`.
    fn wrong(&self) -> String {
        moment::counted(self.form.errors.len() as u64, "setting needs", "settings need")
    }

    /// What is said of the chats that are not shown.
    fn others(gathering: &Gathering) -> Option<String> {
        let shown = gathering.chats.len() as u64;
        match gathering.all {
            Count::Exactly(all) if all <= shown => None,
            Count::Exactly(all) => Some(format!("And {}.", moment::counted(all - shown, "other chat", "other chats"))),
            Count::MoreThan(_) => Some(format!("These are the first of {} chats.", words::number(gathering.all))),
        }
    }
}
