//! The fields of a JSON object that somebody has sent. Everything that is wrong is named, all of it at once, and what is
//! not known is wrong: a setting that is misspelt must not look as if it had been saved.

use crate::reply::Refused;
use bundler::{native::FieldError, problem::Problem, timestamp::Timestamp};
use serde_json::{Map, Value};

pub(crate) struct Fields<'a> {
    sent: Option<&'a Map<String, Value>>,
    asked: Vec<&'static str>,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(object: &'a Value) -> Self {
        Self { sent: object.as_object(), asked: Vec::new(), errors: Vec::new() }
    }

    /// A field that may be left out.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'a Value) -> Result<T, String>,
    ) -> Option<T> {
        self.asked.push(name);
        let value = self.sent.and_then(|sent| sent.get(name))?;
        read(value).map_err(|detail| self.wrong(format!("/{name}"), detail)).ok()
    }

    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'a Value) -> Result<T, String>,
    ) -> Option<T> {
        if self.sent.is_none_or(|sent| !sent.contains_key(name)) {
            self.wrong(format!("/{name}"), "is missing".to_owned());
        }
        self.optional(name, read)
    }

    pub(crate) fn wrong(&mut self, pointer: String, detail: String) {
        self.errors.push(FieldError { pointer, detail });
    }

    /// What was read, if nothing was wrong and there is nothing else.
    pub(crate) fn end<T>(mut self, read: Option<T>) -> Result<T, Refused> {
        let unknown = self.sent.into_iter().flat_map(Map::keys).filter(|name| !self.asked.contains(&name.as_str()));
        let unknown: Vec<String> = unknown.map(|name| pointer(name)).collect();
        for pointer in unknown {
            self.wrong(format!("/{pointer}"), "is not known, or not to be set".to_owned());
        }
        read.filter(|_| self.errors.is_empty()).ok_or_else(|| Refused::Problem(Problem::fields(self.errors)))
    }
}

/// A name as a JSON pointer has it (RFC 6901).
pub(crate) fn pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

pub(crate) fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "must be a text".to_owned())
}

/// RFC 3339, or seconds since 1970.
pub(crate) fn moment(value: &Value) -> Result<Timestamp, String> {
    let seconds = value.as_u64().and_then(Timestamp::from_seconds);
    let moment = seconds.or_else(|| value.as_str().and_then(Timestamp::parse));
    moment.ok_or_else(|| "must be a moment, as in 2021-02-24T17:00:00Z or 1614186000".to_owned())
}
