//! JSON laid out for reading, its own bytes kept: strings, numbers and the order of names stand as they were sent. What
//! is not JSON, or is nested too deep to be laid out, stays as it is.

/// A piece of a document: a name of a field, or anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) is_name: bool,
    pub(crate) text: String,
}

/// Deeper ones would be mostly blanks: a body of brackets alone would grow to the square of its length.
const DEPTH: usize = 32;

/// The text in lines, its names apart from the rest.
pub(crate) fn laid_out(text: &str) -> Vec<Token> {
    lay_out(text).unwrap_or_else(|| vec![Token { is_name: false, text: text.to_owned() }])
}

fn lay_out(text: &str) -> Option<Vec<Token>> {
    let mut laid = Laid::default();
    let mut open: Vec<char> = Vec::new();
    let mut rest = text.trim();
    if !rest.starts_with(['{', '[']) {
        return None;
    }
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest)?,
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            _ => rest.find(|next: char| next.is_whitespace() || "{}[],:\"".contains(next)).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        rest = after.trim_start();
        // Two values side by side are no JSON, and would lose the blank between them.
        if !"{[,:".contains(first) && !rest.is_empty() && !rest.starts_with([',', '}', ']', ':']) {
            return None;
        }
        match first {
            '"' if rest.starts_with(':') && open.last() == Some(&'{') => laid.name(token),
            '{' | '[' if rest.starts_with(closing(first)) => {
                laid.plain(token);
                laid.plain(&rest[..1]);
                rest = rest[1..].trim_start();
            }
            '{' | '[' => {
                open.push(first);
                if open.len() > DEPTH {
                    return None;
                }
                laid.plain(token);
                laid.line(open.len());
            }
            '}' | ']' => {
                open.pop().filter(|opened| closing(*opened) == first)?;
                laid.line(open.len());
                laid.plain(token);
            }
            ',' => {
                laid.plain(token);
                laid.line(open.len());
            }
            ':' => laid.plain(": "),
            _ => laid.plain(token),
        }
        if open.is_empty() && !rest.is_empty() {
            return None;
        }
    }
    open.is_empty().then_some(laid.tokens)
}

fn closing(opening: char) -> char {
    if opening == '{' { '}' } else { ']' }
}

/// Of the string that the text begins with, quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(index + 1),
            _ => {}
        }
    }
    None
}

#[derive(Default)]
struct Laid {
    tokens: Vec<Token>,
}

impl Laid {
    fn name(&mut self, text: &str) {
        self.tokens.push(Token { is_name: true, text: text.to_owned() });
    }

    fn plain(&mut self, text: &str) {
        match self.tokens.last_mut().filter(|last| !last.is_name) {
            Some(last) => last.text.push_str(text),
            None => self.tokens.push(Token { is_name: false, text: text.to_owned() }),
        }
    }

    fn line(&mut self, depth: usize) {
        self.plain("\n");
        self.plain(&"  ".repeat(depth));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        laid_out(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn a_document_is_laid_out_and_its_own_bytes_are_kept() {
        let document = r#"{"b":1.0,"a":["x, {y}: \"z\"",{}, [ ],true],"é":{"c":null}}"#;
        let lines = "{\n  \"b\": 1.0,\n  \"a\": [\n    \"x, {y}: \\\"z\\\"\",\n    {},\n    [],\n    true\n  ],\n  \
                     \"é\": {\n    \"c\": null\n  }\n}";
        assert_eq!(told(document), lines);
        assert_eq!(told(lines), lines, "laid out once, it stays as it is");
        let names: Vec<_> = laid_out(document).into_iter().filter(|token| token.is_name).collect();
        assert_eq!(names.len(), 4);
    }

    #[test]
    fn what_is_no_document_stays_as_it_is() {
        for text in [
            "",
            "ok",
            "<b>",
            "{",
            "[1",
            "{\"a",
            "{]",
            "}",
            "[1] [2]",
            "[1]x",
            "[not json]",
            "[\"a\" 1]",
            "\"a\"",
            " 5 ",
        ] {
            assert_eq!(told(text), text);
        }
    }

    #[test]
    fn a_body_of_brackets_alone_does_not_grow() {
        let deep = "[".repeat(16_000) + &"]".repeat(16_000);
        assert_eq!(told(&deep), deep);
        let allowed = "[".repeat(DEPTH) + "1" + &"]".repeat(DEPTH);
        assert!(told(&allowed).lines().count() > DEPTH);
    }
}
