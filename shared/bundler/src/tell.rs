//! Telling owners: each notice that a webhook's health owes is mailed, then taken off the list. A crash between the two
//! repeats a mail; nothing else does, and none is lost. A mail that is refused blocks nothing.

use crate::{
    flush,
    health::{Health, Heard, MailRefused, Notice, NoticeKind, Patience},
    id::{WebhookId, WorkspaceId},
    limits,
    log::{Level, Line},
    mail::{self, Addressee, Compose, Count, Letter, MailOutcome, News},
    ports::{Answer, Clock, PortError, PutHealth, ReadHeld, ReadRests, ReadWebhook, SendMail},
    settings::Settings,
};

/// What telling needs.
pub struct Tell<'a, T, M, C> {
    pub table: &'a T,
    pub mailer: &'a M,
    pub clock: &'a C,
    pub patience: &'a Patience,
    pub compose: Compose,
    pub platform: &'a str,
    /// Where an owner opens the settings, with places for the names of the webhook.
    pub settings_url: &'a str,
}

/// What became of a webhook's notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// So many mails went out. None, where nothing was owed any more.
    Mailed { mails: u32 },
    /// The mail service takes none for this address, or of this content.
    Refused { code: String },
    /// There is nobody to tell, or this deployment sends no mails.
    Nobody,
    /// Trouble of ours: to be tried again.
    Failed(PortError),
}

/// The outcome of the line below: a deployment counts its lines, and raises an alarm.
pub const REFUSED: &str = "mail_refused";

/// The line that says that an owner's address is not to be reached, at whatever time that was found out.
pub(crate) fn refused(code: &str) -> Line {
    Line::new(Level::Error, "the owner's address was refused").text("outcome", REFUSED).text("error", code)
}

impl<T: ReadWebhook + PutHealth + ReadHeld + ReadRests, M: SendMail, C: Clock> Tell<'_, T, M, C> {
    /// Tells a webhook's owner what is owed.
    pub async fn tell(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Told {
        self.try_tell(workspace, webhook).await.unwrap_or_else(Told::Failed)
    }

    async fn try_tell(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Told> {
        let mut told = Told::Mailed { mails: 0 };
        let Some(read) = self.table.read_webhook(workspace, webhook).await? else { return Ok(told) };
        for notice in &read.health.owed {
            let begun = self.clock.now();
            let outcome = match (self.is_wanted(notice.kind), &read.settings.owner_email) {
                (true, Some(address)) => {
                    let to = Addressee { address, workspace, webhook };
                    let letter = self.letter(workspace, webhook, &read.settings, &read.health, notice).await?;
                    self.mailer.send(&to, &(self.compose)(&letter)).await?
                }
                (false, _) | (true, None) => MailOutcome::Off,
            };
            let heard = match outcome {
                MailOutcome::Accepted => {
                    told = match told {
                        Told::Mailed { mails } => Told::Mailed { mails: mails + 1 },
                        Told::Refused { .. } | Told::Nobody | Told::Failed(_) => told,
                    };
                    Heard::Took(begun)
                }
                MailOutcome::Refused { code } => {
                    told = Told::Refused { code: code.clone() };
                    Heard::Refused(MailRefused { at: self.clock.now(), code })
                }
                MailOutcome::Off => {
                    told = Told::Nobody;
                    Heard::Nothing
                }
            };
            self.mark(workspace, webhook, notice, &heard).await?;
        }
        Ok(told)
    }

    /// Takes the notice off the list, whatever else becomes of the health meanwhile.
    async fn mark(&self, workspace: &WorkspaceId, webhook: &WebhookId, notice: &Notice, heard: &Heard) -> Answer<()> {
        for _ in 0..limits::HEALTH_TRIES {
            let Some(read) = self.table.read_webhook(workspace, webhook).await? else { return Ok(()) };
            if !read.health.owed.contains(notice) {
                return Ok(());
            }
            let told = read.health.told(notice, heard.clone());
            if self.table.put_health(workspace, webhook, &told).await? {
                return Ok(());
            }
        }
        Err(PortError { doing: "marking a notice", code: "others were always faster".to_owned() })
    }

    /// Warnings can be turned off for a whole deployment; what ends a webhook's deliveries is always told.
    fn is_wanted(&self, kind: NoticeKind) -> bool {
        match kind {
            NoticeKind::Warning => self.patience.warn_at.is_some(),
            NoticeKind::Disabled
            | NoticeKind::Recovered
            | NoticeKind::Enabled
            | NoticeKind::StartedFresh
            | NoticeKind::Stopped => true,
        }
    }

    async fn letter(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        settings: &Settings,
        health: &Health,
        notice: &Notice,
    ) -> Answer<Letter> {
        let held = match notice.kind {
            NoticeKind::Warning | NoticeKind::StartedFresh | NoticeKind::Stopped => Count::Exactly(0),
            NoticeKind::Disabled | NoticeKind::Recovered | NoticeKind::Enabled => {
                flush::count_waiting(self.table, workspace, webhook, health, self.clock.now()).await?
            }
        };
        Ok(Letter {
            news: News::of(notice, self.patience.disable_at, held),
            workspace: workspace.clone(),
            webhook: webhook.clone(),
            host: mail::host_of(&settings.url),
            zone: settings.schedule.at(notice.at).zone,
            platform: self.platform.to_owned(),
            settings_link: mail::settings_link(self.settings_url, workspace, webhook),
        })
    }
}
