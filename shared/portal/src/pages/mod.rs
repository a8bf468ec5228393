//! The owner's pages: what is asked for by a browser is read, the same use cases do it as for the API, and `page` shows
//! it. Each form is answered by the page that it stands on.

mod accounts;
mod act;
mod add;
mod requests;
mod rows;
mod save;
mod seen;
mod state;
mod typed;
mod webhook;

use crate::{
    Portal, Ports, door,
    reply::{Refused, response},
    routes::{Manner, Route},
};
use axum::{
    response::Response,
    routing::{MethodRouter, get},
};
use bundler::{
    api::Reply,
    portal::{Access, Denied},
};
use page::{ICON, Page, SCRIPT, STYLE, Small, SmallPage, paths};
use std::{borrow::Cow, sync::Arc};
use url::form_urlencoded;

const WORKSPACE: &str = "/workspaces/{workspace}";
const WEBHOOKS: &str = "/workspaces/{workspace}/webhooks";
const WEBHOOK: &str = "/workspaces/{workspace}/webhooks/{webhook}";
const SAVE: &str = "/workspaces/{workspace}/webhooks/{webhook}/save";
const ENABLE: &str = "/workspaces/{workspace}/webhooks/{webhook}/enable";
const SWITCH: &str = "/workspaces/{workspace}/webhooks/{webhook}/switch";
const SECRET: &str = "/workspaces/{workspace}/webhooks/{webhook}/secret";
const TEST: &str = "/workspaces/{workspace}/webhooks/{webhook}/test";
const RESEND: &str = "/workspaces/{workspace}/webhooks/{webhook}/resend";
const REPLAY: &str = "/workspaces/{workspace}/webhooks/{webhook}/replay";
const FLUSH: &str = "/workspaces/{workspace}/webhooks/{webhook}/flush";
const ACCOUNTS: &str = "/workspaces/{workspace}/accounts";
const ACCOUNT_SAVE: &str = "/workspaces/{workspace}/accounts/save";
const ACCOUNT_REMOVE: &str = "/workspaces/{workspace}/accounts/remove";
const ACCOUNT_LINKS: &str = "/workspaces/{workspace}/accounts/links";
const ACCOUNT_ACTIONS: [&str; 3] = [ACCOUNT_SAVE, ACCOUNT_REMOVE, ACCOUNT_LINKS];
const ACTIONS: [&str; 8] = [SAVE, ENABLE, SWITCH, SECRET, TEST, RESEND, REPLAY, FLUSH];

/// Every page, what its forms do, and what pages are made with.
pub(crate) fn routes<P: Ports>() -> Vec<Route<P>> {
    use Access::{Change, Read};
    let mut routes = vec![
        asset(paths::STYLE, "text/css; charset=utf-8", STYLE),
        asset(paths::SCRIPT, "text/javascript; charset=utf-8", SCRIPT),
        asset(paths::ICON, "image/svg+xml", ICON),
        door::page("GET", WORKSPACE, Read, webhook::first),
        door::page("GET", WEBHOOKS, Read, add::show),
        door::page("POST", WEBHOOKS, Change, add::add),
        door::page("GET", WEBHOOK, Read, webhook::show),
        door::page("GET", "/workspaces/{workspace}/webhooks/{webhook}/requests", Read, requests::all),
        door::page("GET", "/workspaces/{workspace}/webhooks/{webhook}/requests/{request}", Read, requests::one),
        door::page("GET", "/workspaces/{workspace}/webhooks/{webhook}/preview", Read, requests::preview),
        door::page("POST", SAVE, Change, save::save),
        door::page("POST", ENABLE, Change, act::enable),
        door::page("POST", SWITCH, Change, act::switch),
        door::page("POST", SECRET, Change, act::secret),
        door::page("POST", TEST, Change, act::test),
        door::page("POST", RESEND, Change, act::resend),
        door::page("POST", REPLAY, Change, act::replay),
        door::page("POST", FLUSH, Change, act::flush),
        door::page("GET", ACCOUNTS, Read, accounts::show),
        door::page("POST", ACCOUNT_SAVE, Change, accounts::save),
        door::page("POST", ACCOUNT_REMOVE, Change, accounts::remove),
        door::page("POST", ACCOUNT_LINKS, Change, accounts::links),
    ];
    // Who reloads what a form has said, or keeps its address, comes back to the page.
    routes.extend(ACTIONS.map(|path| door::page("GET", path, Read, webhook::back)));
    routes.extend(ACCOUNT_ACTIONS.map(|path| door::page("GET", path, Read, accounts::back)));
    routes
}

fn asset<P: Ports>(path: &'static str, kind: &'static str, text: &'static str) -> Route<P> {
    // Not for long: another version of them may be deployed at any time.
    let serve = async move || -> Response {
        let reply = Reply { status: 200, headers: vec![("content-type", kind.to_owned())], body: text.into() };
        response(reply.with("cache-control", "public, max-age=300"))
    };
    let handler: MethodRouter<Arc<Portal<P>>> = get(serve);
    Route::new("GET", path, (None, Manner::Page), handler)
}

/// A field of a form.
pub(crate) fn field<'a>(body: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    form_urlencoded::parse(body).find(|(key, _)| key == name).map(|(_, value)| value)
}

pub(crate) fn html(status: u16, page: &impl Page) -> Reply {
    let headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
    Reply { status, headers, body: page.html().into_bytes() }
}

pub(crate) fn small(status: u16, what: Small, platform: &str) -> Reply {
    html(status, &SmallPage { platform: platform.to_owned(), what })
}

pub(crate) fn lead_to(path: String) -> Reply {
    Reply { status: 303, headers: Vec::new(), body: Vec::new() }.with("location", path)
}

/// A refusal as a page of one sentence. What is wrong with a form is no refusal: the form's own page says it.
pub(crate) fn refused(refused: Refused, platform: &str) -> Reply {
    let of_denied = |denied: Denied| match denied {
        Denied::NoCredentials | Denied::WrongKey | Denied::WrongSession | Denied::SeveralSessions => Small::NoSession,
        Denied::SessionEnded => Small::SessionEnded,
        Denied::OtherWorkspace | Denied::ReadOnly | Denied::AdministratorsOnly => Small::Forbidden,
        Denied::Forged => Small::Forged,
    };
    match refused {
        Refused::Denied(denied) => small(denied.problem().status, of_denied(denied), platform),
        Refused::Problem(problem) => {
            let what = if problem.status == 404 { Small::NotFound } else { Small::Forged };
            small(problem.status, what, platform)
        }
        Refused::TooMany(too_many, now) => {
            let said = too_many.reply(now);
            let page = small(said.status, Small::TooManyTries, platform);
            let waits = said.headers.into_iter().filter(|(name, _)| *name == "retry-after");
            waits.fold(page, |page, (name, value)| page.with(name, value))
        }
        Refused::Trouble(_) => small(503, Small::Trouble { reference: None }, platform),
    }
}

/// What is wrong, as a sentence.
fn sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    let first = letters.next().map(char::to_uppercase);
    let end = if detail.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{end}", first.into_iter().flatten().collect::<String>(), letters.as_str())
}

/// What the API would say of a refusal, if that is something that its page can say.
fn not_done(refused: Refused) -> Result<String, Refused> {
    match refused {
        Refused::Problem(problem) => Ok(sentence(&problem.detail)),
        other @ (Refused::Denied(_) | Refused::TooMany(..) | Refused::Trouble(_)) => Err(other),
    }
}
