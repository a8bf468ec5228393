//! How a webhook is printed: as a person would like to read it. It prints nothing itself, and every text and name in it
//! goes through [`text`](crate::text) first.

use crate::{
    document::{Bundle, Chat, Document, File, Message},
    download::Had,
    figures::{count, end_hour, grouped, hour},
    screen::{COLUMNS, Paint},
    text,
    webhook::Webhook,
};
use bundler::{
    event::{ChatKind, Direction},
    limits,
    schedule::Schedule,
    settings::History,
    window::{AggregationUnit, Window},
};
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// Lines of a message's text that are shown.
const TEXT_LINES: usize = 3;
/// `│ 09:14 ← `: where a message begins.
const INDENT: usize = 10;
/// Columns for the name of a sender, and of a file.
const SENDER_COLUMNS: usize = 30;
const FILE_COLUMNS: usize = 30;
/// A bundle goes out with the first tick after its shard's turn, which is after its window's grace; what comes later than
/// the tick after that is late.
const PROMPT: Duration = Duration::from_secs(limits::GRACE.as_secs() + limits::SWEEP_SPREAD.as_secs() + 120);

/// The webhook as a card of several lines: whose it is, its messages, and when it came, as what, and whether it is
/// signed. The last line has no line break.
pub(crate) fn card(webhook: &Webhook, schedule: &History<Schedule>, paint: Paint) -> String {
    let head = match &webhook.document {
        Ok(Document::Bundle(bundle)) => head(&bundle.chat, &gathered(webhook, bundle, schedule), paint),
        Ok(Document::Single(single)) => head(&single.chat, "1 message, by itself", paint),
        Err(error) => paint.bad(&text::line(&format!("a document that does not read: {error}"), COLUMNS)),
    };
    let mut lines = vec![head];
    lines.extend(webhook.messages_with_files().flat_map(|(message, had)| of_message(message, had, paint)));
    lines.push(foot(webhook, paint));
    lines.join("\n")
}

fn head(chat: &Chat, details: &str, paint: Paint) -> String {
    let kind = match chat.kind {
        ChatKind::Direct => "direct",
        ChatKind::Group => "group",
    };
    let details = format!(" · {kind} · {details}");
    let name = text::line(&chat.full_name, COLUMNS - details.width() - "┌ ".width());
    format!("{} {}{}", paint.faint("┌"), paint.bold(&name), paint.faint(&details))
}

/// Over which window, and how many messages.
fn gathered(webhook: &Webhook, bundle: &Bundle, schedule: &History<Schedule>) -> String {
    let messages = count(bundle.messages.len(), "message");
    let last = bundle.last_message_timestamp;
    let Some(window) = Window::of(schedule.at(last), AggregationUnit::HOUR, last) else { return messages };
    let late = if webhook.arrived > window.end.plus(PROMPT) { ", delivered later" } else { "" };
    format!("{}–{}{late} · {messages}", hour(window.start), end_hour(window.end))
}

fn of_message(message: &Message, had: Option<&Had>, paint: Paint) -> Vec<String> {
    let sender = text::line(&message.sender.full_name, SENDER_COLUMNS);
    let columns = COLUMNS - INDENT;
    let beside = columns - sender.width() - ": ".width();
    let mut body = text::lines(&message.text, beside, columns, TEXT_LINES);
    if let Some(file) = &message.attachment {
        let file = of_file(file, had, columns);
        if body.is_empty() && file.width() > beside {
            body.push(String::new());
        }
        body.push(file);
    }
    let mut body = body.into_iter();
    let beside = body.next().unwrap_or_default();
    let (arrow, sender) = match message.direction {
        Direction::Received => (paint.received("←"), paint.received(&sender)),
        Direction::Sent => (paint.sent("→"), paint.sent(&sender)),
    };
    let edge = paint.faint("│");
    let mut lines =
        vec![format!("{edge} {} {arrow} {sender}: {beside}", hour(message.timestamp)).trim_end().to_owned()];
    lines.extend(body.map(|line| format!("{edge}{:blank$}{line}", "", blank = INDENT - 1)));
    lines
}

/// What was said of a file, and what its link led to.
fn of_file(File { filename, size, .. }: &File, had: Option<&Had>, columns: usize) -> String {
    let became = match (had, size) {
        (Some(Ok(download)), _) => format!("{} bytes, downloaded", grouped(download.size)),
        (Some(Err(why)), _) => format!("could not be had: {why}"),
        (None, Some(size)) => format!("{} bytes", grouped(*size)),
        (None, None) => "of no known size".to_owned(),
    };
    text::line(&format!("[{}, {became}]", text::line(filename, FILE_COLUMNS)), columns)
}

