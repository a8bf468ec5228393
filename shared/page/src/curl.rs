//! A request as a line for a shell, to be repeated by hand. What the log has masked stays masked.

use bundler::attempt::Body;

/// A longer body is read from a file, so that the line stays one that can be looked through.
const INLINE_BYTES: usize = 2_000;
pub(crate) const FILE: &str = "body.json";

/// The command; what is quoted in it can end no quotation.
pub(crate) fn line(url: &str, headers: &[(String, String)], body: &Body) -> String {
    let mut lines = vec![format!("curl --globoff --request POST --url {}", quoted(url))];
    lines.extend(headers.iter().map(|(name, value)| format!("--header {}", quoted(&format!("{name}: {value}")))));
    lines.push(match body {
        Body::Text(text) if text.len() <= INLINE_BYTES => format!("--data-raw {}", quoted(text)),
        Body::Text(_) | Body::Base64(_) | Body::Gathered { .. } | Body::LeftOut { .. } => {
            format!("--data-binary @{FILE}")
        }
    });
    lines.join(" \\\n  ")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_cannot_end_its_quotation() {
        let headers = [("x-note".to_owned(), "it's; rm -rf $(x) `y`".to_owned())];
        let line = line("https://example.org/?a='b'", &headers, &Body::Text("{\"a\":\"'\\'\"}".to_owned()));
        assert_eq!(
            line,
            "curl --globoff --request POST --url 'https://example.org/?a='\\''b'\\''' \\\n  \
             --header 'x-note: it'\\''s; rm -rf $(x) `y`' \\\n  \
             --data-raw '{\"a\":\"'\\''\\'\\''\"}'"
        );
    }

    #[test]
    fn a_long_body_is_read_from_a_file() {
        let line = line("https://example.org", &[], &Body::Text("x".repeat(INLINE_BYTES + 1)));
        assert!(line.ends_with("--data-binary @body.json"));
    }
}
