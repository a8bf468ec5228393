//! The page of a workspace's WhatsApp accounts: whose number each is, where links lead, and what is to be told to WhatsApp.
//! What is right is not decided here, and no template is filled.

use crate::{
    form::{Difference, Field},
    frame::Frame,
    paths, request,
    said::Said,
    words::Icon,
};
use askama::Template;
use bundler::{limits, upstream::UpstreamAccount};

/// Everything that the page shows.
#[derive(Debug, Clone, Template)]
#[template(path = "accounts.html", escape = "html")]
pub struct AccountsPage {
    /// It is about no webhook.
    pub frame: Frame,
    pub said: Option<Said>,
    /// Of what the page was made from: each form sends it back.
    pub revision: u64,
    pub accounts: Vec<UpstreamAccount>,
    pub form: AccountForm,
    pub links: LinksForm,
    /// What ingest's addresses begin with; nothing, where that is not known here.
    pub ingest: Option<String>,
}

/// An account, or what was typed for one.
#[derive(Debug, Clone, Default)]
pub struct AccountForm {
    /// The id of the one that is changed; empty for a new one.
    pub account: String,
    pub id: String,
    pub phone: String,
    pub full_name: String,
    pub email: String,
    pub errors: Vec<(Field, String)>,
}

/// The templates of links, or what was typed for them.
#[derive(Debug, Clone, Default)]
pub struct LinksForm {
    pub chat_url: String,
    pub permalink: String,
    /// Where they lead for the sample of a message; nothing, if to nowhere.
    pub chat_example: Option<String>,
    pub message_example: Option<String>,
    pub errors: Vec<(Field, String)>,
}

/// What a form of this page does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountAction {
    Save,
    Remove,
    Links,
}

impl AccountAction {
    pub const ALL: [Self; 3] = [Self::Save, Self::Remove, Self::Links];

    /// The last word of its address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Save => "save",
            Self::Remove => "remove",
            Self::Links => "links",
        }
    }

    /// The names of the fields that its form can send.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Save => &["csrf", "revision", "account", "id", "phone", "full_name", "email"],
            Self::Remove => &["csrf", "revision", "account"],
            Self::Links => &["csrf", "revision", "chat_url", "permalink"],
        }
    }
}

impl AccountForm {
    /// The form that changes this account.
    pub fn of(account: &UpstreamAccount) -> Self {
        let UpstreamAccount { id, phone, full_name, email } = account.clone();
        Self { account: id.clone(), id, phone, full_name, email, errors: Vec::new() }
    }

    /// Where it is other than the account that is `saved`.
    pub fn differences(&self, saved: &Self) -> Vec<Difference> {
        let facts = |form: &Self| {
            [
                (Field::AccountId, form.id.clone()),
                (Field::Phone, form.phone.clone()),
                (Field::FullName, form.full_name.clone()),
                (Field::Email, form.email.clone()),
            ]
        };
        differences(facts(self), facts(saved))
    }

    fn is_new(&self) -> bool {
        self.account.is_empty()
    }
}

impl LinksForm {
    /// Where it is other than what is `saved`.
    pub fn differences(&self, saved: &Self) -> Vec<Difference> {
        let facts = |form: &Self| [(Field::ChatUrl, form.chat_url.clone()), (Field::Permalink, form.permalink.clone())];
        differences(facts(self), facts(saved))
    }
}

fn differences<const N: usize>(yours: [(Field, String); N], theirs: [(Field, String); N]) -> Vec<Difference> {
    let both = yours.into_iter().zip(theirs).filter(|((_, yours), (_, theirs))| yours != theirs);
    both.map(|((field, yours), (_, theirs))| Difference { field, yours, theirs }).collect()
}

impl AccountsPage {
    fn error(&self, field: Field) -> Option<&str> {
        let mut all = self.form.errors.iter().chain(&self.links.errors);
        all.find(|(wrong, _)| *wrong == field).map(|(_, error)| error.as_str())
    }

    /// Whether there can be another one.
    fn has_room(&self) -> bool {
        self.accounts.len() < limits::UPSTREAM_ACCOUNTS
    }

    fn action(&self, action: AccountAction) -> String {
        format!("{}/{}", self.frame.accounts_path(), action.name())
    }

    /// Of the page with the form of this account.
    fn change_path(&self, account: &UpstreamAccount) -> String {
        format!("{}?account={}#account", self.frame.accounts_path(), paths::segment(&account.id))
    }

    /// Where this upstream is to send what it has.
    fn callback(&self, upstream: &str) -> String {
        let ingest = self.ingest.as_deref().unwrap_or_default();
        format!("{ingest}/v1/{upstream}/{}", paths::segment(&self.frame.workspace))
    }
}
