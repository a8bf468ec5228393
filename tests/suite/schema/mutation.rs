//! Mutations of an event: each field removed, of each wrong type, at and over each limit, and with each character that
//! a rule could forget.

use bundler::limits;
use serde_json::{Value, json};

/// An event with one thing changed, and where.
pub(super) struct Mutant {
    pub(super) pointer: String,
    pub(super) what: String,
    pub(super) event: Value,
}

/// Characters that some rule treats in its own way, or that look as if they should be.
const CHARACTERS: &str = "\0\t\n\u{b}\u{c}\r\u{1b}\u{1f} !\"#%&'/<>@\\`~\u{7f}\u{80}\u{84}\u{85}\u{86}\u{9f}\u{a0}\u{a1}\u{ad}\
    éא\u{61c}\u{1680}\u{180e}\u{2000}\u{2005}\u{200a}\u{200b}\u{200d}\u{200e}\u{2027}\u{2028}\u{2029}\
    \u{202a}\u{202e}\u{202f}\u{205f}\u{2060}\u{2069}\u{3000}\u{e000}\u{fdd0}\u{feff}\u{fffd}\u{fffe}\
    \u{ffff}😀\u{e0001}\u{10ffff}";

/// Lengths around every limit of a text, in characters.
const LENGTHS: [usize; 9] = [
    1,
    limits::PHONE_CHARS,
    limits::MIMETYPE_CHARS,
    limits::ID_CHARS,
    limits::EMAIL_CHARS,
    limits::NAME_CHARS,
    limits::URL_CHARS,
    limits::TEXT_CHARS,
    limits::WORKSPACE_ID_CHARS,
];

/// JSON of every type, separated by bars, and numbers that are whole, nearly whole, and beyond what an integer keeps.
const VALUES: [&str; 6] = [
    r"null | true | false | 0 | 1 | -1 | -0 | 0.0 | -0.0 | 1.0 | 1e2 | 100e-2 | 0.5 | -1.0 | 1e300 | -1e300",
    r"128909.0 | 128909.5 | 9007199254740990 | 9007199254740991 | 9007199254740992 | 9007199254740991.0",
    r#"9007199254740992.0 | 9223372036854775808 | 18446744073709551615 | 18446744073709551616 | "" | "1" | "null""#,
    r#""received" | "sent" | "Sent" | " sent" | "http://a" | "https://" | "http://" | "HTTPS://a" | "https:/a""#,
    r#""https://a" | "ftp://a" | "//a" | "a https://a" | [] | [null] | ["a"] | {} | {"full_name":"a"}"#,
    r#"{"full_name":"a","phone":null} | {"full_name":null,"phone":""}"#,
];

/// Every mutant of `event`, in which every optional field should stand.
pub(super) fn mutants(event: &Value) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for pointer in pointers("", event) {
        let mut mutate = |what: String, change: &dyn Fn(&mut Value)| {
            let mut mutated = event.clone();
            change(mutated.pointer_mut(&pointer).expect("a field"));
            mutants.push(Mutant { pointer: pointer.clone(), what, event: mutated });
        };
        for text in VALUES.iter().flat_map(|line| line.split(" | ")) {
            let value: Value = serde_json::from_str(text).expect("JSON");
            mutate(format!("is {text}"), &|field| *field = value.clone());
        }
        match event.pointer(&pointer).expect("a field") {
            Value::String(text) => mutate_text(text, &mut mutate),
            Value::Object(_) => mutate("gets an unknown field".to_owned(), &|field| field["unknown"] = json!([1])),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
        }
        if let Some((parent, name)) = pointer.rsplit_once('/') {
            let mut without = event.clone();
            let removed =
                without.pointer_mut(parent).and_then(Value::as_object_mut).and_then(|field| field.remove(name));
            assert!(removed.is_some(), "{pointer}");
            mutants.push(Mutant { pointer: pointer.clone(), what: "is removed".to_owned(), event: without });
        }
    }
    mutants
}

fn mutate_text(text: &str, mutate: &mut impl FnMut(String, &dyn Fn(&mut Value))) {
    for character in CHARACTERS.chars() {
        let placed = [format!("{character}{text}"), format!("{text}{character}"), format!("{text}{character}a")];
        for (place, text) in ["before", "at its end", "within"].iter().zip(placed) {
            mutate(format!("has {character:?} {place}"), &|field| *field = json!(text));
        }
    }
    for length in LENGTHS {
        for length in [length - 1, length, length + 1] {
            // Of one, two and four bytes each: limits count characters.
            for filler in ["a", "א", "😀"] {
                let missing = length.saturating_sub(text.chars().count());
                let long = format!("{text}{}", filler.repeat(missing));
                mutate(format!("has {length} characters of {filler}"), &|field| *field = json!(long));
                let plain = filler.repeat(length);
                mutate(format!("is {length} of {filler}"), &|field| *field = json!(plain));
            }
        }
    }
}

/// The JSON pointers of a value and of everything in it.
fn pointers(at: &str, value: &Value) -> Vec<String> {
    let mut all = vec![at.to_owned()];
    for (name, field) in value.as_object().into_iter().flatten() {
        all.extend(pointers(&format!("{at}/{name}"), field));
    }
    all
}
