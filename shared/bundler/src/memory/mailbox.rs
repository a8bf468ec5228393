//! The mail service in memory: it keeps what was sent, and takes, refuses or fails as it is told.

use crate::{
    mail::{Addressee, Mail, MailOutcome},
    ports::{Answer, PortError, SendMail},
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Everybody's letter box.
#[derive(Default)]
pub struct MemoryMailbox(Mutex<State>);

#[derive(Default)]
struct State {
    service: MailService,
    sent: Vec<(String, Mail)>,
}

/// How the mail service answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MailService {
    #[default]
    Takes,
    /// With this code, and sends nothing.
    Refuses(&'static str),
    /// With this code, and sends nothing.
    Fails(&'static str),
    Off,
}

impl MemoryMailbox {
    /// From now on.
    pub fn set(&self, service: MailService) {
        self.state().service = service;
    }

    /// Every mail that was sent, with its address, in order.
    pub fn sent(&self) -> Vec<(String, Mail)> {
        self.state().sent.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SendMail for MemoryMailbox {
    async fn send(&self, to: &Addressee<'_>, mail: &Mail) -> Answer<MailOutcome> {
        let mut state = self.state();
        match state.service {
            MailService::Takes => {}
            MailService::Refuses(code) => return Ok(MailOutcome::Refused { code: code.to_owned() }),
            MailService::Fails(code) => return Err(PortError { doing: "sending a mail", code: code.to_owned() }),
            MailService::Off => return Ok(MailOutcome::Off),
        }
        state.sent.push((to.address.to_owned(), mail.clone()));
        Ok(MailOutcome::Accepted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{WebhookId, WorkspaceId};
    use futures_util::FutureExt;

    #[test]
    fn a_mail_is_sent_only_where_the_service_takes_it() {
        let mailbox = MemoryMailbox::default();
        let mail = Mail { subject: "a".to_owned(), text: "b".to_owned(), html: "c".to_owned() };
        let workspace = WorkspaceId::parse("acme").expect("a workspace");
        let to = Addressee { address: "owner@acme.example", workspace: &workspace, webhook: &WebhookId::first() };
        let send = || mailbox.send(&to, &mail).now_or_never().expect("it waits for nobody");
        for (service, said) in [
            (MailService::Off, Ok(MailOutcome::Off)),
            (MailService::Refuses("No"), Ok(MailOutcome::Refused { code: "No".to_owned() })),
            (MailService::Fails("Later"), Err(PortError { doing: "sending a mail", code: "Later".to_owned() })),
        ] {
            mailbox.set(service);
            assert_eq!((send(), mailbox.sent()), (said, vec![]));
        }
        mailbox.set(MailService::Takes);
        assert_eq!(send(), Ok(MailOutcome::Accepted));
        assert_eq!(mailbox.sent(), [("owner@acme.example".to_owned(), mail.clone())]);
    }
}
