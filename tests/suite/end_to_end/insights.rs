//! So much of CloudWatch Logs Insights' query language as the README's queries use. The emulator's own does not find the
//! fields of JSON lines. A command that is not known here panics: what the README teaches has to have been tried.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The rows that a query answers over log lines, each field's value as text, as Logs Insights shows it.
pub(crate) fn answer(query: &str, lines: &[Value]) -> Vec<Value> {
    let mut rows: Vec<Value> = lines.to_vec();
    for command in query.split('|').map(str::trim) {
        let (verb, rest) = command.split_once(' ').expect("a command has arguments");
        rows = match verb {
            "filter" => rows.into_iter().filter(|row| holds(rest, row)).collect(),
            "fields" => with_fields(rest, rows),
            "stats" => stats(rest, &rows),
            "sort" => sorted(rest, rows),
            "limit" => rows.into_iter().take(rest.parse().expect("a limit is a number")).collect(),
            _ => panic!("the query command {verb} has not been tried"),
        };
    }
    rows
}

/// `field = "value" and …`
fn holds(conditions: &str, row: &Value) -> bool {
    conditions.split(" and ").all(|condition| {
        let (field, value) = condition.split_once(" = ").expect("a condition compares");
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).expect("a value is quoted");
        text(row, field) == value
    })
}

/// Shows fields by their dotted names. Commands behind it still see the others.
fn with_fields(fields: &str, mut rows: Vec<Value>) -> Vec<Value> {
    for row in &mut rows {
        for field in fields.split(", ") {
            let value = text(row, field);
            row[field] = Value::String(value);
        }
    }
    rows
}

/// `count(*) as name, sum(field) as name, max(field) as name by field, …`
fn stats(arguments: &str, rows: &[Value]) -> Vec<Value> {
    let (figures, groups) = arguments.split_once(" by ").expect("figures are taken by group");
    let mut found: BTreeMap<Vec<String>, Vec<&Value>> = BTreeMap::new();
    for row in rows {
        found.entry(groups.split(", ").map(|field| text(row, field)).collect()).or_default().push(row);
    }
    let summed = |(key, rows): (Vec<String>, Vec<&Value>)| {
        let mut row: Map<String, Value> =
            groups.split(", ").map(str::to_owned).zip(key.into_iter().map(Value::String)).collect();
        for figure in figures.split(", ") {
            let (call, name) = figure.split_once(" as ").expect("a figure has a name");
            let (function, field) = call.strip_suffix(')').and_then(|call| call.split_once('(')).expect("a call");
            let values = rows.iter().map(|row| text(row, field));
            let value = match function {
                "count" => rows.len().to_string(),
                "sum" => values.map(|value| value.parse::<u64>().unwrap_or_default()).sum::<u64>().to_string(),
                "max" => values.max().unwrap_or_default(),
                _ => panic!("the query function {function} has not been tried"),
            };
            row.insert(name.to_owned(), Value::String(value));
        }
        Value::Object(row)
    };
    found.into_iter().map(summed).collect()
}

fn sorted(arguments: &str, mut rows: Vec<Value>) -> Vec<Value> {
    let (field, direction) = arguments.split_once(' ').expect("a sort has a direction");
    let key =
        |row: &Value| text(row, field).parse::<u64>().map_or_else(|_| (0, text(row, field)), |n| (n, String::new()));
    rows.sort_by_key(key);
    match direction {
        "asc" => rows,
        "desc" => rows.into_iter().rev().collect(),
        _ => panic!("the direction {direction} has not been tried"),
    }
}

/// A field by its dotted name, in a line's JSON or in a row that a command made of it; empty if it is not there.
fn text(row: &Value, field: &str) -> String {
    let name = if field == "@timestamp" && row.get(field).is_none() { "timestamp" } else { field };
    let nested = || name.split('.').try_fold(row, |value, part| value.get(part));
    match row.get(name).or_else(nested) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}
