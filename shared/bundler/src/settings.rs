//! A webhook's settings and health, and how a setting changes at a moment.
//! Their JSON forms are what the table holds.

use crate::{
    filter::Filter, header::CustomHeaders, health::Health, id::WebhookId, limits, rotation::Replaced,
    schedule::Schedule, signature::SigningSecret, table::turn::Turn, timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};

/// What the owner has set. Its secrets never show in `Debug`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// As the owner wrote it. Whether it can be called is decided before each attempt: a bad URL is an error like others.
    pub url: String,
    pub switch: Switch,
    /// How long, and by which clock, it gathers. Stored under its first name, as what it was then still reads.
    #[serde(rename = "granularity")]
    pub schedule: History<Schedule>,
    pub success: SuccessRule,
    /// Requests at a time to this webhook, 1 to 64.
    pub concurrency: u16,
    /// Signs every request.
    pub secrets: Vec<SigningSecret>,
    /// What signed before, latest first: each signs on until its end. Apart from the others, so that who reads `secrets`
    /// alone signs with the new one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Replaced>,
    /// The owner's own, on every request.
    #[serde(default, skip_serializing_if = "CustomHeaders::is_empty")]
    pub headers: CustomHeaders,
    /// Which messages it wants.
    #[serde(default, skip_serializing_if = "Filter::is_open")]
    pub filter: Filter,
    /// Of the webhook that a workspace starts with: the others that the workspace has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<WebhookId>,
    /// Who gets the e-mails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_email: Option<String>,
    /// Of the item: whoever changes it names the one that was read, and it rises.
    #[serde(skip)]
    pub revision: u64,
}

impl Settings {
    /// A webhook that is on, with the article's rule of success.
    pub fn new(url: String, schedule: impl Into<Schedule>, secret: SigningSecret) -> Self {
        Self {
            url,
            switch: Switch::On,
            schedule: History::new(schedule.into()),
            success: SuccessRule::Only200,
            concurrency: limits::CONCURRENCY,
            secrets: vec![secret],
            replaced: Vec::new(),
            headers: CustomHeaders::default(),
            filter: Filter::default(),
            others: Vec::new(),
            owner_email: None,
            revision: 0,
        }
    }

    /// As they stand once they are written.
    #[must_use]
    pub fn risen(&self) -> Self {
        Self { revision: self.revision + 1, ..self.clone() }
    }

    pub fn gathering(&self) -> Gathering {
        Gathering {
            switch: self.switch,
            schedule: self.schedule.clone(),
            concurrency: self.concurrency,
            filter: self.filter.clone(),
            others: self.others.clone(),
        }
    }
}

/// What gathering goes by: the part of the settings that taking a message in has a use for, and no secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Gathering {
    pub switch: Switch,
    #[serde(rename = "granularity")]
    pub schedule: History<Schedule>,
    pub concurrency: u16,
    #[serde(default)]
    pub filter: Filter,
    #[serde(default)]
    pub others: Vec<WebhookId>,
}

/// The owner's own switch: the article's "Webhook enabled".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    On,
    Off,
}

/// Which answers are a success: 200, as the article says, or any of 200 to 299.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SuccessRule {
    #[serde(rename = "200")]
    Only200,
    #[serde(rename = "2xx")]
    Any2xx,
}

impl SuccessRule {
    pub fn accepts(self, status: u16) -> bool {
        match self {
            Self::Only200 => status == 200,
            Self::Any2xx => (200..300).contains(&status),
        }
    }
}

/// A setting's values, each in force from a moment on; the first since ever. What was in force at a moment never
/// changes, so that a message's window is the same whenever it is looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History<T> {
    first: T,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Change<T>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Change<T> {
    begins: Timestamp,
    value: T,
}

impl<T: Copy> History<T> {
    pub fn new(value: T) -> Self {
        Self { first: value, changes: Vec::new() }
    }

    /// The value in force at `moment`.
    pub fn at(&self, moment: Timestamp) -> T {
        self.changes.iter().rev().find(|change| change.begins <= moment).map_or(self.first, |change| change.value)
    }

    /// The value that is in force after every change.
    pub fn last(&self) -> T {
        self.changes.last().map_or(self.first, |change| change.value)
    }

