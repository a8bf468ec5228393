//! Who is known to have written a change's messages, found by user id or number.

use super::fields::{first, text};
use serde_json::{Value, value::RawValue};
use std::collections::BTreeMap;

/// What a change says of one person; what it does not say is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Contact {
    pub(super) user_id: String,
    /// The number, but for a few countries where WhatsApp writes it in another way.
    pub(super) wa_id: String,
    pub(super) name: String,
}

#[derive(Default)]
pub(super) struct Contacts {
    all: Vec<Contact>,
    /// By user ids, which have a letter, and by numbers, which have none.
    known: BTreeMap<String, usize>,
}

impl Contacts {
    pub(super) fn read(raw: Vec<&RawValue>) -> Self {
        let read = raw.into_iter().filter_map(|raw| serde_json::from_str(raw.get()).ok());
        let all: Vec<Contact> = read.map(|contact: Value| Contact::of(&contact)).collect();
        let mut known = BTreeMap::new();
        for (index, contact) in all.iter().enumerate() {
            for name in [&contact.user_id, &contact.wa_id] {
                if !name.is_empty() {
                    known.insert(name.clone(), index);
                }
            }
        }
        Self { all, known }
    }

    /// The contact of a person, of whom one of both may be empty: by id, by number, or the only one that there is.
    pub(super) fn find(&self, id: &str, phone: &str) -> Contact {
        let known = [id, phone.trim_start_matches('+')].iter().find_map(|name| self.known.get(*name));
        let found = match (known, &self.all[..]) {
            (Some(index), all) => all.get(*index),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        found.cloned().unwrap_or_default()
    }
}

impl Contact {
    fn of(contact: &Value) -> Self {
        let profile = first(&contact["profile"], &["name", "username"]);
        let name = if profile.is_empty() { text(contact, "username") } else { profile };
        let [user_id, wa_id] = ["user_id", "wa_id"].map(|field| text(contact, field).to_owned());
        Self { user_id, wa_id, name: name.to_owned() }
    }
}
