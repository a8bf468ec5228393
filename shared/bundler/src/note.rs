//! The `aggregation` field: a bundle as a note in HTML, ready for a CRM. Its texts and names are hostile until escaped:
//! the only tags that it ever holds are `<br/>` and one closed link.

use crate::event::{Event, Message};
use std::fmt::Write;

/// One line for each message, and a link to the first of them in the platform (to the chat, if it has no link).
pub fn aggregation(messages: &[Event], platform: &str) -> String {
    let mut note = String::new();
    for event in messages {
        line(&mut note, &event.message);
        note.push_str("<br/>");
    }
    if let Some(first) = messages.first() {
        let link = first.message.permalink.as_ref().unwrap_or(&first.chat.url);
        note.push_str("Click <a href='");
        escape(&mut note, link.as_str());
        note.push_str("'>here</a> to open the conversation in ");
        escape(&mut note, platform);
    }
    note
}

/// `from John Doe on 2021-02-24 16:25: Hi! How are you?`, and the file's name if there is one.
fn line(note: &mut String, message: &Message) {
    note.push_str("from ");
    name(note, &message.sender.full_name);
    // Writing to a String does not fail.
    let _ = write!(note, " on {}: ", message.timestamp.minute());
    text(note, &message.text);
    if let Some(attachment) = &message.attachment {
        if !message.text.is_empty() {
            note.push(' ');
        }
        note.push_str("[file: ");
        name(note, &attachment.filename);
        note.push(']');
    }
}

/// A text, its line breaks as `<br/>`.
fn text(note: &mut String, text: &str) {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => note.push_str("<br/>"),
            _ => escape_character(note, character),
        }
    }
}

fn name(note: &mut String, name: &str) {
    name.chars().filter_map(in_one_line).for_each(|character| escape_character(note, character));
}

/// A character of a name that has to stay on its line and in its direction: line breaks become blanks, and what turns the
/// writing direction of the text behind it is left out.
pub fn in_one_line(character: char) -> Option<char> {
    match character {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        plain => Some(plain),
    }
}

fn escape(note: &mut String, text: &str) {
    text.chars().for_each(|character| escape_character(note, character));
}

fn escape_character(note: &mut String, character: char) {
    match character {
        '&' => note.push_str("&amp;"),
        '<' => note.push_str("&lt;"),
        '>' => note.push_str("&gt;"),
        '"' => note.push_str("&quot;"),
        '\'' => note.push_str("&#39;"),
        '\t' => note.push('\t'),
        control if control.is_control() => {}
        // U+FFFE and U+FFFF are no characters, and XML readers refuse a document that holds them.
        '\u{fffe}' | '\u{ffff}' => {}
        plain => note.push(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{native, samples};
    use serde_json::json;

    fn note_of(change: impl FnOnce(&mut serde_json::Value)) -> String {
        let mut value = samples::message("2021-02-24T16:25:29+0000", "1", "lorem ipsum");
        change(&mut value);
        let note = aggregation(&[native::parse(&value, "").expect("an event")], "TimelinesAI");
        note.strip_suffix(
            "<br/>Click <a href='https://app.timelines.ai/chat/10010001/messages/'>here</a> to open the conversation in TimelinesAI",
        )
        .expect("the closing sentence")
        .to_owned()
    }

    #[test]
    fn markup_in_a_text_or_name_arrives_as_text() {
        let note = note_of(|value| {
            value["message"]["text"] = json!("<b>50 % off</b> & \"more\" it's");
            value["message"]["sender"]["full_name"] = json!("<script>alert('hi')</script>");
        });
        assert_eq!(
            note,
            "from &lt;script&gt;alert(&#39;hi&#39;)&lt;/script&gt; on 2021-02-24 16:25: \
             &lt;b&gt;50 % off&lt;/b&gt; &amp; &quot;more&quot; it&#39;s"
        );
    }

    #[test]
    fn line_breaks_of_every_kind_become_one_br() {
        let note = note_of(|value| value["message"]["text"] = json!("a\nb\r\nc\rd\u{2028}e\n\nf"));
        assert!(note.ends_with(": a<br/>b<br/>c<br/>d<br/>e<br/><br/>f"), "{note}");
    }

    #[test]
    fn a_message_with_a_file_says_so_in_its_line() {
        let attachment = samples::native()["message"]["attachment"].clone();
        let with_text = note_of(|value| value["message"]["attachment"] = attachment.clone());
        assert!(with_text.ends_with(": lorem ipsum [file: someimage.png]"), "{with_text}");
        let without_text = note_of(|value| {
            value["message"]["attachment"] = attachment;
            value["message"]["text"] = json!(null);
        });
        assert!(without_text.ends_with(": [file: someimage.png]"), "{without_text}");
    }

    #[test]
    fn a_name_cannot_break_its_line_or_turn_the_writing_direction() {
        let note = note_of(|value| value["message"]["sender"]["full_name"] = json!("a\nb\u{202e}c\u{0}d"));
        assert!(note.starts_with("from a bcd on "), "{note}");
    }

    #[test]
    fn the_link_is_the_first_messages_own_and_the_chats_if_it_has_none() {
        let mut first = samples::message("2021-02-24T16:25:29+0000", "1", "a");
        first["message"]["permalink"] = json!("https://app.timelines.ai/permalink/1/?a=1&b=2");
        let second = samples::message("2021-02-24T16:30:29+0000", "2", "b");
        let events = [first, second].map(|value| native::parse(&value, "").expect("an event"));
        let link = "<a href='https://app.timelines.ai/permalink/1/?a=1&amp;b=2'>here</a> to open the conversation in A &amp; B";
        assert!(aggregation(&events, "A & B").ends_with(link));
    }
}
