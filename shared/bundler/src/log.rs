//! A log line: one JSON object for one unit of work, that reads alone. It is made here and written by the edge.
//! It holds ids, counts, states and times; never a text, a name, a phone number, a URL or a secret.

use crate::timestamp::Timestamp;
use serde_json::{Map, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Debug,
    Info,
    /// Somebody else's trouble: a receiver that fails, a caller without a key.
    Warn,
    /// Ours to mend.
    Error,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::Debug, Self::Info, Self::Warn, Self::Error].into_iter().find(|level| level.name() == name)
    }
}

/// A line under construction.
#[derive(Debug, Clone)]
pub struct Line {
    pub level: Level,
    fields: Map<String, Value>,
}

impl Line {
    /// `message` is fixed text; whatever varies is a field.
    pub fn new(level: Level, message: &'static str) -> Self {
        Self { level, fields: Map::new() }.text("message", message)
    }

    /// `name` is dotted as in `workspace.id`: the part before the point becomes an object, which Logs Insights shows
    /// and queries by the dotted name.
    #[must_use]
    pub fn text(self, name: &'static str, text: impl Into<String>) -> Self {
        self.value(name, Value::String(text.into()))
    }

    #[must_use]
    pub fn number(self, name: &'static str, number: impl Into<u64>) -> Self {
        self.value(name, Value::Number(number.into().into()))
    }

    #[must_use]
    pub fn value(mut self, name: &'static str, value: Value) -> Self {
        match name.split_once('.') {
            None => self.fields.insert(name.to_owned(), value),
            Some((outer, inner)) => self
                .fields
                .entry(outer)
                .or_insert_with(|| Value::Object(Map::new()))
                .as_object_mut()
                .and_then(|object| object.insert(inner.to_owned(), value)),
        };
        self
    }

    /// The line, in Lambda's JSON log format.
    pub fn render(self, now: Timestamp, function: &str) -> String {
        let line = self.text("timestamp", now.rfc3339());
        let level = line.level.name();
        Value::Object(line.text("level", level).text("function", function).fields).to_string()
    }
}

/// Where lines go: the edge's standard output, a test's list.
pub trait Log: Sync {
    fn log(&self, line: Line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_of_json_with_nested_names() {
        let now = Timestamp::parse("2021-02-24T16:25:29Z").expect("a moment");
        let line = Line::new(Level::Info, "message accepted")
            .text("workspace.id", "acme")
            .text("message_id", "a\n\"b")
            .number("duration_ms", 3_u64)
            .render(now, "ingest");
        assert!(!line.contains('\n'));
        let value: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(value["workspace"]["id"], "acme");
        assert_eq!(value["message_id"], "a\n\"b");
        assert_eq!((&value["message"], &value["level"]), (&"message accepted".into(), &"INFO".into()));
    }
}