fn foot(webhook: &Webhook, paint: Paint) -> String {
    let part = webhook.part.split_once('/').unwrap_or_default();
    let part = format!("part {} of {}", text::line(part.0, 4), text::line(part.1, 4));
    let part = match webhook.attempt.as_str() {
        "1" => part,
        attempt => format!("{part} · attempt {}", text::line(attempt, 4)),
    };
    let signature = match webhook.signature {
        Ok(()) => paint.good("signature verified"),
        Err(error) => paint.bad(error),
    };
    let (arrived, id) = (hour(webhook.arrived), text::line(&webhook.id, "msg_".len() + 32));
    format!("{} {signature} {}", paint.faint(&format!("└ {arrived} {id} ·")), paint.faint(&format!("· {part}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use bundler::window::Granularity;
    use serde_json::{Value, json};

    fn shown(change: impl FnOnce(&mut Value)) -> String {
        let (_, mut bodies) = fixtures::played(Granularity::Hours1);
        let (arrived, mut body) = bodies.swap_remove(0);
        change(&mut body);
        card(&fixtures::webhook(arrived, &body), &History::new(Granularity::Hours1.into()), Paint::Plain)
    }

    #[test]
    fn a_card_says_whose_it_is_what_was_said_and_whether_it_is_signed() {
        let card = shown(|_| {});
        let lines: Vec<&str> = card.lines().collect();
        assert_eq!(lines[0], "┌ Margaret \"Peggy\" Ellingham · direct · 08:00–09:00 · 6 messages");
        assert_eq!(lines[1], "│ 08:52 ← Margaret \"Peggy\" Ellingham: Good morning. Your driver has just left,");
        assert_eq!(lines[2], "│         and I am afraid something has gone wrong with my table 😟");
        assert_eq!(lines[8], "│         [IMG_0231.jpg, 1,843,022 bytes, downloaded]");
        assert_eq!(
            *lines.last().expect("a line"),
            "└ 09:01 msg_00be45d77f364e9c847ca8a16d2b1755 · signature verified · part 1 of 1"
        );
    }

    #[test]
    fn nothing_of_a_stranger_reaches_the_terminal_as_a_command_or_makes_a_line_too_long() {
        let hostile = "\u{1b}[2J\u{9b}31m\r\u{8}\u{202e}gpj.exe\u{2066}\u{7f}".repeat(20);
        let card = shown(|body| {
            body["chat"]["full_name"] = json!(hostile);
            let message = &mut body["messages"][3];
            message["text"] = json!(hostile);
            message["sender"]["full_name"] = json!(hostile);
            message["attachment"]["filename"] = json!(hostile);
            message["attachment"]["size"] = json!(9_007_199_254_740_991_u64);
        });
        let unfit = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        for line in card.lines() {
            assert!(!line.contains(unfit), "{line:?}");
            assert!(line.width() <= COLUMNS, "{line}");
        }
    }

    #[test]
    fn a_file_that_could_not_be_had_is_said_to_be_so() {
        let (_, bodies) = fixtures::played(Granularity::Hours1);
        let mut webhook = fixtures::webhook(bodies[0].0, &bodies[0].1);
        webhook.files[3] = Some(Err("its link was answered 403".to_owned()));
        let card = card(&webhook, &History::new(Granularity::Hours1.into()), Paint::Plain);
        assert!(card.contains("│         [IMG_0231.jpg, could not be had: its link was answered 403]"), "{card}");
    }

    #[test]
    fn a_document_that_does_not_read_is_shown_as_such() {
        let card = shown(|body| body["messages"] = json!("\u{1b}[2J"));
        assert!(card.starts_with("a document that does not read: "), "{card}");
        assert!(!card.contains('\u{1b}'));
    }

    #[test]
    fn what_comes_after_its_time_is_said_to_be_late() {
        let (_, bodies) = fixtures::played(Granularity::Hours1);
        let webhook = fixtures::webhook(bodies[0].0.plus(Duration::from_secs(3_600)), &bodies[0].1);
        let card = card(&webhook, &History::new(Granularity::Hours1.into()), Paint::Plain);
        assert!(card.contains("08:00–09:00, delivered later · 6 messages"), "{card}");
    }
}
