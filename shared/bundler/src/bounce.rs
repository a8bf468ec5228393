//! What is heard of a mail after the mail service took it: that it did not arrive, or was not wanted. The webhook's
//! health shows it, so that a person can see why the owner knows nothing. It blocks nothing and sends nothing.

use crate::{
    health::MailRefused,
    id::{WebhookId, WorkspaceId},
    limits,
    log::{Level, Line, Log},
    ports::{Answer, Clock, PortError, PutHealth, ReadWebhook},
    tell,
};

/// A mail to an owner that came back. It has no `Debug`, because of the address.
#[derive(Clone, PartialEq, Eq)]
pub struct Bounce {
    pub workspace: WorkspaceId,
    pub webhook: WebhookId,
    /// Where the mail was sent.
    pub address: String,
    pub cause: Cause,
}

/// Why it came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Nobody takes mails there, or whoever does wants none of ours: the mail service's word for it.
    Refused(&'static str),
    /// A full mailbox, an absence, a server that was away: the next mail may arrive.
    Passing,
}

/// What hearing of it needs.
pub struct Bounces<'a, T, C> {
    pub table: &'a T,
    pub clock: &'a C,
}

impl<T: ReadWebhook + PutHealth, C: Clock> Bounces<'_, T, C> {
    /// Keeps what was heard, in one line of the log. After an error it is to be heard again.
    pub async fn take<L: Log>(&self, log: &L, bounce: &Bounce) -> Answer<()> {
        let line = |level, message, outcome| Line::new(level, message).text("outcome", outcome);
        let (line, answer) = match bounce.cause {
            Cause::Passing => {
                (line(Level::Info, "a mail to the owner did not arrive this time", "mail_passing"), Ok(()))
            }
            Cause::Refused(code) => match self.keep(bounce, code).await {
                Ok(true) => (tell::refused(code), Ok(())),
                Ok(false) => (line(Level::Info, "a mail came back from a former address", "mail_former"), Ok(())),
                Err(error) => {
                    let line = line(Level::Error, "could not keep that a mail came back", "failed");
                    (line.text("error", error.to_string()), Err(error))
                }
            },
        };
        log.log(line.text("workspace.id", bounce.workspace.as_str()).text("webhook.id", bounce.webhook.as_str()));
        answer
    }

    /// Whether the webhook's owner still has that address.
    async fn keep(&self, bounce: &Bounce, code: &str) -> Answer<bool> {
        for _ in 0..limits::HEALTH_TRIES {
            let read = self.table.read_webhook(&bounce.workspace, &bounce.webhook).await?;
            let is_owners = |owner: &str| owner.eq_ignore_ascii_case(&bounce.address);
            let Some(read) = read.filter(|read| read.settings.owner_email.as_deref().is_some_and(is_owners)) else {
                return Ok(false);
            };
            let refused = MailRefused { at: self.clock.now(), code: code.to_owned() };
            if self.table.put_health(&bounce.workspace, &bounce.webhook, &read.health.bounced(refused)).await? {
                return Ok(true);
            }
        }
        Err(PortError { doing: "keeping that a mail came back", code: "others were always faster".to_owned() })
    }
}
