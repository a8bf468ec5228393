//! Fields of a message that may be missing or of another kind: then they are empty, because a message of which a part
//! cannot be read is still one.

use serde_json::Value;

/// A text; empty, if there is none.
pub(super) fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default()
}

/// The first of these that is a text with something in it; empty, if none is.
pub(super) fn first<'a>(of: &'a Value, names: &[&str]) -> &'a str {
    names.iter().map(|name| text(of, name)).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Elements of an array; none, of anything else.
pub(super) fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A number, as JSON or as a text.
pub(super) fn number(of: &Value, name: &str) -> Option<f64> {
    of[name].as_f64().or_else(|| of[name].as_str()?.parse().ok()).filter(|number| number.is_finite())
}
