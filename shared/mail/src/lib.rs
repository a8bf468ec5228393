//! How a mail to an owner reads: the facts of a letter become a subject, a text and a page of HTML that says the same.
//! It sends nothing, and reads no clock: what is said is said by the facts alone.

mod errors;
mod quantities;
mod words;

use askama::Template;
use bundler::mail::{Letter, Mail};
use words::Words;

/// The mail as plain text.
#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct Text<'a> {
    words: &'a Words,
}

/// The mail as a page: one column of 600 pixels, styles with each element because many mail programs drop all others,
/// nothing that has to be fetched. Every value is escaped.
#[derive(Template)]
#[template(path = "mail.html", escape = "html")]
struct Page<'a> {
    words: &'a Words,
}

/// The mail that tells this.
pub fn compose(letter: &Letter) -> Mail {
    let words = words::of(letter);
    // Rendering fails only where writing does, and writing to a String does not.
    let text = Text { words: &words }.render().unwrap_or_default();
    let html = Page { words: &words }.render().unwrap_or_default();
    Mail { subject: words.subject, text, html }
}
