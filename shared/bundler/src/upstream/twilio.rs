//! Twilio's webhook for WhatsApp: a form for each message, as "Twilio's request to your incoming message webhook URL"
//! describes it. A form says not when its message was sent; so it is told the moment at which it first came.

use super::{
    credentials::Credentials,
    event::{Person, Reader, Refused, Room, Said},
    form, media, phrases,
};
use crate::{
    event::{Attachment, Direction, HttpUrl, Incoming},
    file::Source,
    header::CustomHeaders,
    limits,
    timestamp::Timestamp,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use std::{borrow::Cow, collections::BTreeMap};

/// A form's fields. Of one that comes twice, the last.
pub struct Form<'a>(BTreeMap<Cow<'a, str>, Cow<'a, str>>);

/// Whether the `X-Twilio-Signature` header is that of the call, with any of the account's tokens, in a time that does not
/// depend on how much of it is right. `url` is the one that Twilio was told, to the letter.
pub fn is_signed(credentials: &Credentials, signature: Option<&str>, url: &str, form: &str) -> bool {
    let Some(signature) = signature.and_then(|text| STANDARD.decode(text).ok()) else { return false };
    let mut pairs: Vec<_> = form::pairs(form).collect();
    pairs.sort();
    // As Twilio's own libraries do with a field that comes twice with the same value.
    pairs.dedup();
    credentials.twilio_auth_tokens.iter().fold(false, |found, token| {
        let mut mac = keyed(token);
        mac.update(url.as_bytes());
        for (name, value) in &pairs {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
        // All are looked at, so that the time taken does not tell which one signs.
        found | mac.verify_slice(&signature).is_ok()
    })
}

fn keyed(token: &str) -> Hmac<Sha1> {
    Hmac::new_from_slice(token.as_bytes()).expect("HMAC takes a key of any length")
}

impl<'a> Form<'a> {
    pub fn read(form: &'a str) -> Self {
        Self(form::pairs(form).collect())
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).map(Cow::as_ref).unwrap_or_default()
    }

    fn first(&self, names: &[&str]) -> &str {
        names.iter().map(|name| self.text(name)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// The id of the message that came in; nothing, of what tells how one of the business's own fares.
    pub fn message_id(&self) -> Option<&str> {
        let is_received = |name| ["", "received", "receiving"].contains(&self.text(name));
        let is_message = is_received("MessageStatus") && is_received("SmsStatus");
        is_message.then(|| self.first(&["MessageSid", "SmsMessageSid", "SmsSid"]))
    }
}

/// The events of a form that first came then: one, and another for each further file.
pub fn read(reader: &Reader<'_>, form: &Form<'_>, came: Timestamp) -> Vec<Result<Incoming, Refused>> {
    let id = form.message_id().unwrap_or_default();
    let files = form.text("NumMedia").parse::<usize>().unwrap_or(0).min(limits::TWILIO_FILES);
    let from = address(form.text("From"));
    let phone = if from.starts_with('+') { from } else { form.text("WaId") };
    let said = |index: usize, id: &str| {
        let file = if index < files { file(form, index, came) } else { None };
        let lost = if index < files && file.is_none() { "A file that Twilio did not hand on" } else { "" };
        let words = if index == 0 { words(form, files) } else { String::new() };
        reader.event(Said {
            account: address(form.text("To")),
            account_phone: address(form.text("To")),
            room: Room::Direct,
            person: Person { id: "", name: form.text("ProfileName"), phone },
            direction: Direction::Received,
            id,
            timestamp: came,
            text: phrases::joined([lost, &words], "\n"),
            file,
        })
    };
    (0..files.max(1))
        .map(|index| if index == 0 { said(0, id) } else { said(index, &format!("{id}-{index}")) })
        .collect()
}

/// A number without the channel that stands before it.
fn address(text: &str) -> &str {
    text.strip_prefix("whatsapp:").unwrap_or(text)
}

/// What a person reads beside the first file, or of a message without any.
fn words(form: &Form<'_>, files: usize) -> String {
    let number = |name| form.text(name).parse::<f64>().ok().filter(|number| number.is_finite());
    let at = number("Latitude").zip(number("Longitude"));
    let place = at.map(|_| phrases::location(form.text("Label"), form.text("Address"), at)).unwrap_or_default();
    let words = phrases::joined([form.first(&["Body", "ButtonText"]), &place], "\n");
    if form.text("Forwarded") == "true" || form.text("FrequentlyForwarded") == "true" {
        phrases::forwarded(&words)
    } else if words.is_empty() && files == 0 {
        "A message that Twilio does not hand on".to_owned()
    } else {
        words
    }
}

fn file(form: &Form<'_>, index: usize, came: Timestamp) -> Option<(Attachment, Source)> {
    let url = HttpUrl::parse(form.text(&format!("MediaUrl{index}"))).ok()?;
    let mimetype = form.text(&format!("MediaContentType{index}"));
    let kind = ["image", "video", "audio"].into_iter().find(|kind| mimetype.starts_with(kind)).unwrap_or("document");
    let attachment = media::attachment(kind, "", mimetype, came);
    let source =
        if is_twilios(&url) { Source::Twilio { url } } else { Source::Url { url, headers: CustomHeaders::default() } };
    Some((attachment, source))
}

/// Whether a link leads to Twilio itself: the account's credentials go there, and nowhere else.
fn is_twilios(url: &HttpUrl) -> bool {
    let rest = url.as_str().strip_prefix("https://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let host = authority.strip_suffix(":443").unwrap_or(&authority);
    // No user's name, no other port: what is left is a host.
    let is_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    is_host && (host == "twilio.com" || host.ends_with(".twilio.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_to_twilio_and_to_nobody_who_looks_like_it() {
        let check = |url: &str| is_twilios(&HttpUrl::parse(url).expect(url));
        for own in ["https://api.twilio.com/2010-04-01/x", "https://API.TWILIO.COM:443", "https://mcs.us1.twilio.com?x"]
        {
            assert!(check(own), "{own}");
        }
        for other in [
            "http://api.twilio.com/",
            "https://twilio.com.evil.example/",
            "https://eviltwilio.com/",
            "https://api.twilio.com@evil.example/",
            "https://evil.example/@api.twilio.com",
            "https://evil.example#.twilio.com",
            "https://evil.example?.twilio.com",
            "https://api.twilio.com:8443/",
            "https://api.twilio.com%2eevil.example/",
        ] {
            assert!(!check(other), "{other}");
        }
    }
}
