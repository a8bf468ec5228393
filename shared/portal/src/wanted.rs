//! What a person wants a webhook to be: a JSON merge patch (RFC 7396) of its settings, read against what they are. Nothing
//! is set here, and no value is in an error.

use crate::{
    fields::{self, Fields},
    reply::Refused,
};
use bundler::{
    header::CustomHeaders,
    limits,
    mask::MASK,
    owner::Change,
    schedule::{DailyHour, Schedule},
    settings::{History, Settings, SuccessRule, Switch},
    window::Granularity,
    zone::Zone,
};
use serde_json::Value;

/// What is to be other than it is. What is none stays.
#[derive(Default)]
pub(crate) struct Wanted {
    pub(crate) url: Option<String>,
    pub(crate) schedule: Option<Schedule>,
    switch: Option<Switch>,
    success: Option<SuccessRule>,
    concurrency: Option<u16>,
    headers: Option<CustomHeaders>,
    owner: Option<Owner>,
}

/// Who is to get the e-mails; nobody, for none.
struct Owner(Option<String>);

/// Whether a field may be left out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Whatever is left out stays as it is.
    Nothing,
    /// A webhook has to have somewhere to go, and something to go by.
    UrlAndGranularity,
}

/// Reads a patch of these settings.
pub(crate) fn read(
    patch: &Value,
    settings: &Settings,
    need: Need,
    check_url: impl Fn(&str) -> Result<(), String>,
) -> Result<Wanted, Refused> {
    let mut fields = Fields::of(patch);
    let url = |value| fields::text(value).and_then(|url| check_url(url).map(|()| url.to_owned()));
    let granularity = |value: &Value| {
        value.as_str().and_then(Granularity::parse).ok_or_else(|| "must be none, 1h, 6h, 12h or 24h".to_owned())
    };
    let (url, granularity) = match need {
        Need::Nothing => (fields.optional("url", url), fields.optional("granularity", granularity)),
        Need::UrlAndGranularity => (fields.required("url", url), fields.required("granularity", granularity)),
    };
    let zone = fields.optional("time_zone", |value| Zone::parse(fields::text(value)?).map_err(str::to_owned));
    let daily_hour = fields.optional("daily_hour", |value| {
        let hour = value.as_u64().and_then(|hour| DailyHour::new(u8::try_from(hour).ok()?));
        hour.ok_or_else(|| "must be an hour of the day, 0 to 23".to_owned())
    });
    let switch = fields.optional("enabled", |value| match value.as_bool() {
        Some(true) => Ok(Switch::On),
        Some(false) => Ok(Switch::Off),
        None => Err("must be true or false".to_owned()),
    });
    let success = fields.optional("success", |value| match value.as_str() {
        Some("200") => Ok(SuccessRule::Only200),
        Some("2xx") => Ok(SuccessRule::Any2xx),
        Some(_) | None => Err("must be \"200\" or \"2xx\"".to_owned()),
    });
    let concurrency = fields.optional("concurrency", |value| {
        let number = value.as_u64().and_then(|number| u16::try_from(number).ok());
        let number = number.filter(|number| (1..=limits::CONCURRENCY_MAX).contains(number));
        number.ok_or_else(|| format!("must be 1 to {}", limits::CONCURRENCY_MAX))
    });
    let owner = fields.optional("owner_email", |value| match value {
        Value::Null => Ok(Owner(None)),
        value => email(fields::text(value)?).map(|address| Owner(Some(address.to_owned()))),
    });
    let patched = fields.optional("headers", Ok);
    let headers = patched.and_then(|patch| headers(&mut fields, patch, &settings.headers));

    let last = settings.schedule.last();
    let schedule = Schedule {
        granularity: granularity.unwrap_or(last.granularity),
        zone: zone.unwrap_or(last.zone),
        daily_hour: daily_hour.unwrap_or(last.daily_hour),
    };
    let is_scheduled = granularity.is_some() || zone.is_some() || daily_hour.is_some();
    let schedule = is_scheduled.then_some(schedule);
    fields.end(Some(Wanted { url, schedule, switch, success, concurrency, headers, owner }))
}

/// One address that a mail can be sent to, and nothing that a mail program would read as more.
fn email(text: &str) -> Result<&str, String> {
    let is_plain =
        |character: char| !character.is_whitespace() && !character.is_control() && !"<>()[],;:\\\"".contains(character);
    let is_address = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.contains('@')
            && domain.split('.').count() > 1
            && domain.split('.').all(|it| !it.is_empty())
    });
    if text.chars().count() > limits::EMAIL_CHARS {
        Err(format!("must have at most {} characters", limits::EMAIL_CHARS))
    } else if is_address && text.chars().all(is_plain) {
        Ok(text)
    } else {
        Err("must be an e-mail address, or null".to_owned())
    }
}

/// The headers after a patch of them: a name that is null goes, one that is [`MASK`] stays as it is, as do all that are
/// not named.
fn headers(fields: &mut Fields<'_>, patch: &Value, stored: &CustomHeaders) -> Option<CustomHeaders> {
    let patch = match patch {
        Value::Null => return Some(CustomHeaders::default()),
        Value::Object(patch) => patch,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            fields.wrong("/headers".to_owned(), "must be an object, or null".to_owned());
            return None;
        }
    };
    let mut headers: Vec<(String, String)> = stored.iter().cloned().collect();
    let mut is_right = true;
    for (name, value) in patch {
        let known = headers.iter().position(|(known, _)| known.eq_ignore_ascii_case(name));
        let read = match (value, known) {
            (Value::Null, known) => {
                known.map(|place| headers.remove(place));
                continue;
            }
            (Value::String(text), Some(_)) if text == MASK => continue,
            (Value::String(text), None) if text == MASK => {
                Err("there is no such header yet: it needs a value".to_owned())
            }
            (Value::String(text), _) => CustomHeaders::parse(vec![(name.clone(), text.clone())])
                .map(|_| (name.to_ascii_lowercase(), text.clone())),
            (_, _) => Err("must be a text, or null".to_owned()),
        };
        match (read, known) {
            (Ok(header), Some(place)) => headers[place] = header,
            (Ok(header), None) => headers.push(header),
            (Err(detail), _) => {
                fields.wrong(format!("/headers/{}", fields::pointer(name)), detail);
                is_right = false;
            }
        }
    }
    // There may be too many of them, each right by itself.
    let headers = CustomHeaders::parse(headers).map_err(|detail| fields.wrong("/headers".to_owned(), detail)).ok();
    headers.filter(|_| is_right)
}

impl Wanted {
    pub(crate) fn into_changes(self) -> Vec<Change> {
        [
            self.url.map(Change::Url),
            self.schedule.map(Change::Schedule),
            self.success.map(Change::Success),
            self.concurrency.map(Change::Concurrency),
            self.headers.map(Change::Headers),
            self.owner.map(|Owner(address)| Change::OwnerEmail(address)),
            self.switch.map(Change::Switch),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// New settings that are so from their beginning on.
    pub(crate) fn into_settings(self, mut settings: Settings) -> Settings {
        let Self { url, schedule, switch, success, concurrency, headers, owner } = self;
        settings.url = url.unwrap_or(settings.url);
        settings.schedule = schedule.map_or(settings.schedule, History::new);
        settings.switch = switch.unwrap_or(settings.switch);
        settings.success = success.unwrap_or(settings.success);
        settings.concurrency = concurrency.unwrap_or(settings.concurrency);
        settings.headers = headers.unwrap_or(settings.headers);
        settings.owner_email = owner.map_or(settings.owner_email, |Owner(address)| address);
        settings
    }
}
