//! The webhooks of a workspace, as every page of it needs them: the one that it is about, and those beside it.

use super::state;
use crate::{
    Ports,
    door::{Visit, no_webhook},
    reply::Refused,
};
use bundler::{
    id::WebhookId,
    limits,
    mail::Count,
    portal::{Allowed, Grant, csrf},
    ports::ReadWebhook,
    settings::Webhook,
    zone::Zone,
};
use futures_util::future::try_join_all;
use page::{Access, Clock, Downloads, Frame, Savings, State, Tab};

/// A workspace's webhooks, the first one first.
pub(super) struct Webhooks(pub(super) Vec<(WebhookId, Webhook)>);

/// A webhook among those of its workspace.
pub(super) struct Seen {
    pub(super) id: WebhookId,
    pub(super) webhook: Webhook,
    all: Webhooks,
}

/// Reads all of them.
pub(super) async fn webhooks<P: Ports>(visit: &Visit<P>) -> Result<Webhooks, Refused> {
    let (table, workspace) = (visit.ports().table(), &visit.workspace);
    let Some(first) = table.read_webhook(workspace, &WebhookId::first()).await? else {
        return Ok(Webhooks(Vec::new()));
    };
    let others = first.settings.others.clone();
    let read = others.into_iter().map(|id| async move {
        let read = table.read_webhook(workspace, &id).await?;
        Ok::<_, Refused>(read.map(|webhook| (id, webhook)))
    });
    let others = try_join_all(read).await?.into_iter().flatten();
    Ok(Webhooks([(WebhookId::first(), first)].into_iter().chain(others).collect()))
}

/// The webhook that the path names.
pub(super) async fn webhook<P: Ports>(visit: &Visit<P>) -> Result<Seen, Refused> {
    let id = visit.webhook()?;
    webhooks(visit).await?.about(&id).ok_or_else(no_webhook)
}

impl Webhooks {
    pub(super) fn about(self, id: &WebhookId) -> Option<Seen> {
        let webhook = self.0.iter().find(|(name, _)| name == id).map(|(_, webhook)| webhook.clone())?;
        Some(Seen { id: id.clone(), webhook, all: self })
    }

    /// The frame of a page about none of them.
    pub(super) fn frame<P: Ports>(&self, visit: &Visit<P>) -> Frame {
        let zone = self.0.first().map_or(Zone::UTC, |(_, first)| first.settings.schedule.last().zone);
        let now = visit.caller.now;
        let (access, session_ends) = match &visit.allowed {
            // The key is the credential: a form's token would say nothing.
            Allowed::Administrator => (Access::Full { csrf: String::new() }, None),
            Allowed::Session(session) => {
                let access = match session.grant {
                    Grant::ReadOnly => Access::ReadOnly,
                    Grant::Full => Access::Full { csrf: csrf::token(&visit.caller.root, session).reveal().to_owned() },
                };
                (access, Some(session.ends))
            }
        };
        Frame {
            platform: visit.caller.portal.platform.clone(),
            workspace: visit.workspace.to_string(),
            webhook: String::new(),
            webhooks: self.0.iter().map(|(id, webhook)| tab(id, webhook)).collect(),
            access,
            clock: Clock { zone, now },
            may_add: self.0.len() < limits::WEBHOOKS,
            session_ends,
            downloads: Downloads { json: String::new(), csv: String::new() },
        }
    }
}

impl Seen {
    pub(super) fn frame<P: Ports>(&self, visit: &Visit<P>) -> Frame {
        let frame = self.all.frame(visit);
        let log = format!("/v1/workspaces/{}/webhooks/{}/requests?whole=true", visit.workspace, self.id);
        Frame {
            webhook: self.id.to_string(),
            clock: Clock { zone: self.webhook.settings.schedule.last().zone, ..frame.clock },
            downloads: Downloads { json: format!("{log}&format=json"), csv: format!("{log}&format=csv") },
            ..frame
        }
    }

    /// The same after something was changed.
    pub(super) fn now(mut self, webhook: Webhook) -> Self {
        for (_, listed) in self.all.0.iter_mut().filter(|(id, _)| *id == self.id) {
            listed.clone_from(&webhook);
        }
        self.webhook = webhook;
        self
    }
}

/// A tab says in a word how a webhook stands: nothing is counted for it.
fn tab(id: &WebhookId, webhook: &Webhook) -> Tab {
    let something = Savings { days: 0, messages: 0, calls: 1, errors: 0 };
    let state: State = state::of(&webhook.settings, &webhook.health, Count::Exactly(0), something);
    Tab { webhook: id.to_string(), state }
}
