//! Which messages a webhook wants: an owner's choice by direction, kind of chat and WhatsApp account. It decides by the
//! event alone, and says nothing of what it lets through.

use crate::{
    event::{ChatKind, Direction, Event},
    limits,
};
use serde::{Deserialize, Serialize};

/// Everything, until the owner narrows it. What stands in several of its fields must all be so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Nothing: both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Nothing: both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chats: Option<ChatKind>,
    /// The phone numbers of the accounts. None: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<Phone>,
}

/// A phone number by its digits: how it is grouped says nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Phone(String);

impl Phone {
    /// Takes a number as people write it: digits, with blanks, hyphens, dots, brackets, and a plus before them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let is_grouping = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')');
        let rest = text.strip_prefix('+').unwrap_or(text);
        if !rest.chars().all(|c| c.is_ascii_digit() || is_grouping(c)) {
            return Err("must be a phone number: digits, with a + before them".to_owned());
        }
        // E.164 knows up to 15 digits.
        if (4..=15).contains(&digits.len()) { Ok(Self(digits)) } else { Err("must have 4 to 15 digits".to_owned()) }
    }

    /// With the plus of an international number.
    pub fn text(&self) -> String {
        format!("+{}", self.0)
    }
}

impl TryFrom<String> for Phone {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl Filter {
    /// Lets through what these accounts are in; the error says what is wrong about them.
    pub fn of_accounts(self, mut accounts: Vec<Phone>) -> Result<Self, String> {
        accounts.sort_unstable();
        accounts.dedup();
        if accounts.len() > limits::FILTER_ACCOUNTS {
            return Err(format!("must be at most {} accounts", limits::FILTER_ACCOUNTS));
        }
        Ok(Self { accounts, ..self })
    }

    pub fn accounts(&self) -> &[Phone] {
        &self.accounts
    }

    /// Lets through only what goes this way.
    #[must_use]
    pub fn of_direction(self, direction: Direction) -> Self {
        Self { direction: Some(direction), ..self }
    }

    /// Lets through only what such chats hold.
    #[must_use]
    pub fn of_chats(self, kind: ChatKind) -> Self {
        Self { chats: Some(kind), ..self }
    }

    /// Whether everything is let through.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    pub fn wants(&self, event: &Event) -> bool {
        let is_account = |event: &Event| {
            self.accounts.is_empty() || Phone::parse(&event.account.phone).is_ok_and(|of| self.accounts.contains(&of))
        };
        self.direction.is_none_or(|direction| direction == event.message.direction)
            && self.chats.is_none_or(|kind| kind == event.chat.kind)
            && is_account(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::tests::event;

    #[test]
    fn what_an_owner_does_not_narrow_is_let_through() {
        assert!(Filter::default().wants(&event()) && Filter::default().is_open());
    }

    #[test]
    fn each_choice_narrows_by_itself_and_all_of_them_have_to_hold() {
        let event = event();
        let (own, other) = match event.message.direction {
            Direction::Received => (Direction::Received, Direction::Sent),
            Direction::Sent => (Direction::Sent, Direction::Received),
        };
        let (kind, other_kind) = match event.chat.kind {
            ChatKind::Direct => (ChatKind::Direct, ChatKind::Group),
            ChatKind::Group => (ChatKind::Group, ChatKind::Direct),
        };
        let account = Phone::parse(&event.account.phone).expect("a number");
        let another = Phone::parse("+15550001").expect("a number");
        for directions in [(None, true), (Some(own), true), (Some(other), false)] {
            for chats in [(None, true), (Some(kind), true), (Some(other_kind), false)] {
                for accounts in
                    [(vec![], true), (vec![another.clone()], false), (vec![another.clone(), account.clone()], true)]
                {
                    let filter = Filter { direction: directions.0, chats: chats.0, accounts: Vec::new() };
                    let filter = filter.of_accounts(accounts.0).expect("few accounts");
                    assert_eq!(filter.wants(&event), directions.1 && chats.1 && accounts.1, "{filter:?}");
                }
            }
        }
    }

    #[test]
    fn a_number_is_its_digits_however_it_is_written() {
        let digits = Phone::parse("+972500000000").expect("a number");
        for same in ["972500000000", "+972 50 000 0000", "(972) 50-000.0000"] {
            assert_eq!(Phone::parse(same), Ok(digits.clone()), "{same}");
        }
        for bad in ["", "+", "123", "1234567890123456", "+97250000000x", "++97250000000", "<b>97250000000", "٣٤٥٦٧"]
        {
            assert!(Phone::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(digits.text(), "+972500000000");
    }

    #[test]
    fn an_account_without_a_number_is_none_of_those_that_are_named() {
        let mut event = event();
        event.account.phone = String::new();
        let filter = Filter::default().of_accounts(vec![Phone::parse("+15550001").expect("a number")]);
        assert!(!filter.expect("one account").wants(&event));
    }

    #[test]
    fn too_many_accounts_are_refused_and_one_named_twice_is_one() {
        let phones = |count: usize| (0..count).map(|n| Phone::parse(&format!("+1555{n:04}")).expect("a number"));
        assert!(Filter::default().of_accounts(phones(limits::FILTER_ACCOUNTS + 1).collect()).is_err());
        let twice = phones(limits::FILTER_ACCOUNTS).chain(phones(limits::FILTER_ACCOUNTS)).collect();
        assert_eq!(Filter::default().of_accounts(twice).expect("as many").accounts().len(), limits::FILTER_ACCOUNTS);
    }
}
