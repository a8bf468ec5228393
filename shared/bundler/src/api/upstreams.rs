//! `/v1/whatsapp/{workspace}` and `/v1/twilio/{workspace}`: calls of upstreams that are not the platform's own. Every other
//! path is [`IngestApi`]'s.
//!
//! Who calls is checked first, over the bytes that came. Then each message is taken or refused by itself. An upstream sends
//! a whole call again for days if it is not answered with success; so it is told of trouble only where something is to be
//! sent again, and what will never be taken is counted in a line.

use super::{
    Call, Reply,
    ingest::{IngestApi, nothing_stored},
    results::{End, Status, Taken},
};
use crate::{
    cache::{CredentialsCache, UpstreamCache},
    event::Incoming,
    id::{MessageId, WorkspaceId},
    ingest::{IngestFiles, Outcome, Refusal},
    limits,
    log::{Level, Line, Log},
    ports::{Enqueue, GatherTable, ReadCredentials, ReadRootSecret, UpstreamTable},
    problem::Problem,
    timestamp::Timestamp,
    upstream::{Credentials, Reader, Refused, twilio, whatsapp},
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// What answering upstreams needs, beside what every call does.
pub struct UpstreamApi<'a, T, Q, F, S, L, C> {
    pub api: &'a IngestApi<'a, T, Q, F, S, L>,
    pub credentials: &'a C,
    pub known: &'a CredentialsCache,
    pub upstreams: &'a UpstreamCache,
    /// Where calls are sent to, as `https://hooks.example.org`, if it is not where Lambda says; else empty.
    pub origin: &'a str,
}

/// An upstream's path: how its callers say who they are, and which methods it knows.
#[derive(Clone, Copy)]
struct Door {
    scheme: &'static str,
    methods: &'static str,
}

const WHATSAPP: Door = Door { scheme: "X-Hub-Signature-256", methods: "GET, POST" };
const TWILIO: Door = Door { scheme: "X-Twilio-Signature", methods: "POST" };

/// What is read of a call: each message in its place, or why there is none.
type Read = Vec<Result<Incoming, Refused>>;

