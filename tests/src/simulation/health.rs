//! The requests about webhooks that do not take what they are sent, behind gates.

use super::{
    breaks::Break,
    gate::lock,
    ports::{Ports, at_once},
    world::World,
};
use bundler::{
    health::Health,
    id::{WebhookId, WorkspaceId},
    mail::{Addressee, Mail, MailOutcome},
    ports::{Answer, HeldPage, PutHealth, ReadHeld, ReadWebhook, SendMail},
    table::{item::IndexKey, lane::HeldKind},
};

impl PutHealth for Ports {
    async fn put_health(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Answer<bool> {
        let about = || format!("{workspace} {health:?}");
        let (workspace, webhook, health) = (workspace.clone(), webhook.clone(), health.clone());
        let (invocation, is_blind) = (self.invocation, self.is(Break::HealthOverwritten));
        let put = move |world: &World, _| {
            let stands =
                at_once(world.table.read_webhook(&workspace, &webhook))?.map(|webhook| webhook.health.revision);
            let revision = if is_blind { stands.unwrap_or(0) } else { health.revision };
            world.put_health(invocation, &workspace, &Health { revision, ..health.clone() })
        };
        self.ask("put_health", about, put).await
    }
}

impl SendMail for Ports {
    async fn send(&self, to: &Addressee<'_>, mail: &Mail) -> Answer<MailOutcome> {
        let about = || mail.subject.clone();
        let (to, subject) = (to.address.to_owned(), mail.subject.clone());
        let send = move |world: &World, _| {
            lock(&world.book).mails.push((to.clone(), subject.clone()));
            Ok(MailOutcome::Accepted)
        };
        if self.is(Break::ToldBeforeSent) {
            self.world.leave(self.invocation, "send_mail", 60_000, send);
            return Ok(MailOutcome::Accepted);
        }
        self.ask("send_mail", about, send).await
    }
}

impl ReadHeld for Ports {
    async fn read_held(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        kind: HeldKind,
        after: Option<&IndexKey>,
    ) -> Answer<HeldPage> {
        let about = || format!("{workspace} {kind:?}");
        let (workspace, webhook, after) = (workspace.clone(), webhook.clone(), after.cloned());
        let read = move |world: &World, _| {
            let mut rows = world.held(&kind.partition(&workspace, &webhook));
            rows.retain(|row| after.as_ref().is_none_or(|after| row > after));
            Ok(HeldPage::of(&rows, None))
        };
        self.ask("read_held", about, read).await
    }
}
