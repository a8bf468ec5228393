//! What somebody has typed into the settings' form: as a patch of the settings, which the API's own rules judge, and as
//! the form again, with what is wrong.

use super::sentence;
use crate::reply::Refused;
use bundler::{
    event::{ChatKind, Direction},
    filter::Phone,
    mask::MASK,
    native::FieldError,
    settings::{Settings, SuccessRule, Switch},
    window::Granularity,
};
use page::{Field, Form};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

/// A form's fields, in their order.
pub(super) struct Typed(Vec<(String, String)>);

impl Typed {
    pub(super) fn of(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// What stands in a field, without blanks around it.
    pub(super) fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default().trim()
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// What is to be other than it is, as the API takes it.
    pub(super) fn patch(&self) -> Value {
        json!({
            "granularity": self.text("granularity"),
            "url": self.text("url"),
            "enabled": self.text("enabled") == "on",
            "time_zone": self.text("time_zone"),
            "daily_hour": number(self.text("daily_hour")),
            "success": self.text("success"),
            "concurrency": number(self.text("concurrency")),
            "direction": or_null(self.text("direction")),
            "chats": or_null(self.text("chats")),
            "accounts": self.accounts(),
            "owner_email": or_null(self.text("owner_email")),
            "headers": self.headers(),
        })
    }

    fn accounts(&self) -> Value {
        let lines = self.text("accounts").split(['\n', '\r', ',', ';']).map(str::trim);
        let accounts: Vec<Value> = lines.filter(|line| !line.is_empty()).map(Value::from).collect();
        if accounts.is_empty() { Value::Null } else { Value::Array(accounts) }
    }

    /// The names and values of headers, as they were typed.
    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.all("header_name").zip(self.all("header_value"));
        pairs
            .map(|(name, value)| (name.trim(), value.trim()))
            .filter(|(name, value)| !(name.is_empty() && value.is_empty()))
    }

    fn headers(&self) -> Value {
        // Without a value, one that is there keeps what it has, and one that is not needs one.
        let value = |value: &str| Value::from(if value.is_empty() { MASK } else { value });
        let mut headers: Map<String, Value> =
            self.pairs().map(|(name, text)| (name.to_ascii_lowercase(), value(text))).collect();
        headers.extend(self.all("header_remove").map(|name| (name.to_ascii_lowercase(), Value::Null)));
        Value::Object(headers)
    }

    /// The form with what was typed, over the settings as they are saved.
    pub(super) fn form(&self, saved: &Settings) -> Form {
        let schedule = saved.schedule.last();
        let is_saved = |name: &str| saved.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        Form {
            revision: revision(saved),
            granularity: Granularity::parse(self.text("granularity")).unwrap_or(schedule.granularity),
            url: self.text("url").to_owned(),
            enabled: self.text("enabled") == "on",
            time_zone: self.text("time_zone").to_owned(),
            daily_hour: self.text("daily_hour").parse().unwrap_or(schedule.daily_hour.get()),
            success: if self.text("success") == "2xx" { SuccessRule::Any2xx } else { SuccessRule::Only200 },
            concurrency: self.text("concurrency").to_owned(),
            direction: match self.text("direction") {
                "received" => Some(Direction::Received),
                "sent" => Some(Direction::Sent),
                _ => None,
            },
            chats: match self.text("chats") {
                "direct" => Some(ChatKind::Direct),
                "group" => Some(ChatKind::Group),
                _ => None,
            },
            accounts: self.text("accounts").to_owned(),
            owner_email: self.text("owner_email").to_owned(),
            headers: saved.headers.iter().map(|(name, _)| name.clone()).collect(),
            typed_headers: self.pairs().map(|(name, _)| name.to_owned()).filter(|name| !is_saved(name)).collect(),
            errors: Vec::new(),
        }
    }
}

/// The form with the settings as they are saved.
pub(super) fn form(saved: &Settings) -> Form {
    let schedule = saved.schedule.last();
    Form {
        revision: revision(saved),
        granularity: schedule.granularity,
        url: saved.url.clone(),
        enabled: saved.switch == Switch::On,
        time_zone: schedule.zone.name().to_owned(),
        daily_hour: schedule.daily_hour.get(),
        success: saved.success,
        concurrency: saved.concurrency.to_string(),
        direction: saved.filter.direction,
        chats: saved.filter.chats,
        accounts: saved.filter.accounts().iter().map(Phone::text).collect::<Vec<_>>().join("\n"),
        owner_email: saved.owner_email.clone().unwrap_or_default(),
        headers: saved.headers.iter().map(|(name, _)| name.clone()).collect(),
        typed_headers: Vec::new(),
        errors: Vec::new(),
    }
}

/// Of the settings alone: an error that is counted meanwhile is nobody's change.
pub(super) fn revision(saved: &Settings) -> String {
    saved.revision.to_string()
}

/// What is wrong with which setting, if that is all that was wrong.
pub(super) fn errors(refused: Refused) -> Result<Vec<(Field, String)>, Refused> {
    match refused {
        Refused::Problem(problem) if !problem.errors.is_empty() => {
            Ok(problem.errors.iter().filter_map(|error| Some((field(error)?, words(error)))).collect())
        }
        other @ (Refused::Problem(_) | Refused::Denied(_) | Refused::TooMany(..) | Refused::Trouble(_)) => Err(other),
    }
}

fn field(error: &FieldError) -> Option<Field> {
    let name = error.pointer.split('/').nth(1)?;
    Field::ALL.into_iter().find(|field| field.name() == name)
}

/// Of a header, its name stands before what is wrong with it.
fn words(error: &FieldError) -> String {
    match error.pointer.strip_prefix("/headers/") {
        Some(name) => format!("{}: {}.", name.replace("~1", "/").replace("~0", "~"), error.detail),
        None => sentence(error.detail.trim_end_matches(", or null")),
    }
}

fn or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

fn number(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| text.into(), Value::from)
}
