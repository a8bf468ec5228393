//! A third adapter, as `infra/upstreams.md` shows it: an imaginary gateway that posts one JSON object for each message and
//! signs with a token in a header. Everything that is the gateway's own stands between the two lines.

use super::{Around, door::SENT};
use crate::world::at;
use serde_json::json;

// ---- The adapter ----

mod gateway {
    use bundler::{
        event::{Attachment, Direction, HttpUrl, Incoming},
        file::Source,
        header::CustomHeaders,
        timestamp::Timestamp,
        upstream::{Person, Reader, Refused, Room, Said},
    };
    use serde::Deserialize;
    use subtle::ConstantTimeEq;

    /// A message as the gateway tells it. Fields that nobody reads are left out here.
    #[derive(Deserialize)]
    struct Told {
        number: String,
        from: String,
        #[serde(default)]
        name: String,
        #[serde(default)]
        group: String,
        id: String,
        time: String,
        #[serde(default)]
        text: String,
        file: Option<File>,
    }

    #[derive(Deserialize)]
    struct File {
        url: String,
        name: String,
        mimetype: String,
    }

    /// The verification: whether the caller knows the token, in constant time.
    pub(super) fn is_known(token: &str, header: Option<&str>) -> bool {
        let header = header.unwrap_or_default();
        !token.is_empty() && bool::from(token.as_bytes().ct_eq(header.as_bytes()))
    }

    /// The pure function from a call to events.
    pub(super) fn read(reader: &Reader<'_>, body: &[u8]) -> Result<Incoming, Refused> {
        let told: Told = serde_json::from_slice(body).map_err(|_| Refused::Unreadable)?;
        let timestamp = Timestamp::parse(&told.time).ok_or(Refused::NoTimestamp)?;
        let room = if told.group.is_empty() { Room::Direct } else { Room::Group(&told.group) };
        let file = told.file.and_then(|file| {
            let url = HttpUrl::parse(&file.url).ok()?;
            let attachment = Attachment { filename: file.name, size: None, mimetype: file.mimetype };
            Some((attachment, Source::Url { url, headers: CustomHeaders::default() }))
        });
        reader.event(Said {
            account: &told.number,
            account_phone: &told.number,
            room,
            person: Person { id: "", name: &told.name, phone: &told.from },
            direction: Direction::Received,
            id: &told.id,
            timestamp,
            text: told.text,
            file,
        })
    }
}

// ---- Its tests ----

#[test]
fn a_third_adapter_is_a_verification_and_a_pure_function() {
    let told = json!({
        "number": "+15550002222", "from": "15550001111", "name": "Sam Rivers", "id": "g-1", "time": SENT,
        "text": "Hello", "file": { "url": "https://gateway.example.org/f/1", "name": "a.pdf", "mimetype": "application/pdf" },
    });
    let around = Around::default();
    let incoming = gateway::read(&around.reader(), told.to_string().as_bytes()).expect("a message");
    let message = incoming.event.message;
    assert_eq!((message.sender.full_name.as_str(), message.sender.phone.as_str()), ("Sam Rivers", "+15550001111"));
    assert_eq!((message.text.as_str(), message.timestamp), ("Hello", at(SENT)));
    assert!(message.attachment.is_some() && incoming.source.is_some());
    assert!(gateway::read(&around.reader(), b"{}").is_err());
    assert!(gateway::is_known("token", Some("token")));
    for (token, header) in [("token", None), ("token", Some("toke")), ("", None), ("", Some(""))] {
        assert!(!gateway::is_known(token, header), "{header:?}");
    }
}

#[test]
fn it_has_fewer_than_150_lines() {
    assert!(include_str!("third.rs").lines().count() < 150);
}