    /// Every value, in order: from when on it is in force, and until before when, if another follows.
    pub fn spans(&self) -> impl Iterator<Item = (Timestamp, Option<Timestamp>, T)> {
        let first = std::iter::once((Timestamp::EPOCH, self.first));
        let changes = self.changes.iter().map(|change| (change.begins, change.value));
        let ends = self.changes.iter().map(|change| Some(change.begins)).chain(std::iter::once(None));
        first.chain(changes).zip(ends).map(|((from, value), until)| (from, until, value))
    }

    /// When the last value begins, if it has not begun at `now`.
    pub fn begins_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.changes.last().map(|change| change.begins).filter(|begins| *begins > now)
    }

    /// When each value begins but for the first.
    pub fn beginnings(&self) -> impl Iterator<Item = Timestamp> + '_ {
        self.changes.iter().map(|change| change.begins)
    }

    /// Adds a value that begins as soon as every function is sure to know of it, and after every change before it.
    /// Returns when it begins.
    pub fn change(&mut self, now: Timestamp, value: T) -> Timestamp {
        let soonest = now.plus(limits::CHANGE_LEAD);
        let begins = self.changes.last().map_or(soonest, |last| soonest.max(last.begins));
        self.changes.push(Change { begins, value });
        begins
    }
}

/// A webhook, as one query reads it whole: for who calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub settings: Settings,
    pub health: Health,
    /// There is one while references of it wait their turn.
    pub turn: Option<Turn>,
}

/// Which settings and which health: both rise with every change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revisions {
    pub settings: u64,
    pub health: u64,
}

impl Webhook {
    pub fn revisions(&self) -> Revisions {
        Revisions { settings: self.settings.revision, health: self.health.revision }
    }
}

/// A webhook as the sweep sees it, by the same query: where it is to go and with what key is none of its business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub gathering: Gathering,
    pub health: Health,
    /// There is one while references of it wait their turn.
    pub turn: Option<Turn>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::Granularity;
    use std::time::Duration;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    #[test]
    fn a_change_leaves_what_was_in_force_before_it_as_it_was() {
        let now = at("2021-02-24T16:00:00Z");
        let mut history = History::new(Granularity::Hours1);
        let begins = history.change(now, Granularity::Hours6);
        assert!(begins.since(now) >= Duration::from_secs(7 * 60));
        assert_eq!(history.at(at("1970-01-01T00:00:00Z")), Granularity::Hours1);
        assert_eq!(history.at(begins.minus(Duration::from_millis(1))), Granularity::Hours1);
        assert_eq!(history.at(begins), Granularity::Hours6);
    }

    #[test]
    fn of_two_changes_within_a_minute_the_last_one_holds() {
        let now = at("2021-02-24T16:00:00Z");
        let mut history = History::new(Granularity::Hours1);
        history.change(now, Granularity::Hours6);
        let begins = history.change(now.minus(Duration::from_secs(1)), Granularity::None);
        assert_eq!(history.at(begins), Granularity::None);
    }

    #[test]
    fn success_is_200_and_by_setting_any_2xx() {
        let accepted = |rule: SuccessRule| (0..=1_000).filter(|status| rule.accepts(*status)).collect::<Vec<_>>();
        assert_eq!(accepted(SuccessRule::Only200), [200]);
        assert_eq!(accepted(SuccessRule::Any2xx), (200..=299).collect::<Vec<_>>());
    }

    #[test]
    fn a_history_without_changes_stays_readable_when_changes_come_to_it() {
        let read: History<Granularity> = serde_json::from_str(r#"{"first":"24h"}"#).expect("a history");
        assert_eq!(read, History::new(Granularity::Hours24));
    }

    #[test]
    fn settings_stored_before_there_were_time_zones_gather_by_utc_and_a_day_from_midnight_on() {
        let stored = r#"{"url":"https://example.org","switch":"on","granularity":{"first":"24h","changes":
            [{"begins":"20210224T162529","value":"6h"}]},"success":"200","concurrency":4,"secrets":[]}"#;
        let settings: Settings = serde_json::from_str(stored).expect("settings");
        assert_eq!(settings.schedule.at(Timestamp::EPOCH), Granularity::Hours24.into());
        assert_eq!(settings.schedule.at(at("2021-02-24T16:25:29Z")), Granularity::Hours6.into());
        let again = serde_json::to_string(&settings).expect("JSON");
        assert!(again.contains(r#""granularity":{"first":"24h","#), "the functions of before still read it: {again}");
    }
}
