//! A URL with places for a chat's id, its phone number and a message's id: how links into a company's own inbox or CRM
//! are made. It is checked when it is set, so that what it makes is a link that is safe to show.

use crate::{event::HttpUrl, limits};
use serde::{Deserialize, Serialize};

/// What a template may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    ChatId,
    Phone,
    MessageId,
}

impl Place {
    pub const ALL: [Self; 3] = [Self::ChatId, Self::Phone, Self::MessageId];

    pub fn name(self) -> &'static str {
        match self {
            Self::ChatId => "chat_id",
            Self::Phone => "phone",
            Self::MessageId => "message_id",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.name() == name)
    }
}

/// What the places are filled with. What is empty cannot be filled in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filling<'a> {
    pub chat_id: &'a str,
    pub phone: &'a str,
    pub message_id: &'a str,
}

impl<'a> Filling<'a> {
    fn of(&self, place: Place) -> &'a str {
        match place {
            Place::ChatId => self.chat_id,
            Place::Phone => self.phone,
            Place::MessageId => self.message_id,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UrlTemplate {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Place),
}

impl UrlTemplate {
    /// The template, or what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().count() > limits::URL_TEMPLATE_CHARS {
            return Err(format!("must have at most {} characters", limits::URL_TEMPLATE_CHARS));
        }
        let template = Self { text: text.to_owned(), parts: parts(text)? };
        // Where a host or a user's name could be made of what a stranger sent, a link could lead anywhere.
        let behind_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
        if behind_scheme.split(['/', '?', '#']).next().is_some_and(|host| host.contains('{')) {
            return Err("must not have a place in its host".to_owned());
        }
        let sample = Filling { chat_id: "c", phone: "+1", message_id: "m" };
        HttpUrl::parse(&template.filled(&sample).unwrap_or_default()).map(|_| template)
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn names(&self, place: Place) -> bool {
        self.parts.contains(&Part::Place(place))
    }

    /// The link; nothing if something that it names is empty, or if it becomes too long.
    pub fn fill(&self, filling: &Filling<'_>) -> Option<HttpUrl> {
        HttpUrl::parse(&self.filled(filling)?).ok()
    }

    fn filled(&self, filling: &Filling<'_>) -> Option<String> {
        let mut url = String::with_capacity(self.text.len());
        for part in &self.parts {
            match part {
                Part::Text(text) => url.push_str(text),
                Part::Place(place) => match filling.of(*place) {
                    "" => return None,
                    value => push_encoded(&mut url, value),
                },
            }
        }
        Some(url)
    }
}

fn parts(text: &str) -> Result<Vec<Part>, String> {
    let names = Place::ALL.map(|place| format!("{{{}}}", place.name())).join(", ");
    let stray = || format!("must have braces only around a place: {names}");
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}').ok_or_else(stray)?;
        let place = Place::parse(name).ok_or_else(|| format!("names a place that is not known; known are {names}"))?;
        parts.extend([Part::Text(before.to_owned()), Part::Place(place)]);
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    let is_stray = |part: &Part| match part {
        Part::Text(text) => text.contains('}'),
        Part::Place(_) => false,
    };
    if parts.iter().any(is_stray) { Err(stray()) } else { Ok(parts) }
}

/// Everything but RFC 3986's unreserved characters is escaped: a value stays within its place.
fn push_encoded(url: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            crate::id::push_hex(url, "%", &[byte]);
        }
    }
}

impl TryFrom<String> for UrlTemplate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<UrlTemplate> for String {
    fn from(template: UrlTemplate) -> Self {
        template.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILLING: Filling<'_> = Filling { chat_id: "wa_0/1", phone: "+972 54", message_id: "a&b=\u{202e}\"" };

    #[test]
    fn every_place_is_filled_and_none_is_left_by_what_fills_it() {
        let template = UrlTemplate::parse("https://crm.example.org/{chat_id}?p={phone}&m={message_id}#{chat_id}");
        let url = template.expect("a template").fill(&FILLING).expect("a link");
        assert_eq!(url.as_str(), "https://crm.example.org/wa_0%2f1?p=%2b972%2054&m=a%26b%3d%e2%80%ae%22#wa_0%2f1");
    }

    #[test]
    fn a_template_without_a_value_makes_no_link() {
        let template = UrlTemplate::parse("https://crm.example.org/{phone}").expect("a template");
        assert_eq!(template.fill(&Filling { phone: "", ..FILLING }), None);
        let plain = UrlTemplate::parse("https://crm.example.org/").expect("a template");
        assert!(plain.fill(&Filling::default()).is_some());
        assert_eq!(template.fill(&Filling { phone: &"9".repeat(limits::URL_CHARS), ..FILLING }), None);
    }

    #[test]
    fn what_is_no_template_is_refused_and_not_repeated() {
        for bad in [
            "",
            "javascript:{chat_id}",
            "https://{chat_id}.example.org/",
            "https://{phone}",
            "https://a/{secret}",
            "https://a/{}",
            "https://a/{chat_id",
            "https://a/chat_id}",
            "https://a/{{chat_id}}",
            "https://a/ {chat_id}",
            "https://a/\"{chat_id}",
            &format!("https://a/{}", "b".repeat(limits::URL_TEMPLATE_CHARS)),
        ] {
            let error = UrlTemplate::parse(bad).expect_err(bad);
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn it_reads_back_as_it_was_written() {
        let template = UrlTemplate::parse("https://a.example/{chat_id}").expect("a template");
        let json = serde_json::to_string(&template).expect("JSON");
        assert_eq!(json, "\"https://a.example/{chat_id}\"");
        assert_eq!(serde_json::from_str::<UrlTemplate>(&json).expect("a template"), template);
        assert!(template.names(Place::ChatId) && !template.names(Place::Phone));
    }
}
