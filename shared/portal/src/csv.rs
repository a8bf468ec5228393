//! Rows as a spreadsheet takes them (RFC 4180). What it would run as a formula is defused.

/// What stands before the first line: without it, spreadsheets read other scripts than the Latin as gibberish.
pub(crate) const MARK: &str = "\u{feff}";

/// One line.
pub(crate) fn line(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that begins like a formula gets an apostrophe before it, behind which a spreadsheet runs nothing (OWASP, "CSV
/// injection"). Blanks before the sign do not hide it.
fn quoted(cell: &str) -> String {
    let is_formula = cell.starts_with(['\t', '\r', '\n']) || cell.trim_start().starts_with(['=', '+', '-', '@']);
    format!("\"{}{}\"", if is_formula { "'" } else { "" }, cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_is_defused_and_every_other_is_itself() {
        for (cell, expected) in [
            ("=1+1", "\"'=1+1\"\r\n"),
            ("+1", "\"'+1\"\r\n"),
            ("-1", "\"'-1\"\r\n"),
            ("@SUM(A1)", "\"'@SUM(A1)\"\r\n"),
            (" =1", "\"' =1\"\r\n"),
            ("\t=1", "\"'\t=1\"\r\n"),
            ("\r1", "\"'\r1\"\r\n"),
            ("a=1", "\"a=1\"\r\n"),
            ("", "\"\"\r\n"),
            ("say \"hi\", you\nthere", "\"say \"\"hi\"\", you\nthere\"\r\n"),
            ("Ἑλληνικά עברית 日本語 🙂", "\"Ἑλληνικά עברית 日本語 🙂\"\r\n"),
        ] {
            assert_eq!(line(&[cell]), expected);
        }
    }
}