impl<T, Q, F, S, L, C> UpstreamApi<'_, T, Q, F, S, L, C>
where
    T: GatherTable + UpstreamTable,
    Q: Enqueue,
    F: IngestFiles,
    S: ReadRootSecret,
    L: Log,
    C: ReadCredentials,
{
    pub async fn answer(&self, call: Call<'_>) -> Reply {
        let parts: Vec<&str> = call.path.split('/').collect();
        let (door, answer) = match parts[..] {
            ["", "v1", "whatsapp", workspace] => (WHATSAPP, self.whatsapp(call, workspace).await),
            ["", "v1", "twilio", workspace] => (TWILIO, self.twilio(call, workspace).await),
            _ => return self.api.answer(call).await,
        };
        answer.unwrap_or_else(|refused| self.api.refuse(call, &refused, door.scheme, door.methods))
    }

    async fn whatsapp(&self, call: Call<'_>, workspace: &str) -> Result<Reply, Problem> {
        let credentials = self.credentials(call.now).await?;
        match call.method {
            "GET" => {
                let challenge = whatsapp::challenge(&credentials, call.query);
                let challenge = challenge.ok_or_else(|| Problem::new(403, "the verify token is not the right one"))?;
                return Ok(Reply::text(200, "text/plain", challenge));
            }
            "POST" => {}
            _ => return Err(Problem::new(405, "messages are sent with POST")),
        }
        fits(call.body)?;
        if !whatsapp::is_signed(&credentials, call.header("x-hub-signature-256"), call.body) {
            return Err(unsigned());
        }
        let updates = whatsapp::updates(call.body)?;
        // Most calls tell how the business's own messages fare: they cost no request.
        if !updates.is_empty() {
            let workspace = self.workspace(call.now, workspace).await?;
            let own = self.reader(call.now, &workspace).await?;
            let read = updates.iter().map(|update| whatsapp::read(&own.reader(&workspace), update)).collect();
            self.take(call.now, &workspace, read).await?;
        }
        Ok(Reply::text(200, "text/plain", ""))
    }

    async fn twilio(&self, call: Call<'_>, workspace: &str) -> Result<Reply, Problem> {
        if call.method != "POST" {
            return Err(Problem::new(405, "messages are sent with POST"));
        }
        let credentials = self.credentials(call.now).await?;
        fits(call.body)?;
        let signature = call.header("x-twilio-signature");
        let form = std::str::from_utf8(call.body).map_err(|_| unsigned())?;
        if !twilio::is_signed(&credentials, signature, &self.url(call), form) {
            return Err(unsigned());
        }
        let form = twilio::Form::read(form);
        if let Some(id) = form.message_id() {
            let workspace = self.workspace(call.now, workspace).await?;
            let read = match MessageId::parse(id) {
                Ok(id) => {
                    let came = self.api.ingest.table.first_seen(&workspace, &id, call.now).await;
                    let came = came.map_err(|error| nothing_stored(&error))?;
                    twilio::read(&self.reader(call.now, &workspace).await?.reader(&workspace), &form, came)
                }
                Err(_) => vec![Err(Refused::NoId)],
            };
            self.take(call.now, &workspace, read).await?;
        }
        Ok(Reply::text(200, "text/xml", "<Response/>"))
    }

    /// The URL that was called, as its caller was told it.
    fn url(&self, call: Call<'_>) -> String {
        let origin = if self.origin.is_empty() { format!("https://{}", call.domain) } else { self.origin.to_owned() };
        let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
        format!("{origin}{}{query}", call.path)
    }

    async fn credentials(&self, now: Timestamp) -> Result<Arc<Credentials>, Problem> {
        self.known.read(self.credentials, now).await.map_err(|error| nothing_stored(&error))
    }

    async fn workspace(&self, now: Timestamp, named: &str) -> Result<WorkspaceId, Problem> {
        let workspace = WorkspaceId::parse(named);
        let workspace = workspace.map_err(|detail| Problem::new(404, format!("unknown workspace: its id {detail}")))?;
        self.api.find(now, &workspace).await?;
        Ok(workspace)
    }

    async fn reader(&self, now: Timestamp, workspace: &WorkspaceId) -> Result<Own, Problem> {
        let upstream = self.upstreams.read(self.api.ingest.table, now, workspace).await;
        let secret = self.api.keys.read(self.api.secret, now).await;
        let (upstream, secret) = (upstream.map_err(|e| nothing_stored(&e))?, secret.map_err(|e| nothing_stored(&e))?);
        Ok(Own { upstream, secret })
    }

    /// Takes in what was read. The error says that something has to be sent again.
    async fn take(&self, now: Timestamp, workspace: &WorkspaceId, read: Read) -> Result<(), Problem> {
        let mut refused: BTreeMap<String, u64> = BTreeMap::new();
        let mut incoming = Vec::with_capacity(read.len());
        for (index, read) in read.into_iter().enumerate() {
            match read {
                Ok(message) => incoming.push((index, message)),
                Err(why) => *refused.entry(why.name().to_owned()).or_default() += 1,
            }
        }
        let taken = self.api.take_read(now, incoming).await;
        for (_, taken) in &taken {
            if let Some(why) = reason(taken) {
                *refused.entry(why).or_default() += 1;
            }
        }
        if !refused.is_empty() {
            let reasons = refused.into_iter().map(|(why, number)| (why, Value::from(number))).collect();
            let line = Line::new(Level::Warn, "updates refused");
            let line = line.text("workspace.id", workspace.as_str()).value("reasons", Value::Object(reasons));
            self.api.log.log(line);
        }
        let failed = taken.iter().any(|(_, taken)| taken.status() == Status::Failed);
        let again = "not every message could be stored: send them again, the stored ones will be recognised";
        if failed { Err(Problem::new(503, again)) } else { Ok(()) }
    }
}

/// What a reader of one workspace's messages is made of.
struct Own {
    upstream: Arc<crate::upstream::Upstream>,
    secret: crate::signature::RootSecret,
}

impl Own {
    fn reader<'a>(&'a self, workspace: &'a WorkspaceId) -> Reader<'a> {
        Reader { workspace, upstream: &self.upstream, secret: &self.secret }
    }
}

/// Why a message that was read will never be taken; never any of its content.
fn reason(taken: &Taken) -> Option<String> {
    match &taken.end {
        End::Outcome(Outcome::Refused(Refusal::Field(error))) => Some(error.pointer.trim_start_matches('/').to_owned()),
        End::Outcome(Outcome::Refused(Refusal::UnknownWorkspace)) => Some("unknown_workspace".to_owned()),
        End::Invalid(_)
        | End::Outcome(
            Outcome::Accepted(_)
            | Outcome::Duplicate
            | Outcome::DuplicateDiffers
            | Outcome::SwitchedOff
            | Outcome::NotWanted
            | Outcome::Failed(_),
        ) => None,
    }
}

fn fits(body: &[u8]) -> Result<(), Problem> {
    let most = limits::REQUEST_BODY_BYTES;
    if body.len() > most { Err(Problem::new(413, format!("a body has at most {most} bytes"))) } else { Ok(()) }
}

fn unsigned() -> Problem {
    Problem::new(401, "the signature is not that of this call with a secret that is known here")
}
