//! The settings' API held to its document by somebody else: schemathesis (`PyPI`) reads it from the one-machine runner, makes
//! requests of it, right ones and wrong ones, and judges what comes back. It knows nothing of how the API is made.

#![expect(clippy::print_stdout, reason = "what was tried is printed, for those who ask for it")]

use crate::end_to_end::{page::Page, place, process::Process, python::Tools};
use serde_json::Value;
use std::{fs, time::Duration};

const RUN_LIMIT: Duration = Duration::from_mins(5);
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
    response_headers_conformance,negative_data_rejection,ignored_auth";
/// What is known of the world, and the requests that are made up for each operation, beside those that cover each of its
/// parameters.
const RUNS: [(&str, &str); 2] = [("any", "15"), ("acme", "40")];

#[test]
fn whatever_is_asked_the_settings_api_answers_as_its_document_says() {
    let _turn = place::turn();
    let tools = Tools::installed();
    // Messages gather; and the clock runs fast, so that nobody is turned away for long after twenty wrong keys in one of
    // its minutes.
    let page = Page::shown("document", "working", &["--speed", "120"]);
    let document = format!("{}/v1/openapi.json", page.place("settings"));
    let authorization = format!("Authorization: Bearer {}", page.place("admin_key"));
    for (known, examples) in RUNS {
        let folder = place::run_folder().join(format!("document-{known}"));
        let report = folder.join("report.json");
        let configuration = place::repository().join(format!("tests/suite/conformance/document/{known}.toml"));
        let run = Process::start(&format!("document-{known}"), tools.program("schemathesis"), |command| {
            command.arg("--config-file").arg(configuration).args(["run", &document, "--header", &authorization]);
            command.args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--seed", "1"]);
            command.args(["--max-examples", examples, "--continue-on-failure", "--no-color", "--warnings", "off"]);
            command.args(["--report", "json", "--report-json-path"]).arg(&report).current_dir(place::run_folder());
        });
        run.finish(RUN_LIMIT);
        let report: Value = serde_json::from_slice(&fs::read(report).expect("a report")).expect("JSON");
        let [generated, failed, errors] = ["generated", "with_failures", "errored"]
            .map(|name| report["test_cases"][name].as_u64().unwrap_or_else(|| panic!("{name} in {report}")));
        println!("schemathesis: {generated} requests of which it knew {known}, {failed} failures, {errors} errors");
        assert_eq!((failed, errors), (0, 0));
        assert_eq!(report["operations"]["tested"], report["operations"]["total"], "every operation was tried");
        assert!(generated >= 500, "{generated} requests are not enough to say anything");
    }
}
