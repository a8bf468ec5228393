//! The requests about webhooks that do not take what they are sent, behind gates.

use super::{
    gate::lock,
    ports::{Ports, at_once},
    world::World,
};
use bundler::{
    health::Health,
    id::{WebhookId, WorkspaceId},
    mail::{Mail, MailOutcome},
    ports::{Answer, HeldPage, PutHealth, ReadHeld, SendMail},
    table::{item::IndexKey, lane::HeldKind},
};

impl PutHealth for Ports {
    async fn put_health(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Answer<bool> {
        let about = || format!("{workspace} {health:?}");
        let (workspace, webhook, health) = (workspace.clone(), webhook.clone(), health.clone());
        let put = move |world: &World, _| {
            let put = at_once(world.table.put_health(&workspace, &webhook, &health));
            world.note_index();
            put
        };
        self.ask("put_health", about, put).await
    }
}

impl SendMail for Ports {
    async fn send(&self, to: &str, mail: &Mail) -> Answer<MailOutcome> {
        let about = || mail.subject.clone();
        let (to, subject) = (to.to_owned(), mail.subject.clone());
        let send = move |world: &World, _| {
            lock(&world.book).mails.push((to.clone(), subject.clone()));
            Ok(MailOutcome::Accepted)
        };
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
        let read = move |world: &World, _| at_once(world.table.read_held(&workspace, &webhook, kind, after.as_ref()));
        self.ask("read_held", about, read).await
    }
}
