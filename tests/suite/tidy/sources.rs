//! Files and their lines.

use super::{check, files, files_ending, read};
use std::collections::BTreeSet;

const TOP_LEVEL: [&str; 16] = [
    ".cargo",
    ".ci",
    ".clippy.toml",
    ".gitignore",
    ".rustfmt.toml",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "functions",
    "infra",
    "shared",
    "template.yaml",
    "tests",
];

/// This file says what it looks for, and would find itself.
const THIS: &str = "tests/suite/tidy/sources.rs";

/// Lines of the files that any of these texts stands in, as `path:line: text`.
fn lines_with(paths: impl IntoIterator<Item = String>, texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in paths.into_iter().filter(|path| path != THIS) {
        // What is not text holds no lines.
        let Ok(content) = std::fs::read_to_string(super::root().join(&path)) else { continue };
        for (number, line) in content.lines().enumerate() {
            for text in texts.iter().filter(|text| line.contains(**text)) {
                found.push(format!("{path}:{}: {text}", number + 1));
            }
        }
    }
    found
}

#[test]
fn the_top_level_holds_the_house_and_nothing_else() {
    let entries: BTreeSet<String> =
        files().iter().map(|path| path.split('/').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(entries, TOP_LEVEL.map(str::to_owned).into());
}

#[test]
fn every_source_file_opens_by_saying_what_it_is() {
    let silent = files_ending(".rs").into_iter().filter(|path| !read(path).starts_with("//! "));
    check(&silent.collect::<Vec<_>>(), "a file opens with `//!`");
}

#[test]
fn an_exception_to_a_lint_has_its_reason() {
    check(
        &lines_with(files_ending(".rs"), &["#[allow(", "#![allow("]),
        "`#[expect(lint, reason = ...)]`, never a bare allow",
    );
    let unreasoned = files_ending(".rs").into_iter().filter(|path| path != THIS).filter(|path| {
        let content = read(path);
        content.match_indices("[expect(").any(|(at, _)| {
            let attribute = content[at..].split(")]").next().unwrap_or_default();
            !attribute.contains("reason = ")
        })
    });
    check(&unreasoned.collect::<Vec<_>>(), "an expectation has its reason");
}

#[test]
fn only_tools_print() {
    let functions =
        files_ending(".rs").into_iter().filter(|path| !path.starts_with("infra/") && !path.starts_with("tests/"));
    check(&lines_with(functions, &["println!", "print!(", "dbg!("]), "functions and the core log; they do not print");
}

#[test]
fn no_test_sleeps_is_ignored_or_tried_again() {
    let tests = files_ending(".rs").into_iter().filter(|path| path.starts_with("tests/"));
    check(
        &lines_with(tests, &["thread::sleep", "time::sleep", "sleep(", "sleep_until(", "#[ignore"]),
        "tests do not wait",
    );
}

#[test]
fn nothing_unfinished_is_left() {
    let sources = files_ending(".rs").into_iter().chain(files_ending(".toml")).chain(files_ending(".yaml"));
    check(&lines_with(sources, &["TODO", "FIXME", "XXX", "todo!(", "unimplemented!("]), "issues hold what is to do");
}

#[test]
fn no_file_names_this_machine_or_a_package_registry() {
    let machine = ["/work/", "/root/", "/home/", "/Users/"];
    let registries = ["crates.io", "pypi.org", "pythonhosted.org", "npmjs.org", "npmjs.com", "proxy.golang.org"];
    let options = ["--index-url", "--extra-index-url", "[source.", "replace-with", "[registries"];
    let texts = [&machine[..], &registries, &options].concat();
    check(
        &lines_with(files().into_iter().filter(|path| path != "Cargo.lock"), &texts),
        "no machine's paths, no registries",
    );
}

#[test]
fn every_package_comes_from_the_common_registry() {
    let sources: BTreeSet<String> =
        read("Cargo.lock").lines().filter(|line| line.starts_with("source = ")).map(str::to_owned).collect();
    assert_eq!(sources, ["source = \"registry+https://github.com/rust-lang/crates.io-index\"".to_owned()].into());
}

#[test]
fn a_test_file_stays_readable_at_once() {
    let long = files_ending(".rs").into_iter().filter(|path| path.starts_with("tests/")).filter_map(|path| {
        let lines = read(&path).lines().count();
        (lines > 400).then(|| format!("{path}: {lines} lines"))
    });
    check(&long.collect::<Vec<_>>(), "a file of tests has at most 400 lines");
}
