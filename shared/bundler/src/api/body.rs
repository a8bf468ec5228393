//! A body of one event or of an array of them, taken apart without building what it holds: a function of 128 MB must
//! not fall over a few megabytes of brackets. Each event is read later, one at a time.

use crate::{limits, problem::Problem};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// How events were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    One,
    Array,
}

impl Shape {
    /// The JSON pointer to an event in what was sent.
    pub(super) fn pointer(self, index: usize) -> String {
        match self {
            Self::One => String::new(),
            Self::Array => format!("/{index}"),
        }
    }
}

/// The events of a body, each as the text that it came as.
pub(super) fn events(body: &[u8]) -> Result<(Shape, Vec<&str>), Problem> {
    if body.len() > limits::REQUEST_BODY_BYTES {
        return Err(Problem::new(413, format!("a body has at most {} bytes", limits::REQUEST_BODY_BYTES)));
    }
    // serde's own words may repeat content: only where it stopped is told.
    let not_json = |error: serde_json::Error| {
        Problem::new(400, format!("the body is not JSON: line {}, column {}", error.line(), error.column()))
    };
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[') => {
            let array: Array<'_> = serde_json::from_slice(body).map_err(not_json)?;
            match array.count {
                0 => Err(Problem::new(422, "the array holds no event")),
                1..=limits::EVENTS_PER_CALL => Ok((Shape::Array, array.first.into_iter().map(RawValue::get).collect())),
                sent => {
                    let most = limits::EVENTS_PER_CALL;
                    Err(Problem::new(422, format!("an array holds at most {most} events; this one holds {sent}")))
                }
            }
        }
        Some(b'{') => {
            let event: &RawValue = serde_json::from_slice(body).map_err(not_json)?;
            Ok((Shape::One, vec![event.get()]))
        }
        _ => {
            serde_json::from_slice::<IgnoredAny>(body).map_err(not_json)?;
            Err(Problem::new(422, "the body must be an event or an array of events"))
        }
    }
}

/// An array's first elements, as many as may be sent, and how many there are.
struct Array<'a> {
    first: Vec<&'a RawValue>,
    count: usize,
}

impl<'de> Deserialize<'de> for Array<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Elements)
    }
}

struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Array<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Array<'de>, A::Error> {
        let mut first = Vec::new();
        while first.len() < limits::EVENTS_PER_CALL
            && let Some(element) = elements.next_element()?
        {
            first.push(element);
        }
        let mut count = first.len();
        while elements.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Array { first, count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: Result<(Shape, usize), u16>) {
        let found =
            events(body.as_bytes()).map(|(shape, events)| (shape, events.len())).map_err(|problem| problem.status);
        assert_eq!(found, expected, "{}", &body[..body.len().min(80)]);
    }

    #[test]
    fn one_event_or_an_array_of_up_to_100_is_taken() {
        check(" {} ", Ok((Shape::One, 1)));
        check("\n[{}, [], 1]", Ok((Shape::Array, 3)));
        check(&format!("[{}1]", "1,".repeat(99)), Ok((Shape::Array, 100)));
        check(&format!("[{}1]", "1,".repeat(100)), Err(422));
        check("[]", Err(422));
        for other in ["1", "null", "\"{}\"", "true"] {
            check(other, Err(422));
        }
    }

    #[test]
    fn what_is_not_json_is_refused_whole() {
        for body in ["", " ", "{", "[{}", "[{},]", "{}{}", "[{}] x", "{\"a\":}", "not JSON", "\u{feff}{}"] {
            check(body, Err(400));
        }
        check(&"[".repeat(100_000), Err(400));
        assert_eq!(events(b"{\"a\":\"\xff\"}").map_err(|problem| problem.status).err(), Some(400));
    }
}
