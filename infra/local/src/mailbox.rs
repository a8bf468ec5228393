//! The owner's letter box: the screen shows each mail as one line, what it says in its subject. It sends nothing.

use crate::{clock::Clock, figures, screen::Screen, text};
use bundler::{
    mail::{Addressee, Mail, MailOutcome},
    ports::{Answer, Clock as _, SendMail},
};

pub(crate) struct Mailbox {
    pub(crate) screen: Screen,
    pub(crate) clock: Clock,
}

impl SendMail for Mailbox {
    async fn send(&self, _to: &Addressee<'_>, mail: &Mail) -> Answer<MailOutcome> {
        let subject = text::line(&mail.subject, 65);
        self.screen.show(&format!(
            "\n{}  E-mail: {}",
            figures::hour(self.clock.now()),
            self.screen.paint().bold(&subject)
        ));
        Ok(MailOutcome::Accepted)
    }
}
