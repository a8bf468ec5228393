//! The owner's pages as a browser gets them: the real router over the memory adapters, forms and all.

mod accounts;
mod adding;
mod deciding;
mod looking;
mod many;
mod saving;
mod who;

use super::{Asker, Desk, Told};
use bundler::portal::{Grant, Session, csrf};
use url::form_urlencoded;

/// The page of the webhook that most is about.
const PAGE: &str = "/workspaces/acme/webhooks/default";

/// A browser with a session.
pub(super) struct Browser<'a> {
    desk: &'a Desk,
    session: Session,
}

impl<'a> Browser<'a> {
    pub(super) fn new(desk: &'a Desk) -> Self {
        Self { desk, session: desk.session("acme", Grant::Full) }
    }

    fn asker(&self) -> Asker {
        self.desk.cookie(&self.session).with("sec-fetch-site", "same-origin")
    }

    pub(super) fn look(&self, path: &str) -> Told {
        self.desk.ask(&self.asker(), "GET", path, None)
    }

    /// Sends a form with its token.
    fn send(&self, path: &str, fields: &[(&str, &str)]) -> Told {
        let token = csrf::token(&self.desk.root, &self.session);
        let fields: Vec<_> = [("csrf", token.reveal())].into_iter().chain(fields.iter().copied()).collect();
        send(self.desk, &self.asker().with("origin", super::ORIGIN), path, &fields)
    }
}

fn send(desk: &Desk, asker: &Asker, path: &str, fields: &[(&str, &str)]) -> Told {
    let asker = asker.clone().with("content-type", "application/x-www-form-urlencoded");
    desk.ask_raw(&asker, "POST", path, encoded(fields).into_bytes())
}

fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Told {
    /// The text of the page without its tags, on one line.
    pub(super) fn words(&self) -> String {
        let html = self.text();
        let mut words = String::new();
        let mut is_within = false;
        for letter in html.chars() {
            match letter {
                '<' => is_within = true,
                '>' => {
                    is_within = false;
                    words.push(' ');
                }
                letter if !is_within => words.push(letter),
                _ => {}
            }
        }
        let words = words.replace("&#39;", "'").replace("&#34;", "\"").replace("&#60;", "<").replace("&#62;", ">");
        let words = words.replace("&#38;", "&").replace("&nbsp;", " ");
        words.split_whitespace().collect::<Vec<_>>().join(" ").replace(" .", ".").replace(" ,", ",").replace(" :", ":")
    }

    /// What the field of this name holds.
    fn value(&self, name: &str) -> String {
        let html = self.text();
        let field = html.split('<').find(|tag| tag.contains(&format!("name=\"{name}\"")));
        let field = field.unwrap_or_else(|| panic!("no field {name}"));
        field.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    }

    pub(super) fn says(&self, words: &str) {
        assert!(self.words().contains(words), "{words:?} is not in: {}", self.words());
    }
}
