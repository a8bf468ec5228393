//! A workspace's settings of its upstreams: whose WhatsApp numbers its messages go through, and where links lead.

use super::template::{Filling, Place, UrlTemplate};
use crate::{
    event::{Account, ChatKind, HttpUrl},
    limits,
    native::{FieldError, Fields, at_most},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// What one workspace has set; the default where it has set nothing. As JSON it is what the API takes and shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    pub accounts: Vec<UpstreamAccount>,
    /// Where a person opens a chat; `{message_id}` is not for this one.
    pub chat_url: Option<UrlTemplate>,
    /// Where a person reads a message.
    pub permalink: Option<UrlTemplate>,
    /// How often it was set. It stands beside, in the table and in the API.
    #[serde(skip)]
    pub revision: u64,
}

/// A WhatsApp number, and the team member who looks after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamAccount {
    /// Meta's `phone_number_id`, or Twilio's number as +E.164.
    pub id: String,
    /// As people write it.
    pub phone: String,
    pub full_name: String,
    pub email: String,
}

impl Upstream {
    /// Reads what was sent, and names everything that is wrong with it. The revision is the caller's business.
    pub fn parse(value: &Value) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut fields = Fields::root(value, "", &mut errors);
        let accounts =
            fields.optional("accounts", |fields, name| fields.array(name, limits::UPSTREAM_ACCOUNTS, account));
        let chat_url = fields.optional("chat_url", |fields, name| fields.checked(name, chat_url));
        let permalink = fields.optional("permalink", |fields, name| fields.checked(name, UrlTemplate::parse));
        let accounts = accounts.unwrap_or_default();
        let mut ids = BTreeSet::new();
        for (index, account) in accounts.iter().enumerate() {
            if !ids.insert(&account.id) {
                fields.wrong::<()>(&format!("accounts/{index}/id"), "must not be the id of two accounts");
            }
        }
        let upstream = Self { accounts, chat_url, permalink, revision: 0 };
        if errors.is_empty() { Ok(upstream) } else { Err(errors) }
    }

    /// As it is to be written after it was read: of the next revision.
    #[must_use]
    pub fn risen(&self) -> Self {
        Self { revision: self.revision + 1, ..self.clone() }
    }

    /// The account of a number. One that nobody has set has upstream's own word for its number, and no names.
    pub fn account(&self, id: &str, phone: &str) -> Account {
        match self.accounts.iter().find(|account| account.id == id) {
            Some(UpstreamAccount { phone, full_name, email, .. }) => {
                Account { full_name: full_name.clone(), email: email.clone(), phone: phone.clone() }
            }
            None => Account { full_name: String::new(), email: String::new(), phone: phone.to_owned() },
        }
    }

    /// Where a person opens the chat. Without a template, or without what it names, in WhatsApp itself.
    pub fn chat_url(&self, chat_id: &str, kind: ChatKind, phone: &str) -> HttpUrl {
        let filling = Filling { chat_id, phone, message_id: "" };
        let own = self.chat_url.as_ref().and_then(|template| template.fill(&filling));
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let whatsapps = match (kind, digits.as_str()) {
            (ChatKind::Group, _) | (ChatKind::Direct, "") => WHATSAPP.to_owned(),
            (ChatKind::Direct, digits) => format!("https://wa.me/{digits}"),
        };
        own.unwrap_or_else(|| HttpUrl::parse(&whatsapps).unwrap_or_else(|_| whatsapp()))
    }

    /// Where a person reads the message, if there is such a place.
    pub fn permalink(&self, filling: &Filling<'_>) -> Option<HttpUrl> {
        self.permalink.as_ref()?.fill(filling)
    }
}

const WHATSAPP: &str = "https://web.whatsapp.com/";

fn whatsapp() -> HttpUrl {
    HttpUrl::parse(WHATSAPP).expect("a link that is written here")
}

fn account(fields: &mut Fields<'_>) -> Option<UpstreamAccount> {
    let id = fields.checked("id", account_id);
    let phone = fields.checked("phone", |text| {
        if text.is_empty() { Err("must not be empty".to_owned()) } else { at_most(text, limits::PHONE_CHARS) }
    });
    let full_name = fields.optional("full_name", |fields, name| fields.text(name, limits::NAME_CHARS));
    let email = fields.optional("email", |fields, name| fields.text(name, limits::EMAIL_CHARS));
    let (full_name, email) = (full_name.unwrap_or_default(), email.unwrap_or_default());
    Some(UpstreamAccount { id: id?, phone: phone?, full_name, email })
}

