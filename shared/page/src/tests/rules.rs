//! The rules that every page keeps, whatever it shows.

use super::{
    fixtures::CSRF,
    markup::{Element, elements, within},
    states,
};
use crate::{ADD_FIELDS, Access, AccountAction, Action, Page, SCRIPT, STYLE, paths};
use std::collections::BTreeSet;

fn pages() -> impl Iterator<Item = (String, Vec<Element>)> {
    states::pages().into_iter().map(|(name, html)| (name, elements(&html)))
}

/// The forms of a page, each with the elements in it.
fn forms(elements: &[Element]) -> Vec<(&Element, &[Element])> {
    let all = elements.iter().enumerate().filter(|(_, element)| element.name == "form");
    all.map(|(place, form)| (form, within(elements, place))).collect()
}

#[test]
fn no_page_has_a_script_or_a_style_of_its_own_or_fetches_from_elsewhere() {
    for (name, elements) in pages() {
        for element in &elements {
            assert!(!["style", "iframe", "object", "embed", "base", "img"].contains(&element.name.as_str()), "{name}");
            for (attribute, value) in &element.attributes {
                assert!(attribute != "style" && !attribute.starts_with("on"), "{name}: {attribute}={value}");
                if ["href", "src", "action"].contains(&attribute.as_str()) {
                    let is_own = (value.starts_with('/') && !value.starts_with("//")) || value.starts_with('#');
                    assert!(is_own, "{name}: {value}");
                }
            }
        }
        let scripts: Vec<_> = elements.iter().filter(|element| element.name == "script").collect();
        assert!(scripts.len() == 1 && scripts[0].get("src") == Some(paths::SCRIPT), "{name}");
    }
    assert!(!STYLE.contains("@import") && !STYLE.contains("url("), "the style sheet fetches nothing");
    for writes in ["innerHTML", "insertAdjacent", "document.write", "eval(", "Function(", "fetch(", "XMLHttp"] {
        assert!(!SCRIPT.contains(writes), "the script has {writes}");
    }
}

#[test]
fn every_form_has_its_token_and_the_fields_that_are_documented_and_all_of_them_are_found() {
    let mut found = BTreeSet::new();
    for (name, elements) in pages() {
        for (form, inside) in forms(&elements) {
            assert_eq!(form.get("method"), Some("post"), "{name}");
            let path = form.get("action").expect("an action");
            let fields: Vec<_> = inside.iter().filter_map(|field| Some((field.get("name")?, field))).collect();
            if name == "landing" {
                assert!(path == "/portal/ABCDEF" && fields.is_empty());
                continue;
            }
            if path == "/workspaces/acme/webhooks" {
                assert!(fields.iter().all(|(field, _)| ADD_FIELDS.contains(field)), "{name}: {fields:?}");
                assert!(name == "first" || ADD_FIELDS.iter().all(|it| fields.iter().any(|(field, _)| field == it)));
                continue;
            }
            let (word, documented) = documented(path);
            let tokens: Vec<_> = fields.iter().filter(|(field, _)| *field == "csrf").collect();
            assert!(tokens.len() == 1 && tokens[0].1.get("value") == Some(CSRF), "{name}: {path}");
            for (field, element) in &fields {
                assert!(documented.contains(field) || element.name == "details", "{name}: {path}: {field}");
                found.insert((word, (*field).to_owned()));
            }
        }
    }
    for (word, fields) in all_documented() {
        for field in fields {
            assert!(found.contains(&(word, (*field).to_owned())), "{word} has no {field} on any page");
        }
    }
}

