//! What a workspace has set of its upstreams, as one document: whose WhatsApp numbers there are, and where links lead. What
//! is right is the core's to say.

use crate::{
    Ports,
    door::Visit,
    fields::pointer,
    reply::{Outcome, Refused, refuse},
};
use bundler::{
    api::Reply,
    native::FieldError,
    ports::{PutUpstream, ReadUpstream},
    problem::Problem,
    upstream::Upstream,
};
use serde_json::{Map, Value};

/// `GET …/upstream`.
pub(crate) async fn show<P: Ports>(visit: Visit<P>) -> Outcome {
    Ok(reply(&read(&visit).await?))
}

/// `PUT …/upstream`: all of it, or nothing; and nothing, if somebody was faster.
pub(crate) async fn put<P: Ports>(visit: Visit<P>) -> Outcome {
    let seen = read(&visit).await?;
    let expected = visit.caller.headers.get("if-match").map(|value| value.to_str().unwrap_or_default());
    let expected = expected.ok_or_else(|| refuse(428, "send If-Match with the ETag of what you have seen"))?;
    if expected != "*" && expected != etag(&seen) {
        return Ok(outdated(&seen));
    }
    let document = visit.object()?;
    let (wanted, mut errors) = match Upstream::parse(&document) {
        Ok(wanted) => (Some(wanted), Vec::new()),
        Err(errors) => (None, errors),
    };
    errors.extend(unknown(&document));
    let wanted = wanted.filter(|_| errors.is_empty()).ok_or_else(|| Problem::fields(errors))?;
    match save(&visit, &seen, wanted).await? {
        Saved::Now(saved) => Ok(reply(&saved)),
        Saved::AsItWas => Ok(reply(&seen)),
        Saved::Outdated => Ok(outdated(&read(&visit).await?)),
    }
}

pub(crate) async fn read<P: Ports>(visit: &Visit<P>) -> Result<Upstream, Refused> {
    Ok(visit.ports().table().read_upstream(&visit.workspace).await?)
}

/// What has become of what somebody wanted.
pub(crate) enum Saved {
    /// It is so now.
    Now(Upstream),
    /// It was so before, and nothing is written.
    AsItWas,
    /// Somebody was faster.
    Outdated,
}

/// Saves what is wanted in place of what was seen.
pub(crate) async fn save<P: Ports>(visit: &Visit<P>, seen: &Upstream, wanted: Upstream) -> Result<Saved, Refused> {
    let wanted = Upstream { revision: seen.revision, ..wanted };
    if wanted == *seen {
        return Ok(Saved::AsItWas);
    }
    let wanted = wanted.risen();
    let is_written = visit.ports().table().put_upstream(&visit.workspace, &wanted).await?;
    Ok(if is_written { Saved::Now(wanted) } else { Saved::Outdated })
}

fn reply(upstream: &Upstream) -> Reply {
    Reply::json(200, upstream).with("etag", etag(upstream))
}

/// What a person has to name who changes it.
fn etag(upstream: &Upstream) -> String {
    format!("\"{}\"", upstream.revision)
}

/// Says by its tag what is there now.
fn outdated(now: &Upstream) -> Reply {
    let problem = Problem::new(412, "the settings have changed meanwhile: look at them again");
    Reply::problem(&problem).with("etag", etag(now))
}

/// A document is put whole: a field that is misspelt would take away what it was to set.
fn unknown(document: &Value) -> Vec<FieldError> {
    let accounts = document["accounts"].as_array().into_iter().flatten().enumerate();
    let accounts = accounts.flat_map(|(index, account)| {
        strangers(account, &["id", "phone", "full_name", "email"], &format!("/accounts/{index}"))
    });
    strangers(document, &["accounts", "chat_url", "permalink"], "").into_iter().chain(accounts).collect()
}

fn strangers(object: &Value, known: &[&str], within: &str) -> Vec<FieldError> {
    let names = object.as_object().into_iter().flat_map(Map::keys).filter(|name| !known.contains(&name.as_str()));
    let error = |name: &String| FieldError {
        pointer: format!("{within}/{}", pointer(name)),
        detail: "is not known, or not to be set".to_owned(),
    };
    names.map(error).collect()
}
