//! Texts of strangers, made fit for a terminal: nothing in them that it would obey, and no line that is too long.

use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text, with every character spelled out that a terminal would obey instead of showing it, or that turns the
/// writing direction of what stands around it: `<U+202E>`. Tabs become blanks.
pub(crate) fn neutral(text: &str) -> String {
    let mut neutral = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => neutral.push(' '),
            hostile if is_hostile(hostile) => {
                // Writing to a String does not fail.
                let _ = write!(neutral, "<U+{:04X}>", u32::from(hostile));
            }
            plain => neutral.push(plain),
        }
    }
    neutral
}

/// The text in one line of at most `columns`, neutral, cut by an ellipsis where it is longer.
pub(crate) fn line(text: &str, columns: usize) -> String {
    let words = neutral(&text.split(is_break).collect::<Vec<_>>().join(" "));
    if words.width() <= columns {
        return words;
    }
    let (kept, _) = cut(&words, columns.saturating_sub(1));
    format!("{}…", kept.trim_end())
}

/// The text, neutral, in lines of at most `columns` and at most `most` of them; the first one has only `first` columns.
/// A line break of the text begins a new line, blank lines are left out, and what is cut off leaves an ellipsis.
pub(crate) fn lines(text: &str, first: usize, columns: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split(is_break).map(neutral) {
        let mut rest = paragraph.trim();
        while !rest.is_empty() {
            let room = if lines.is_empty() { first } else { columns };
            if lines.len() == most {
                let room = if most == 1 { first } else { columns };
                if let Some(last) = lines.last_mut() {
                    let (kept, _) = cut(last, room.saturating_sub(1));
                    *last = format!("{}…", kept.trim_end());
                }
                return lines;
            }
            let (head, tail) = break_line(rest, room);
            lines.push(head.trim_end().to_owned());
            rest = tail.trim_start();
        }
    }
    lines
}

/// Breaks at the last blank that leaves a line of at most `columns`, or within a word that is longer.
fn break_line(text: &str, columns: usize) -> (&str, &str) {
    let (head, tail) = cut(text, columns);
    if tail.is_empty() || tail.starts_with(' ') {
        return (head, tail);
    }
    match head.rfind(' ') {
        // A break near the line's beginning would leave most of it empty.
        Some(blank) if head[..blank].width() * 2 > columns => text.split_at(blank),
        Some(_) | None => (head, tail),
    }
}

/// The longest beginning of at most `columns`, and the rest. Marks and joined emoji stay with what they belong to; at
/// least one character is taken, so that cutting comes to an end.
fn cut(text: &str, columns: usize) -> (&str, &str) {
    let mut end = 0;
    let mut joined = false;
    for (index, character) in text.char_indices() {
        let next = index + character.len_utf8();
        let belongs = joined || character.width() == Some(0) || matches!(character, '\u{1f3fb}'..='\u{1f3ff}');
        joined = character == '\u{200d}';
        if text[..next].width() > columns && end > 0 && !belongs {
            return text.split_at(end);
        }
        end = next;
    }
    (text, "")
}

fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        let cases = [
            ("\u{1b}[2Jgone", "<U+001B>[2Jgone"),
            ("\u{9b}31mred", "<U+009B>31mred"),
            ("\u{1b}]0;title\u{7}", "<U+001B>]0;title<U+0007>"),
            ("over\rwritten\u{8}\u{7f}", "over<U+000D>written<U+0008><U+007F>"),
            ("wall-\u{202e}gpj.exe", "wall-<U+202E>gpj.exe"),
            ("\u{2066}a\u{2069}\u{feff}", "<U+2066>a<U+2069><U+FEFF>"),
            ("a\tb", "a b"),
        ];
        for (text, expected) in cases {
            assert_eq!(neutral(text), expected);
        }
    }

    #[test]
    fn writing_in_any_script_and_joined_emoji_stay_as_they_are() {
        for text in ["שלום \u{200f}תמר", "Добрый день", "您好！", "👨\u{200d}🔧 🤷\u{200d}♂\u{fe0f} 💪🏼", "e\u{301}"]
        {
            assert_eq!(neutral(text), text);
        }
    }

    #[test]
    fn no_line_is_wider_than_its_room_whatever_the_script() {
        let text = "Follow https://track.example.com/round?van=3&date=2026-03-02 您好！吧台椅的高度请改为65厘米，颜色不变。\r\n\
                    👨\u{200d}👩\u{200d}👧\u{200d}👦👨\u{200d}👩\u{200d}👧\u{200d}👦 \u{1b}[2J שלום תמר";
        for columns in 6..60 {
            for most in [1, 3, 100] {
                let lines = lines(text, columns - 1, columns, most);
                assert!(lines.len() <= most);
                assert!(lines[0].width() < columns, "{lines:?}");
                assert!(lines.iter().all(|line| line.width() <= columns), "{lines:?}");
            }
            assert!(line(text, columns).width() <= columns);
        }
    }

    #[test]
    fn line_breaks_begin_lines_and_what_is_cut_leaves_an_ellipsis() {
        assert_eq!(lines("So:\n1. the top\r\n\r\n2. the legs", 80, 80, 9), ["So:", "1. the top", "2. the legs"]);
        assert_eq!(lines("a\nb\nc", 80, 80, 2), ["a", "b…"]);
        assert_eq!(lines("one two three four", 9, 9, 1), ["one two…"]);
        assert_eq!(lines("one two three", 7, 5, 9), ["one two", "three"]);
        assert!(lines("\n \r\n", 80, 80, 9).is_empty());
        assert_eq!(line("in\none line", 80), "in one line");
        assert_eq!(line("a long name", 7), "a long…");
    }

    #[test]
    fn what_belongs_together_is_not_cut_apart() {
        let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
        assert_eq!(cut(&format!("{family}{family}"), 3), (family, family));
        assert_eq!(cut("💪🏼💪🏼", 2), ("💪🏼", "💪🏼"));
    }
}
