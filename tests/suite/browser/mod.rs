//! The settings page as a person sees and uses it, in headless Chromium: every action, on the runner for one machine, in
//! each state that the page can be in; and that axe-core finds no fault. Pictures of the main states are written to
//! `target/browser`, or to the folder that `PICTURES` names. `browse.cjs` is what the person does.

use crate::end_to_end::{node::Modules, place, process::Process, python::Tools};
use serde_json::Value;
use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

const BUILD_LIMIT: Duration = Duration::from_mins(15);
const READY_LIMIT: Duration = Duration::from_mins(2);
const READY_PAUSE: Duration = Duration::from_millis(50);
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

/// The runner of one machine, built as it is for everybody.
fn runner() -> PathBuf {
    let build = Process::start("build-local", env!("CARGO"), |command| {
        command.args(["build", "--locked", "--package", "local"]).current_dir(place::repository());
        command.arg("--target-dir").arg(place::target_folder());
    });
    build.finish(BUILD_LIMIT);
    place::target_folder().join("debug/local")
}

/// A page in a state, and where it is.
struct Shown {
    places: Value,
    _process: Process,
}

impl Shown {
    fn start(runner: &Path, name: &str, state: &str) -> Self {
        let process = Process::start(&format!("page-{name}"), runner, |command| {
            command.args(["--page", state, "--settings-port", "0"]);
        });
        let deadline = Instant::now() + READY_LIMIT;
        loop {
            let printed = process.printed();
            if let Some(line) = printed.lines().find(|line| line.starts_with('{')) {
                return Self { places: serde_json::from_str(line).expect("JSON"), _process: process };
            }
            let ended = process.ended_within(READY_PAUSE);
            assert!(ended.is_none(), "the page {state} ended:\n{}", process.last_lines());
            assert!(Instant::now() < deadline, "the page {state} is not shown:\n{}", process.last_lines());
        }
    }
}

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
    let runner = runner();
    for (name, state) in VISITS {
        let shown = Shown::start(&runner, name, state);
        let said = visit(name, &shown.places);
        println!("{said}");
        assert!(said.contains("without a fault of axe-core"), "{said}");
    }
}

#[test]
fn what_is_expected_of_a_page_is_missed_where_it_is_not_there() {
    let _turn = place::turn();
    let runner = runner();
    // Somebody who looks for a failing webhook where one works has to say so: a visit that cannot fail shows nothing.
    let shown = Shown::start(&runner, "missed", "working");
    let missed = std::panic::catch_unwind(|| visit("failing", &shown.places));
    assert!(missed.is_err_and(|said| said.downcast_ref::<String>().is_some_and(|it| it.contains("Failing since"))));
}
