//! The settings page as a person sees and uses it, in headless Chromium: every action, on the runner for one machine, in
//! each state that the page can be in; and that axe-core finds no fault. Pictures of the main states are written to
//! `target/browser`, or to the folder that `PICTURES` names. `browse.cjs` is what the person does.

#![expect(clippy::print_stdout, reason = "what was done is printed, for those who ask for it")]

use crate::end_to_end::{node::Modules, page::Page, place, process::Process, python::Tools};
use serde_json::Value;
use std::{env, fs, path::PathBuf, time::Duration};

const BROWSE_LIMIT: Duration = Duration::from_mins(5);
const NEEDED: &str = "the browser tests need Chromium on the path as `chromium` (on Debian: apt install chromium); the \
    tests that do not need it run with `cargo quick`";

/// What a person does in which state of the page.
const VISITS: [(&str, &str); 7] = [
    ("empty", "empty"),
    ("working", "working"),
    ("plain", "working"),
    ("failing", "failing"),
    ("disabled", "disabled"),
    ("off", "off"),
    ("several", "several"),
];

/// Has somebody visit the page: what is to be done there, and where it is.
pub(crate) fn visit(name: &str, places: &Value) -> String {
    let tools = Tools::installed();
    let modules = Modules::installed(tools);
    let mut places = places.clone();
    places["state"] = name.into();
    places["chromium"] = chromium().to_str().expect("a path").into();
    places["pictures"] = pictures().to_str().expect("a path").into();
    let file = place::run_folder().join(format!("visit-{name}.json"));
    fs::write(&file, places.to_string()).expect("the places are written");
    let node = Process::start(&format!("visit-{name}"), tools.program("node"), |command| {
        let script = place::repository().join("tests/suite/browser/browse.cjs");
        command.arg(script).arg(&file).env("NODE_PATH", modules.folder());
    });
    node.finish(BROWSE_LIMIT)
}

fn chromium() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join("chromium")).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("{NEEDED}"))
}

fn pictures() -> PathBuf {
    let folder = env::var_os("PICTURES").map_or_else(|| place::target_folder().join("browser"), PathBuf::from);
    fs::create_dir_all(&folder).expect("the folder of pictures is made");
    folder
}

#[test]
fn every_action_of_the_page_works_in_a_browser_in_every_state_and_everybody_can_use_it() {
    let _turn = place::turn();
    for (name, state) in VISITS {
        let shown = Page::shown(name, state, &[]);
        let said = visit(name, &shown.places);
        println!("{said}");
        assert!(said.contains("without a fault of axe-core"), "{said}");
    }
}

#[test]
fn what_is_expected_of_a_page_is_missed_where_it_is_not_there() {
    let _turn = place::turn();
    // Somebody who looks for a failing webhook where one works has to say so: a visit that cannot fail shows nothing.
    let shown = Page::shown("missed", "working", &[]);
    let missed = std::panic::catch_unwind(|| visit("failing", &shown.places));
    assert!(missed.is_err_and(|said| said.downcast_ref::<String>().is_some_and(|it| it.contains("Failing since"))));
}