/// What each form does, by its address below a webhook's or the accounts', with its fields.
fn all_documented() -> Vec<(&'static str, &'static [&'static str])> {
    let of_webhook = Action::ALL.into_iter().map(|action| (action.name(), action.fields()));
    let of_accounts = AccountAction::ALL.into_iter().map(|action| match action {
        AccountAction::Save => ("accounts/save", action.fields()),
        AccountAction::Remove => ("accounts/remove", action.fields()),
        AccountAction::Links => ("accounts/links", action.fields()),
    });
    of_webhook.chain(of_accounts).collect()
}

fn documented(path: &str) -> (&'static str, &'static [&'static str]) {
    let of_webhook = path.strip_prefix("/workspaces/acme/webhooks/default/");
    let word = of_webhook.or_else(|| path.strip_prefix("/workspaces/acme/")).expect("an address of a form");
    all_documented().into_iter().find(|(name, _)| *name == word).expect(word)
}

#[test]
fn what_is_documented_of_the_forms_is_what_the_router_can_go_by() {
    let documentation = include_str!("../lib.rs");
    for (path, fields) in all_documented() {
        let word = path.trim_start_matches("accounts/");
        assert!(documentation.contains(&format!("`{word}`")), "{path}");
        for field in fields {
            assert!(documentation.contains(&format!("`{field}`")), "{path}: {field}");
        }
    }
}

#[test]
fn who_may_only_look_sees_no_form_and_no_button_but_for_copying() {
    let mut seen = 0;
    for (name, mut page) in states::webhooks() {
        page.frame.access = Access::ReadOnly;
        let elements = elements(&page.html());
        let acts = |element: &&Element| {
            ["form", "input", "select", "textarea"].contains(&element.name.as_str())
                || (element.name == "button" && element.get("type") != Some("button"))
        };
        assert_eq!(elements.iter().find(acts), None, "{name}");
        seen += 1;
    }
    for (name, elements) in pages().filter(|(name, _)| name.ends_with("read-only") || name == "preview-none") {
        assert!(forms(&elements).is_empty(), "{name}");
        seen += 1;
    }
    assert!(seen > 15);
}

#[test]
fn every_id_is_there_once_and_whatever_refers_to_one_finds_it() {
    for (name, elements) in pages() {
        let mut ids = BTreeSet::new();
        for id in elements.iter().filter_map(|element| element.get("id")) {
            assert!(ids.insert(id), "{name}: {id} is there twice");
        }
        for element in &elements {
            let lists = ["for", "aria-labelledby", "aria-describedby", "list", "data-copy"];
            let named = lists.iter().filter_map(|attribute| element.get(attribute)).flat_map(|ids| ids.split(' '));
            let within = element.get("href").and_then(|href| href.strip_prefix('#'));
            for id in named.chain(within) {
                assert!(ids.contains(id), "{name}: nothing is {id}, which {element:?} refers to");
            }
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_page_a_language_a_title_one_heading_and_one_main_part() {
    for (name, elements) in pages() {
        let labelled: BTreeSet<_> =
            elements.iter().filter(|element| element.name == "label").filter_map(|label| label.get("for")).collect();
        for field in elements.iter().filter(|field| ["input", "select", "textarea"].contains(&field.name.as_str())) {
            let is_hidden = field.get("type") == Some("hidden");
            assert!(is_hidden || field.get("id").is_some_and(|id| labelled.contains(id)), "{name}: {field:?}");
        }
        let count = |wanted: &str| elements.iter().filter(|element| element.name == wanted).count();
        assert_eq!((count("main"), count("h1")), (1, 1), "{name}");
        assert_eq!(elements[0].get("lang"), Some("en"), "{name}");
        let is_whole = name_is_small(&name) || elements.iter().any(|element| element.get("class") == Some("skip"));
        assert!(is_whole, "{name} can be skipped into");
    }
}

/// Whether a page is so short that there is nothing to skip.
fn name_is_small(name: &str) -> bool {
    let small =
        ["landing", "link-", "session-", "no-session", "forbidden", "forged", "too-many", "not-found", "trouble"];
    small.iter().any(|small| name.starts_with(small))
}

#[test]
fn every_moment_says_utc_behind_what_it_shows() {
    let mut seen = 0;
    for (name, elements) in pages() {
        for time in elements.iter().filter(|element| element.name == "time") {
            assert!(time.get("datetime").is_some_and(|at| at.ends_with('Z')), "{name}");
            assert!(time.get("title").is_some_and(|title| title.ends_with(" UTC")), "{name}");
            seen += 1;
        }
    }
    assert!(seen > 100);
}

#[test]
fn a_headers_value_and_a_secret_that_is_not_new_are_on_no_page() {
    for (name, page) in states::webhooks().into_iter().filter(|(_, page)| page.secret.shown.is_none()) {
        let html = page.html();
        assert!(!html.contains("whsec_"), "{name}");
        let values = elements(&html).into_iter().filter(|element| element.get("name") == Some("header_value"));
        for value in values {
            assert_eq!(value.get("value"), Some(""), "{name}");
        }
    }
}
