//! The page of WhatsApp accounts, and what its forms do: each makes the document that the API takes, of what is saved and
//! what was typed, and the same rules judge it. Who was slower than somebody else sees what the other has saved.

use super::{field, html, lead_to, seen, sentence, typed::Typed, webhook::Told};
use crate::{
    Ports,
    door::Visit,
    reply::{Outcome, Refused, refuse},
    upstream::{self, Saved},
};
use bundler::{
    event::ChatKind,
    native::FieldError,
    problem::Problem,
    upstream::{Filling, Upstream, UpstreamAccount},
};
use page::{AccountForm, AccountsPage, Field, LinksForm, Said, paths};
use serde_json::{Value, json};

/// The message that an example of a link is of.
const SAMPLE: Filling<'_> =
    Filling { chat_id: "10010001", phone: "+972540000000", message_id: "ddfskhsd76dsfs6dsd5skjsdhf" };

/// `GET …/accounts`, and with `?account=…` with the form of that one.
pub(super) async fn show<P: Ports>(visit: Visit<P>) -> Outcome {
    let stored = upstream::read(&visit).await?;
    let Some(id) = field(visit.caller.query.as_bytes(), "account") else {
        return page(&visit, &stored, Forms::saved(&stored), Told::NOTHING).await;
    };
    match stored.accounts.iter().find(|account| account.id == id) {
        Some(account) => {
            let forms = Forms { account: AccountForm::of(account), ..Forms::saved(&stored) };
            page(&visit, &stored, forms, Told::NOTHING).await
        }
        None => {
            let told = Told { status: 404, ..Said::NotDone("There is no such account any more.".to_owned()).into() };
            page(&visit, &stored, Forms::saved(&stored), told).await
        }
    }
}

/// `GET` of what a form does: back to the page that it stands on.
pub(super) async fn back<P: Ports>(visit: Visit<P>) -> Outcome {
    Ok(lead_to(paths::accounts(visit.workspace.as_str())))
}

/// `POST …/save`: an account is added, or changed.
pub(super) async fn save<P: Ports>(visit: Visit<P>) -> Outcome {
    let typed = Typed::of(&visit.body);
    let stored = upstream::read(&visit).await?;
    let mut account = account(&typed);
    let place = stored.accounts.iter().position(|it| it.id == account.account);
    if is_outdated(&typed, &stored) {
        let differences = place.map(|place| account.differences(&AccountForm::of(&stored.accounts[place])));
        if place.is_none() {
            // It is gone, or was never there: saved again, it is a new one.
            account.account.clear();
        }
        let forms = Forms { account, ..Forms::saved(&stored) };
        return conflict(&visit, &stored, forms, Said::Conflict(differences.unwrap_or_default())).await;
    }
    let row = json!({
        "id": account.id, "phone": account.phone, "full_name": account.full_name, "email": account.email
    });
    let mut wanted = document(&stored);
    match (wanted["accounts"].as_array_mut(), place, account.account.as_str()) {
        (Some(rows), Some(place), _) => rows[place] = row,
        (Some(rows), None, "") => rows.push(row),
        (_, _, _) => return Err(no_such_form()),
    }
    match change(&visit, &stored, &wanted).await? {
        Became::Saved(saved) => page(&visit, &saved, Forms::saved(&saved), Said::Saved { begins: None }.into()).await,
        Became::AsItWas => page(&visit, &stored, Forms::saved(&stored), Said::NothingChanged.into()).await,
        Became::Outdated(now) => {
            let forms = Forms { account, ..Forms::saved(&now) };
            conflict(&visit, &now, forms, Said::Conflict(Vec::new())).await
        }
        Became::Wrong(errors) => {
            let told = told_of(&errors, &mut account.errors)?;
            page(&visit, &stored, Forms { account, ..Forms::saved(&stored) }, told).await
        }
    }
}

/// `POST …/remove`.
pub(super) async fn remove<P: Ports>(visit: Visit<P>) -> Outcome {
    let typed = Typed::of(&visit.body);
    let stored = upstream::read(&visit).await?;
    let faster = || Said::NotDone("Somebody else has saved meanwhile. Look at the list, and try again.".to_owned());
    if is_outdated(&typed, &stored) {
        return conflict(&visit, &stored, Forms::saved(&stored), faster()).await;
    }
    let kept: Vec<UpstreamAccount> =
        stored.accounts.iter().filter(|account| account.id != typed.text("account")).cloned().collect();
    if kept.len() == stored.accounts.len() {
        return Err(no_such_form());
    }
    match upstream::save(&visit, &stored, Upstream { accounts: kept, ..stored.clone() }).await? {
        Saved::Now(saved) => page(&visit, &saved, Forms::saved(&saved), Said::AccountRemoved.into()).await,
        Saved::AsItWas | Saved::Outdated => {
            let now = upstream::read(&visit).await?;
            conflict(&visit, &now, Forms::saved(&now), faster()).await
        }
    }
}

