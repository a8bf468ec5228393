//! A world with upstreams: calls are signed as they sign them, and answered as the ingest function answers them.

use crate::world::{World, run};
use base64::{Engine, engine::general_purpose::STANDARD};
use bundler::{
    api::{Call, Reply, upstreams::UpstreamApi},
    cache::{CredentialsCache, UpstreamCache},
    id::{WorkspaceId, push_hex},
    ports::{Answer, Clock, PutUpstream, ReadCredentials},
    upstream::{Credentials, Upstream},
    window::Granularity,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;
use std::{collections::BTreeMap, sync::Mutex};

/// When the samples' messages were sent, and a little later.
pub(super) const SENT: &str = "2026-03-02T08:50:00Z";
const CALLED: &str = "2026-03-02T08:50:03Z";

pub(super) const APP_SECRET: &str = "app-secret-of-the-sample";
pub(super) const VERIFY_TOKEN: &str = "verify-token-of-the-sample";
pub(super) const TWILIO_TOKEN: &str = "auth-token-of-the-sample";
pub(super) const TWILIO_URL: &str = "https://ingest.example.org/v1/twilio/acme";

pub(super) struct Door {
    pub(super) world: World,
    pub(super) credentials: Mutex<Value>,
    origin: &'static str,
    known: CredentialsCache,
    upstreams: UpstreamCache,
}

impl ReadCredentials for Door {
    async fn read_credentials(&self) -> Answer<Credentials> {
        let text = self.credentials.lock().expect("credentials").to_string();
        let read = async { Ok(Credentials::parse(&text).expect("credentials")) };
        self.world.tape.pass("read_credentials", read).await
    }
}

impl Door {
    pub(super) fn new(granularity: Granularity) -> Self {
        let world = World::starting(CALLED, granularity);
        let credentials = json!({
            "whatsapp_app_secrets": [APP_SECRET],
            "whatsapp_verify_token": VERIFY_TOKEN,
            "twilio_auth_tokens": [TWILIO_TOKEN],
        });
        let (known, upstreams) = (CredentialsCache::default(), UpstreamCache::default());
        Self { world, credentials: Mutex::new(credentials), origin: "", known, upstreams }
    }

    /// A deployment that a domain of its operator's own leads to.
    pub(super) fn called_at(self, origin: &'static str) -> Self {
        Self { origin, ..self }
    }

    pub(super) fn set_upstream(&self, upstream: &Value) {
        let (acme, value) = (WorkspaceId::parse("acme").expect("an id"), Upstream::parse(upstream).expect("settings"));
        assert_eq!(run(self.world.table.inner.put_upstream(&acme, &value.risen())), Ok(true));
    }

    pub(super) fn call(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers: BTreeMap<String, String> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (domain, now) = ("ingest.example.org", self.world.clock.now());
        let call = Call { method, path, query, headers: &headers, domain, body, now };
        let Self { known, upstreams, origin, .. } = self;
        self.world.with_api(|api| run(UpstreamApi { api, credentials: self, known, upstreams, origin }.answer(call)))
    }

    /// A call of Meta's, as it signs it.
    pub(super) fn meta(&self, call: &Value) -> Reply {
        self.meta_bytes(call.to_string().as_bytes())
    }

    pub(super) fn meta_bytes(&self, body: &[u8]) -> Reply {
        let signature = meta_signature(APP_SECRET, body);
        self.call("POST", "/v1/whatsapp/acme", &[("x-hub-signature-256", &signature)], body)
    }

    /// A call of Twilio's, as it signs it.
    pub(super) fn twilio(&self, fields: &[(&str, &str)]) -> Reply {
        let signature = twilio_signature(TWILIO_TOKEN, TWILIO_URL, fields);
        self.call("POST", "/v1/twilio/acme", &[("x-twilio-signature", &signature)], form(fields).as_bytes())
    }

    /// The documents that the webhook is sent once everything that is gathered has fallen due.
    pub(super) fn sent(&self) -> Vec<Value> {
        self.world.set_time("2026-03-02T09:02:45Z");
        assert!(self.world.tick().expect("a tick").complete);
        self.world.drain();
        let parse = |body: Vec<u8>| serde_json::from_slice(&body).expect("JSON");
        self.world.receiver.requests().into_iter().map(|request| parse(request.body)).collect()
    }
}

pub(super) fn meta_signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(body);
    let mut signature = String::new();
    push_hex(&mut signature, "sha256=", &mac.finalize().into_bytes());
    signature
}

pub(super) fn twilio_signature(token: &str, url: &str, fields: &[(&str, &str)]) -> String {
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("a key");
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

pub(super) fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
