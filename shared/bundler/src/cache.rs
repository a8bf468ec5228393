//! What a warm function remembers: settings, at most 30 seconds old, and secrets, at most five minutes.
//!
//! Remembered settings allow a switch or a concurrency to be seen late by so much. They must not let two functions
//! put the same message under two keys: a change of the schedule begins minutes ahead, when no function can be without it
//! any more.

use crate::{
    id::{WebhookId, WorkspaceId},
    limits,
    ports::{Answer, ReadCredentials, ReadRootSecret, ReadSettings, ReadUpstream},
    settings::Gathering,
    signature::RootSecret,
    timestamp::Timestamp,
    upstream::{Credentials, Upstream},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How many are kept of a kind; when there are more, all are forgotten and read again.
const MOST: usize = 4_096;

/// What was read, and when, by what it is of.
struct Known<K, V>(Mutex<BTreeMap<K, (Timestamp, V)>>);

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord, V: Clone> Known<K, V> {
    /// What is known and not older than that.
    fn get(&self, key: &K, now: Timestamp, age: Duration) -> Option<V> {
        let known = self.lock().get(key).cloned();
        known.filter(|(read_at, _)| now.since(*read_at) < age && *read_at <= now).map(|(_, value)| value)
    }

    /// Without a value, it is forgotten.
    fn set(&self, key: K, now: Timestamp, value: Option<V>) {
        let mut known = self.lock();
        if known.len() >= MOST {
            known.clear();
        }
        match value {
            Some(value) => known.insert(key, (now, value)),
            None => known.remove(&key),
        };
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<K, (Timestamp, V)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
pub struct SettingsCache(Known<(WorkspaceId, WebhookId), Arc<Gathering>>);

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
        if let Some(settings) = self.0.get(&key, now, limits::SETTINGS_AGE) {
            return Ok(Some(settings));
        }
        let read = ports.read_settings(workspace, webhook).await?.map(Arc::new);
        self.0.set(key, now, read.clone());
        Ok(read)
    }
}

/// What workspaces have set of their upstreams, as a warm function knows it.
#[derive(Default)]
pub struct UpstreamCache(Known<WorkspaceId, Arc<Upstream>>);

impl UpstreamCache {
    /// The settings, read if they are not known or too old.
    pub async fn read<P: ReadUpstream>(
        &self,
        ports: &P,
        now: Timestamp,
        workspace: &WorkspaceId,
    ) -> Answer<Arc<Upstream>> {
        if let Some(upstream) = self.0.get(workspace, now, limits::SETTINGS_AGE) {
            return Ok(upstream);
        }
        let read = Arc::new(ports.read_upstream(workspace).await?);
        self.0.set(workspace.clone(), now, Some(read.clone()));
        Ok(read)
    }
}

/// The root secret as a warm function knows it.
#[derive(Default)]
pub struct RootSecretCache(Known<(), RootSecret>);

impl RootSecretCache {
    /// The secret, read if it is not known or too old.
    pub async fn read<S: ReadRootSecret>(&self, port: &S, now: Timestamp) -> Answer<RootSecret> {
        if let Some(secret) = self.0.get(&(), now, limits::ROOT_SECRET_AGE) {
            return Ok(secret);
        }
        let secret = port.read_root_secret().await?;
        self.0.set((), now, Some(secret.clone()));
        Ok(secret)
    }
}

/// What upstreams are known by, as a warm function knows it.
#[derive(Default)]
pub struct CredentialsCache(Known<(), Arc<Credentials>>);

impl CredentialsCache {
    /// The credentials, read if they are not known or too old.
    pub async fn read<S: ReadCredentials>(&self, port: &S, now: Timestamp) -> Answer<Arc<Credentials>> {
        if let Some(credentials) = self.0.get(&(), now, limits::ROOT_SECRET_AGE) {
            return Ok(credentials);
        }
        let read = Arc::new(port.read_credentials().await?);
        self.0.set((), now, Some(read.clone()));
        Ok(read)
    }
}
