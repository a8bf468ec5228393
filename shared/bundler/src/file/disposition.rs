//! What a copy is downloaded as: under a name that harms nobody, whatever it is called, and as what it was declared.

use crate::note::in_one_line;
use std::fmt::Write;

/// Characters of a name that a download has: file systems have 255 bytes, of which a character may take four.
const NAME_CHARS: usize = 60;

/// A `content-disposition` that saves and never shows (RFC 6266): a name for those who read ASCII alone, and the whole one.
pub fn disposition(filename: &str) -> String {
    let name = safe_name(filename);
    let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", escaped(&name))
}

/// Everything but what RFC 3986 calls unreserved, as `%` and two digits.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// A declared type as a header may hold it; what is none is bytes.
pub fn content_type(mimetype: &str) -> String {
    let is_plain = mimetype.contains('/') && mimetype.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if is_plain { mimetype.trim().to_owned() } else { "application/octet-stream".to_owned() }
}

/// A name without folders, line breaks, quotes and what turns the writing direction, which no system takes for another
/// file than the one that it is. Its ending stays, where it is one.
pub fn safe_name(filename: &str) -> String {
    let last = filename.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = |c: char| match c {
        '"' | '\'' | '<' | '>' | ':' | '|' | '?' | '*' | ';' | '%' | '`' | '\u{200e}' | '\u{200f}' | '\u{61c}' => '_',
        control if control.is_control() => '_',
        plain => plain,
    };
    let name: String = last.chars().filter_map(in_one_line).map(safe).collect();
    // A name of points leads to a folder, and one that ends with a point or a blank is another one on Windows.
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if name.is_empty() {
        return "file".to_owned();
    }
    let characters = name.chars().count();
    if characters <= NAME_CHARS {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.chars().count() <= 10);
    let stem: String = name.chars().take(NAME_CHARS - ending.map_or(0, |ending| ending.chars().count() + 1)).collect();
    ending.map_or(stem.clone(), |ending| format!("{stem}.{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_folder_no_line_break_no_quote_and_turns_nothing_around() {
        for (name, safe) in [
            ("photo.jpg", "photo.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\a.exe", "a.exe"),
            ("a\"b.png", "a_b.png"),
            ("a\r\nset-cookie: x", "a  set-cookie_ x"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("..", "file"),
            ("", "file"),
            ("a. ", "a"),
            ("חשבון.pdf", "חשבון.pdf"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
        let long = safe_name(&format!("{}.tar.gz", "a".repeat(500)));
        assert!(long.len() == NAME_CHARS && long.rsplit('.').next() == Some("gz"), "{long}");
    }

    #[test]
    fn a_header_is_one_line_of_ascii_whatever_the_file_is_called() {
        for name in ["photo.jpg", "a\"; filename=\"b", "חשבון.pdf", "\u{202e}\r\n", "a\u{0}b", "😀"] {
            let header = disposition(name);
            assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{header}");
            assert_eq!(header.matches('"').count(), 2, "{header}");
        }
        assert_eq!(disposition("é.txt"), "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A9.txt");
    }
}
