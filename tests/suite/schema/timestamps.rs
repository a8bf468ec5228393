//! Timestamps: the parser and the schema take the same forms, and the parser refuses those that are no moment, which a
//! pattern cannot say. Whether a form is a moment is decided here by a calendar of its own.

use super::schema;
use crate::world::article;
use bundler::{native, timestamp::Timestamp};
use jsonschema::Validator;
use serde_json::{Value, json};

/// What the schema takes and the parser refuses, each with its reason. There is nothing the other way round.
const KNOWN_DIFFERENCES: [(&str, &str); 15] = [
    ("2021-02-29T16:25:29Z", "2021 is no leap year"),
    ("2021-04-31T16:25:29Z", "April has 30 days"),
    ("2021-00-24T16:25:29Z", "there is no month 0"),
    ("2021-13-24T16:25:29Z", "there is no month 13"),
    ("2021-02-00T16:25:29Z", "there is no day 0"),
    ("2021-02-24T24:00:00Z", "a day ends with 23:59:59"),
    ("2021-02-24T16:60:00Z", "an hour has 60 minutes"),
    ("2021-02-24T16:25:60Z", "leap seconds have no place in a window"),
    ("2016-12-31T23:59:60Z", "not even one that there was"),
    ("2021-02-24T16:25:29+24:00", "an offset is less than a day"),
    ("2021-02-24T16:25:29-0060", "an offset's hour has 60 minutes"),
    ("1969-12-31T23:59:59Z", "before 1970"),
    ("1970-01-01T00:00:00+0001", "before 1970 in UTC"),
    ("9999-12-31T23:59:59-00:01", "after 9999 in UTC"),
    ("0000-01-01T00:00:00Z", "before 1970"),
];

fn verdicts(schema: &Validator, text: &str) -> (bool, bool) {
    let mut event = article();
    event["message"]["timestamp"] = json!(text);
    (native::parse(&event, "").is_ok(), schema.is_valid(&event))
}

#[test]
fn the_known_differences_are_forms_that_are_no_moment() {
    let schema = schema("event.schema.json");
    for (text, reason) in KNOWN_DIFFERENCES {
        assert_eq!(verdicts(&schema, text), (false, true), "{text}: {reason}");
        assert!(!is_moment(text), "{text}: {reason}");
    }
}

#[test]
fn the_parser_takes_what_has_the_schemas_form_and_is_a_moment_and_nothing_else() {
    let schema = schema("event.schema.json");
    let (mut taken, mut impossible, mut refused) = (0, 0, 0);
    for text in forms() {
        let (parsed, valid) = verdicts(&schema, &text);
        assert_eq!(parsed, valid && is_moment(&text), "{text:?}: the schema says {valid}");
        match (parsed, valid) {
            (true, _) => taken += 1,
            (false, true) => impossible += 1,
            (false, false) => refused += 1,
        }
    }
    assert!(taken > 500 && impossible > 100 && refused > 1_000, "{taken} {impossible} {refused}");
}

#[test]
fn the_schemas_own_examples_are_one_moment_each() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bundler/schemas/event.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON");
    let examples = schema.pointer("/properties/message/properties/timestamp/examples").and_then(Value::as_array);
    for example in examples.expect("examples") {
        let moment = Timestamp::parse(example.as_str().expect("text")).expect("a moment");
        assert_eq!(moment.article(), "2021-02-24T16:25:29+0000");
    }
}

/// Valid forms with each character replaced, removed and doubled.
fn forms() -> Vec<String> {
    let valid = [
        "2021-02-24T16:25:29Z",
        "2021-02-24T16:25:29+0000",
        "2021-02-24T16:25:29-05:30",
        "2024-02-29T23:59:59.1Z",
        "1970-01-01T00:00:00.123456789+00:00",
        "9999-12-31T23:59:59.000000001+0000",
    ];
    let mut forms: Vec<String> = valid.iter().map(|text| (*text).to_owned()).collect();
    for text in valid {
        for index in 0..text.len() {
            let (before, from) = text.split_at(index);
            let (this, after) = from.split_at(1);
            forms.push(format!("{before}{after}"));
            forms.push(format!("{before}{this}{this}{after}"));
            for other in "0123456789+-.,:TtZz _\n\0٣−".chars() {
                forms.push(format!("{before}{other}{after}"));
                forms.push(format!("{text}{other}"));
            }
        }
    }
    forms
}

/// Whether a text of the schema's form is a moment between 1970 and 9999.
fn is_moment(text: &str) -> bool {
    let digits = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<i64>().ok());
    let fields = [(0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19)].map(|(from, to)| digits(from, to));
    let [Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)] = fields else { return false };
    let zone = text[19..].trim_start_matches(|character: char| character == '.' || character.is_ascii_digit());
    let offset: String = zone.chars().filter(char::is_ascii_digit).collect();
    let offset = if zone == "Z" { Some(0) } else { offset.parse::<i64>().ok() };
    let Some((hours, minutes)) = offset.map(|offset| (offset / 100, offset % 100)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let Some(length) = usize::try_from(month - 1).ok().and_then(|month| days.get(month)) else { return false };
    let in_range =
        (1..=*length).contains(&day) && hour < 24 && minute < 60 && second < 60 && hours < 24 && minutes < 60;
    // An offset matters for the range on the first and the last day alone.
    let ahead = if zone.starts_with('-') { -1 } else { 1 } * (hours * 60 + minutes);
    let of_day = hour * 60 + minute - ahead;
    let first = (year, month, day) == (1970, 1, 1) && of_day < 0;
    let last = (year, month, day) == (9999, 12, 31) && of_day >= 24 * 60;
    let edge = (year, month, day) == (1969, 12, 31) && of_day >= 24 * 60;
    in_range && (year >= 1970 || edge) && !first && !last
}
