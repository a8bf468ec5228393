//! `POST /v1/workspaces/{workspace}/messages`: one native event, or an array of up to 100.
//!
//! Who calls is checked first. Then each event is taken or refused by itself; the reply says what happened to each, in
//! the order in which they were sent. An answer of 5xx means that something is to be sent again, and that sending all of
//! it again does no harm.

use super::{
    Call, Reply, bearer, body,
    results::{self, unknown_workspace},
    take::Whose,
};
use crate::{
    cache::RootSecretCache,
    id::{WebhookId, WorkspaceId},
    ingest::{Ingest, IngestFiles},
    log::{Level, Line, Log},
    ports::{Enqueue, GatherTable, PortError, ReadRootSecret},
    problem::Problem,
    timestamp::Timestamp,
};

/// What answering needs: the use case, the secret, and where lines go.
pub struct IngestApi<'a, T, Q, F, S, L> {
    pub ingest: Ingest<'a, T, Q, F>,
    pub secret: &'a S,
    pub keys: &'a RootSecretCache,
    pub log: &'a L,
}

impl<T: GatherTable, Q: Enqueue, F: IngestFiles, S: ReadRootSecret, L: Log> IngestApi<'_, T, Q, F, S, L> {
    pub async fn answer(&self, call: Call<'_>) -> Reply {
        self.try_answer(call).await.unwrap_or_else(|refused| self.refuse(call, &refused, "Bearer", "POST"))
    }

    /// What a call gets that is refused, and the line of it. `scheme` is how callers say who they are, `methods` are those
    /// that its path knows.
    pub(super) fn refuse(&self, call: Call<'_>, refused: &Problem, scheme: &str, methods: &str) -> Reply {
        let line = Line::new(if refused.status < 500 { Level::Warn } else { Level::Error }, "call refused")
            .number("http.status", refused.status)
            .number("request.bytes", call.body.len() as u64);
        self.log.log(line);
        let reply = Reply::problem(refused);
        match refused.status {
            401 => reply.with("www-authenticate", scheme),
            405 => reply.with("allow", methods),
            503 => reply.with("retry-after", "1"),
            _ => reply,
        }
    }

    async fn try_answer(&self, call: Call<'_>) -> Result<Reply, Problem> {
        let named = WorkspaceId::parse(route(call)?);
        self.authenticate(call, named.as_ref().ok()).await?;
        let workspace = named.map_err(|detail| Problem::new(404, format!("unknown workspace: its id {detail}")))?;
        let (shape, events) = body::events(call.body)?;
        self.find(call.now, &workspace).await?;
        let taken = self.take(call.now, Whose::Of(&workspace), shape, events).await;
        results::reply(shape, taken)
    }

    /// That there is such a workspace: it has its first webhook.
    pub(super) async fn find(&self, now: Timestamp, workspace: &WorkspaceId) -> Result<(), Problem> {
        match self.ingest.cache.read(self.ingest.table, now, workspace, &WebhookId::first()).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(unknown_workspace()),
            Err(error) => Err(nothing_stored(&error)),
        }
    }

    /// The platform's key opens every workspace; a workspace's own opens the one that the path names, and no other.
    async fn authenticate(&self, call: Call<'_>, workspace: Option<&WorkspaceId>) -> Result<(), Problem> {
        let key = call
            .header("authorization")
            .and_then(bearer)
            .ok_or_else(|| Problem::new(401, "the Authorization header must be \"Bearer\" and the ingest key"))?;
        let secret = self.keys.read(self.secret, call.now).await;
        let secret = secret.map_err(|error| nothing_stored(&error))?;
        // Both are looked at each time, so that the time taken does not tell which kind a key is close to.
        let platforms = secret.is_ingest_key(key);
        let own = workspace.is_some_and(|workspace| secret.is_workspace_ingest_key(workspace, key));
        if platforms | own { Ok(()) } else { Err(Problem::new(401, "the ingest key is not the right one")) }
    }
}

pub(super) fn nothing_stored(error: &PortError) -> Problem {
    Problem::new(503, format!("nothing was stored: {error}"))
}

/// The workspace that the path names, not checked yet.
fn route(call: Call<'_>) -> Result<&str, Problem> {
    let parts: Vec<&str> = call.path.split('/').collect();
    match parts[..] {
        ["", "v1", "workspaces", workspace, "messages"] if call.method == "POST" => Ok(workspace),
        ["", "v1", "workspaces", _, "messages"] => Err(Problem::new(405, "messages are sent with POST")),
        _ => Err(Problem::new(404, "messages are sent to /v1/workspaces/{workspace}/messages")),
    }
}
