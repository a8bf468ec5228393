//! The functions as cargo builds them for this machine: once fast, to run them here, and once as `sam build` does it.

use super::place;
use super::process::Process;
use super::python::Tools;
use serde_json::Value;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// The dependencies are compiled once more for release, with whole-program optimisation: minutes of two processors.
const SAM_BUILD_LIMIT: Duration = Duration::from_mins(40);
const CARGO_LIMIT: Duration = Duration::from_mins(20);
const VALIDATE_LIMIT: Duration = Duration::from_mins(2);

/// The names and files of the functions' binaries, which this builds in the profile of the tests.
pub(crate) fn functions() -> Vec<(String, PathBuf)> {
    // Built alone, the functions would get their dependencies with other features than the tests did, so all of them
    // would be compiled twice. The tests' target next to them keeps the features, and is up to date.
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = Process::start("cargo-build", cargo, |command| {
        command.args(["build", "--locked", "--bins", "--test", "suite", "--message-format", "json-render-diagnostics"]);
        command.arg("--target-dir").arg(place::target_folder());
        as_from_a_terminal(command);
    });
    build.finish(CARGO_LIMIT).lines().filter_map(|line| built_binary(line, "/functions/")).collect()
}

/// The file of the one-machine runner, which this builds.
pub(crate) fn local() -> PathBuf {
    tool("local", "/infra/local/")
}

/// The file of a package that is not among the default members, and in which folder, which this builds.
pub(crate) fn tool(package: &str, folder: &str) -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = Process::start(&format!("cargo-build-{package}"), cargo, |command| {
        command.args(["build", "--locked", "--package", package, "--message-format", "json-render-diagnostics"]);
        command.arg("--target-dir").arg(place::target_folder());
        as_from_a_terminal(command);
    });
    let printed = build.finish(CARGO_LIMIT);
    let file = printed.lines().find_map(|line| built_binary(line, folder));
    file.expect("cargo says where it is").1
}

/// Checks the template as a person would, and returns what it printed.
pub(crate) fn sam_validate(tools: &Tools) -> String {
    let validate = Process::start("sam-validate", tools.program("sam"), |command| {
        command.args(["validate", "--lint", "--template-file"]).arg(place::repository().join("template.yaml"));
        command.env("SAM_CLI_TELEMETRY", "0").env("HOME", place::home_folder()).env("AWS_DEFAULT_REGION", "us-east-1");
    });
    validate.finish(VALIDATE_LIMIT)
}

/// Builds the template with the real command, and returns the folder that holds what it built.
pub(crate) fn sam_build(tools: &Tools) -> PathBuf {
    let folder = place::run_folder().join("sam");
    let build = Process::start("sam-build", tools.program("sam"), |command| {
        command.args(["build", "--template-file"]).arg(place::repository().join("template.yaml"));
        command.arg("--build-dir").arg(folder.join("built"));
        command.arg("--parameter-overrides").arg(format!("Architecture={}", architecture()));
        as_from_a_terminal(command);
        command.env("SAM_CLI_TELEMETRY", "0").env("PATH", tools.search_path());
        // Another home keeps SAM's and zig's own files out of the developer's, but cargo's and rustup's are needed.
        command.env("HOME", place::home_folder()).env("CARGO_TARGET_DIR", place::target_folder());
        for (variable, default) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            command.env(variable, env::var_os(variable).unwrap_or_else(|| in_real_home(default)));
        }
    });
    build.finish(SAM_BUILD_LIMIT);
    folder.join("built")
}

/// This machine's architecture as the template's parameter names it.
pub(crate) fn architecture() -> &'static str {
    match env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    }
}

/// The number of this machine's architecture in the ELF specification, least significant byte first.
pub(crate) fn elf_machine() -> [u8; 2] {
    match env::consts::ARCH {
        "aarch64" => [183, 0],
        _ => [62, 0],
    }
}

/// Takes away what cargo tells its tests: build scripts that look at it would run again, and all that hangs on them.
fn as_from_a_terminal(command: &mut Command) {
    command.current_dir(place::repository());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
}

fn built_binary(line: &str, folder: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_there = message["manifest_path"].as_str()?.contains(folder);
    let is_binary = is_there && message["target"]["kind"][0] == "bin";
    let file = message["executable"].as_str().filter(|_| is_binary)?;
    Some((message["target"]["name"].as_str()?.to_owned(), file.into()))
}

fn in_real_home(folder: &str) -> OsString {
    let home = env::home_dir().expect("whoever runs cargo has a home directory");
    home.join(folder).into()
}