/// `POST …/links`.
pub(super) async fn links<P: Ports>(visit: Visit<P>) -> Outcome {
    let typed = Typed::of(&visit.body);
    let stored = upstream::read(&visit).await?;
    let own = |name| typed.text(name).to_owned();
    let mut links = LinksForm { chat_url: own("chat_url"), permalink: own("permalink"), ..LinksForm::default() };
    if is_outdated(&typed, &stored) {
        let said = Said::Conflict(links.differences(&Forms::saved(&stored).links));
        return conflict(&visit, &stored, Forms { links, ..Forms::saved(&stored) }, said).await;
    }
    let template = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    let mut wanted = document(&stored);
    wanted["chat_url"] = template(&links.chat_url);
    wanted["permalink"] = template(&links.permalink);
    match change(&visit, &stored, &wanted).await? {
        Became::Saved(saved) => page(&visit, &saved, Forms::saved(&saved), Said::Saved { begins: None }.into()).await,
        Became::AsItWas => page(&visit, &stored, Forms::saved(&stored), Said::NothingChanged.into()).await,
        Became::Outdated(now) => {
            let said = Said::Conflict(links.differences(&Forms::saved(&now).links));
            conflict(&visit, &now, Forms { links, ..Forms::saved(&now) }, said).await
        }
        Became::Wrong(errors) => {
            let told = told_of(&errors, &mut links.errors)?;
            page(&visit, &stored, Forms { links, ..Forms::saved(&stored) }, told).await
        }
    }
}

/// What the page's forms hold.
struct Forms {
    account: AccountForm,
    links: LinksForm,
}

impl Forms {
    /// What is saved, and nothing typed for another account.
    fn saved(stored: &Upstream) -> Self {
        let text = |template: Option<&bundler::upstream::UrlTemplate>| {
            template.map_or_else(String::new, |template| template.as_str().to_owned())
        };
        let links = LinksForm {
            chat_url: text(stored.chat_url.as_ref()),
            permalink: text(stored.permalink.as_ref()),
            chat_example: Some(stored.chat_url(SAMPLE.chat_id, ChatKind::Direct, SAMPLE.phone).as_str().to_owned()),
            message_example: stored.permalink(&SAMPLE).map(|link| link.as_str().to_owned()),
            errors: Vec::new(),
        };
        Self { account: AccountForm::default(), links }
    }
}

/// What has become of a document that was made of what somebody has typed.
enum Became {
    Saved(Upstream),
    AsItWas,
    /// Somebody was faster, with this.
    Outdated(Upstream),
    Wrong(Vec<FieldError>),
}

async fn change<P: Ports>(visit: &Visit<P>, stored: &Upstream, wanted: &Value) -> Result<Became, Refused> {
    let wanted = match Upstream::parse(wanted) {
        Ok(wanted) => wanted,
        Err(errors) => return Ok(Became::Wrong(errors)),
    };
    Ok(match upstream::save(visit, stored, wanted).await? {
        Saved::Now(saved) => Became::Saved(saved),
        Saved::AsItWas => Became::AsItWas,
        Saved::Outdated => Became::Outdated(upstream::read(visit).await?),
    })
}

fn account(typed: &Typed) -> AccountForm {
    let own = |name| typed.text(name).to_owned();
    AccountForm {
        account: own("account"),
        id: own("id"),
        phone: own("phone"),
        full_name: own("full_name"),
        email: own("email"),
        errors: Vec::new(),
    }
}

/// As the API shows it.
fn document(stored: &Upstream) -> Value {
    json!({ "accounts": stored.accounts, "chat_url": stored.chat_url, "permalink": stored.permalink })
}

fn is_outdated(typed: &Typed, stored: &Upstream) -> bool {
    typed.text("revision") != stored.revision.to_string()
}

/// Puts what is wrong beside its fields. What has no field here is told above them.
fn told_of(errors: &[FieldError], beside: &mut Vec<(Field, String)>) -> Result<Told, Refused> {
    let named = |error: &FieldError| {
        // Two accounts are never wrong at once: what is saved is right, and one was typed.
        let name = error.pointer.rsplit('/').next().filter(|name| *name != "accounts")?;
        Field::ALL.into_iter().find(|field| field.name() == name)
    };
    beside.extend(errors.iter().filter_map(|error| Some((named(error)?, sentence(&error.detail)))));
    if beside.is_empty() {
        let detail = errors.first().map_or_else(String::new, |error| format!("the accounts {}", error.detail));
        return Ok(Told { status: 422, ..Told::not_done(Refused::Problem(Problem::new(422, detail)))? });
    }
    Ok(Told { status: 422, ..Said::Refused.into() })
}

async fn conflict<P: Ports>(visit: &Visit<P>, now: &Upstream, forms: Forms, said: Said) -> Outcome {
    page(visit, now, forms, Told { status: 409, ..said.into() }).await
}

/// The page, with what is to be told.
async fn page<P: Ports>(visit: &Visit<P>, stored: &Upstream, forms: Forms, told: Told) -> Outcome {
    let page = AccountsPage {
        frame: seen::webhooks(visit).await?.frame(visit),
        said: told.said,
        revision: stored.revision,
        accounts: stored.accounts.clone(),
        form: forms.account,
        links: forms.links,
        ingest: visit.caller.portal.ingest_origin.clone(),
    };
    Ok(html(told.status, &page))
}

fn no_such_form() -> Refused {
    refuse(422, "a field of the form is missing or is none of what it offers")
}
