//! Names of things: workspaces, webhooks, chats, messages. Each is checked once, here, and opaque afterwards.
//! A name from outside enters a key only through [`KeyPart`], so that none can reach into another's range.

use crate::limits;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::{self, Write};

/// Declares a name that is text under a rule, and that deserializes only if the rule holds.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The name, or what is wrong with it.
            pub fn parse(text: &str) -> Result<Self, String> {
                $check(text).map(|()| Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                $check(&text).map(|()| Self(text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A tenant's id: 1 to 64 of `A-Z a-z 0-9 _ -`.
    WorkspaceId,
    workspace_rule
);
name!(
    /// A webhook's id within its workspace: 1 to 32 of `A-Z a-z 0-9 _ -`. A workspace starts with `default`.
    WebhookId,
    webhook_rule
);
name!(
    /// A chat's id, as upstream names it: 1 to 256 characters without control characters.
    ChatId,
    opaque_rule
);
name!(
    /// A message's id, as upstream names it: 1 to 256 characters without control characters.
    MessageId,
    opaque_rule
);
name!(
    /// A name from outside in the only form that enters a key: see [`KeyPart::of`].
    KeyPart,
    key_part_rule
);

impl WebhookId {
    /// The webhook that a workspace starts with.
    pub fn first() -> Self {
        Self("default".to_owned())
    }
}

impl KeyPart {
    /// Escapes what is not plain by `%` and two hex digits a byte; what is too long then becomes `~` and its SHA-256.
    /// The result has none of `#`, `/` and blanks, is ASCII, at most 256 bytes long, and differs for every id.
    pub fn of(id: &str) -> Self {
        let mut part = String::with_capacity(id.len());
        for byte in id.bytes() {
            if is_plain(byte) {
                part.push(char::from(byte));
            } else {
                push_hex(&mut part, "%", &[byte]);
            }
        }
        if part.len() > limits::KEY_PART_BYTES {
            part.clear();
            push_hex(&mut part, "~", &Sha256::digest(id.as_bytes()));
        }
        Self(part)
    }

    /// The id that it was made of; nothing, of one that was too long.
    pub fn to_id(&self) -> Option<String> {
        let mut bytes = Vec::with_capacity(self.0.len());
        let mut rest = self.0.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'~' => return None,
                b'%' => {
                    let mut half = || char::from(rest.next()?).to_digit(16).and_then(|half| u8::try_from(half).ok());
                    half()? << 4 | half()?
                }
                plain => plain,
            });
        }
        String::from_utf8(bytes).ok()
    }

    /// As log lines say it. An id of WhatsApp's has a person's number in it, in base64: its hash stands for it.
    pub fn in_line(&self) -> String {
        if !self.0.starts_with("wamid.") {
            return self.0.clone();
        }
        let mut hash = String::new();
        push_hex(&mut hash, "wamid~", &Sha256::digest(self.0.as_bytes())[..16]);
        hash
    }

    /// Stands for the chat of a test delivery. `of` makes it of no id: it escapes a `~`, and what it hashes is longer.
    pub fn of_tests() -> Self {
        Self("~test".to_owned())
    }
}

/// Lower-case hex of `bytes`, behind `prefix`.
pub fn push_hex(to: &mut String, prefix: &str, bytes: &[u8]) {
    to.push_str(prefix);
    for byte in bytes {
        // Writing to a String does not fail.
        let _ = write!(to, "{byte:02x}");
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.:@+=".contains(&byte)
}

fn workspace_rule(text: &str) -> Result<(), String> {
    own_rule(text, limits::WORKSPACE_ID_CHARS)
}

fn webhook_rule(text: &str) -> Result<(), String> {
    own_rule(text, limits::WEBHOOK_ID_CHARS)
}

fn own_rule(text: &str, most: usize) -> Result<(), String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if plain && (1..=most).contains(&text.len()) {
        Ok(())
    } else {
        Err(format!("must be 1 to {most} letters, digits, hyphens and underscores"))
    }
}

fn opaque_rule(text: &str) -> Result<(), String> {
    if text.is_empty() {
        Err("must not be empty".to_owned())
    } else if text.chars().count() > limits::ID_CHARS {
        Err(format!("must have at most {} characters", limits::ID_CHARS))
    } else if text.chars().any(char::is_control) {
        Err("must not hold control characters".to_owned())
    } else {
        Ok(())
    }
}

fn key_part_rule(text: &str) -> Result<(), String> {
    let plain = text.bytes().all(|byte| is_plain(byte) || b"%~".contains(&byte));
    if plain && (1..=limits::KEY_PART_BYTES).contains(&text.len()) {
        Ok(())
    } else {
        Err("is not an escaped id".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_id_reaches_into_anothers_range() {
        let hostile =
            ["a", "a#b", "a/b", "a b", "a%23b", "a~", "~a", "א", "a\u{202e}b", "%", "%25", "#", &"x".repeat(256)];
        let parts: BTreeSet<_> = hostile.iter().map(|id| KeyPart::of(id)).collect();
        assert_eq!(parts.len(), hostile.len(), "two ids share a key");
        for part in &parts {
            assert!(part.as_str().bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#' && byte != b'/'));
            assert!(part.as_str().len() <= limits::KEY_PART_BYTES);
            assert_eq!(KeyPart::parse(part.as_str()).as_ref(), Ok(part));
        }
    }

    #[test]
    fn a_line_says_no_id_that_a_number_can_be_read_from() {
        let whatsapps = KeyPart::of("wamid.HBgLMTU1NTAwMDExMTEVAgASGBQA");
        assert!(whatsapps.in_line().starts_with("wamid~") && !whatsapps.in_line().contains("MTU1NTAwMDExMTEV"));
        assert_ne!(whatsapps.in_line(), KeyPart::of("wamid.other").in_line());
        assert_eq!(KeyPart::of("ddfskh sd76").in_line(), "ddfskh%20sd76");
    }

    #[test]
    fn no_chat_has_the_lane_of_tests() {
        let tests = KeyPart::of_tests();
        assert_eq!(KeyPart::parse(tests.as_str()).as_ref(), Ok(&tests), "it reads back from a key");
        for id in ["~test", "test", "%7etest", &"~".repeat(256)] {
            assert_ne!(KeyPart::of(id), tests, "{id}");
        }
    }

    #[test]
    fn an_id_too_long_for_a_key_is_hashed_and_stays_its_own() {
        let (one, other) = ("א".repeat(256), format!("{}ב", "א".repeat(255)));
        assert!(KeyPart::of(&one).as_str().starts_with('~'));
        assert_ne!(KeyPart::of(&one), KeyPart::of(&other));
    }

    #[test]
    fn names_are_held_to_their_rules() {
        assert!(WorkspaceId::parse("acme-1_B").is_ok());
        for bad in ["", "a b", "a#b", "a/b", "é", "a\0", &"w".repeat(65)] {
            assert!(WorkspaceId::parse(bad).is_err(), "{bad:?}");
        }
        assert!(WebhookId::parse(&"h".repeat(32)).is_ok());
        assert!(WebhookId::parse(&"h".repeat(33)).is_err());
        assert!(ChatId::parse("a#b / c").is_ok());
        for bad in ["", "a\0b", "a\nb", "a\u{85}b", &"c".repeat(257), &"c".repeat(10_000)] {
            assert!(ChatId::parse(bad).is_err(), "{bad:?}");
        }
        assert!(serde_json::from_str::<ChatId>("\"\"").is_err(), "a rule that reading goes around");
    }
}
