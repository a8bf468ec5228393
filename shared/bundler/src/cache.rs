//! What a warm function remembers: settings, at most 30 seconds old, and the root secret, at most five minutes.
//!
//! Remembered settings allow a switch or a concurrency to be seen late by so much. They must not let two functions
//! put the same message under two keys: a change of the schedule begins minutes ahead, when no function can be without it
//! any more.

use crate::{
    id::{WebhookId, WorkspaceId},
    limits,
    ports::{Answer, ReadRootSecret, ReadSettings},
    settings::Gathering,
    signature::RootSecret,
    timestamp::Timestamp,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Webhooks that are kept; when there are more, all are forgotten and read again.
const WEBHOOKS: usize = 4_096;

type Known = BTreeMap<(WorkspaceId, WebhookId), (Timestamp, Arc<Gathering>)>;

#[derive(Default)]
pub struct SettingsCache {
    known: Mutex<Known>,
}

impl SettingsCache {
    /// The webhook's settings, read if they are not known or too old. A webhook that is not there is not remembered.
    pub async fn read<P: ReadSettings>(
        &self,
        ports: &P,
        now: Timestamp,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
    ) -> Answer<Option<Arc<Gathering>>> {
        let key = (workspace.clone(), webhook.clone());
        let known = self.lock().get(&key).cloned();
        if let Some((_, settings)) =
            known.filter(|(read_at, _)| now.since(*read_at) < limits::SETTINGS_AGE && *read_at <= now)
        {
            return Ok(Some(settings));
        }
        let read = ports.read_settings(workspace, webhook).await?.map(Arc::new);
        let mut known = self.lock();
        if known.len() >= WEBHOOKS {
            known.clear();
        }
        match &read {
            Some(settings) => known.insert(key, (now, settings.clone())),
            None => known.remove(&key),
        };
        Ok(read)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The root secret as a warm function knows it.
#[derive(Default)]
pub struct RootSecretCache(Mutex<Option<(Timestamp, RootSecret)>>);

impl RootSecretCache {
    /// The secret, read if it is not known or too old.
    pub async fn read<S: ReadRootSecret>(&self, port: &S, now: Timestamp) -> Answer<RootSecret> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read_at, secret)) = known
            && now.since(read_at) < limits::ROOT_SECRET_AGE
        {
            return Ok(secret);
        }
        let secret = port.read_root_secret().await?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, secret.clone()));
        Ok(secret)
    }
}