fn account_id(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_id = (1..=limits::UPSTREAM_ACCOUNT_DIGITS).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    let wrong = || "must be Meta's phone number id, which is digits, or Twilio's number, as +972500000000".to_owned();
    if is_id { Ok(text.to_owned()) } else { Err(wrong()) }
}

fn chat_url(text: &str) -> Result<UrlTemplate, String> {
    let template = UrlTemplate::parse(text)?;
    if template.names(Place::MessageId) {
        return Err("must not name {message_id}: it leads to a chat".to_owned());
    }
    Ok(template)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn whole() -> Value {
        json!({
            "accounts": [
                { "id": "1234", "phone": "+972 50", "full_name": "Dana", "email": "dana@acme.example" },
                { "id": "+972501234567", "phone": "+972501234567", "full_name": "", "email": "" },
            ],
            "chat_url": "https://crm.example.org/{chat_id}",
            "permalink": null,
        })
    }

    fn check(change: impl FnOnce(&mut Value), pointers: &[&str]) {
        let mut value = whole();
        change(&mut value);
        let errors = Upstream::parse(&value).err().unwrap_or_default();
        assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), pointers, "{value}");
    }

    #[test]
    fn what_is_shown_reads_back() {
        let upstream = Upstream::parse(&whole()).expect("settings");
        assert_eq!(serde_json::to_value(&upstream).expect("JSON"), whole());
        assert_eq!(Upstream::parse(&json!({})), Ok(Upstream::default()));
    }

    #[test]
    fn everything_that_is_wrong_is_named_by_its_place() {
        check(|value| *value = json!([]), &[""]);
        check(|value| value["accounts"] = json!({}), &["/accounts"]);
        check(|value| value["accounts"][1] = json!("x"), &["/accounts/1"]);
        check(|value| value["accounts"][1]["id"] = json!("1234"), &["/accounts/1/id"]);
        for bad in ["", "+", "12a", "1 2", "++1", &"1".repeat(33)] {
            check(|value| value["accounts"][0]["id"] = json!(bad), &["/accounts/0/id"]);
        }
        check(|value| value["accounts"][0]["phone"] = json!(""), &["/accounts/0/phone"]);
        check(|value| value["accounts"][0]["email"] = json!("a".repeat(321)), &["/accounts/0/email"]);
        check(|value| value["chat_url"] = json!("https://a/{message_id}"), &["/chat_url"]);
        check(
            |value| {
                value["chat_url"] = json!("ftp://a");
                value["permalink"] = json!("https://a/{x}");
            },
            &["/chat_url", "/permalink"],
        );
        let many = |count: usize| (0..count).map(|n| json!({ "id": n.to_string(), "phone": "1" })).collect::<Value>();
        check(|value| value["accounts"] = many(limits::UPSTREAM_ACCOUNTS), &[]);
        check(|value| value["accounts"] = many(limits::UPSTREAM_ACCOUNTS + 1), &["/accounts"]);
    }

    #[test]
    fn a_number_that_nobody_has_set_is_an_account_without_names() {
        let upstream = Upstream::parse(&whole()).expect("settings");
        assert_eq!(upstream.account("1234", "15550001111").full_name, "Dana");
        let unknown = upstream.account("99", "15550001111");
        assert_eq!((unknown.phone.as_str(), unknown.full_name.as_str()), ("15550001111", ""));
    }

    #[test]
    fn without_a_template_a_chat_opens_in_whatsapp() {
        let (none, own) = (Upstream::default(), Upstream::parse(&whole()).expect("settings"));
        let url = |upstream: &Upstream, kind, phone| upstream.chat_url("wa_1", kind, phone).as_str().to_owned();
        assert_eq!(url(&none, ChatKind::Direct, "+972 54-1"), "https://wa.me/972541");
        assert_eq!(url(&none, ChatKind::Direct, ""), WHATSAPP);
        assert_eq!(url(&none, ChatKind::Group, "97254"), WHATSAPP);
        assert_eq!(url(&own, ChatKind::Group, ""), "https://crm.example.org/wa_1");
    }
}
