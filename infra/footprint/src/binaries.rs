//! The functions' binaries: built by cargo in one run, so that what is compared is of one compiler and one profile, and
//! weighed as Lambda gets them.

use crate::Result;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::Value;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) struct Binary {
    pub(crate) name: &'static str,
    pub(crate) path: PathBuf,
}

/// Builds the packages in release, with cargo's progress on standard error, and returns their binaries in that order.
pub(crate) fn build(root: &Path, packages: &[&'static str]) -> Result<Vec<Binary>> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).args(["build", "--release", "--locked", "--message-format=json-render-diagnostics"]);
    for package in packages {
        command.args(["--package", package]);
    }
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_of_this_package)) {
        command.env_remove(name);
    }
    let mut cargo = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let output = cargo.stdout.take().ok_or("cargo's output is not there to read")?;
    let mut executables = Vec::new();
    for line in BufReader::new(output).lines() {
        let message: Value = serde_json::from_str(&line?)?;
        if let (Some(name), Some(path)) = (message["target"]["name"].as_str(), message["executable"].as_str()) {
            executables.push((name.to_owned(), PathBuf::from(path)));
        }
    }
    let status = cargo.wait()?;
    if !status.success() {
        return Err(format!("building the functions: cargo ended with {status}").into());
    }
    packages.iter().map(|name| find(name, &executables)).collect()
}

/// The size of the zip that a deployment of this binary would upload: one file called `bootstrap`, deflated at level 9.
pub(crate) fn zip_bytes(binary: &Path) -> Result<u64> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&fs::read(binary)?)?;
    Ok(encoder.finish()?.len() as u64 + ZIP_FRAME_BYTES)
}

/// What PKWARE's APPNOTE.TXT puts around one file: the local header (30), the central directory's entry (46), both with
/// the name `bootstrap` (9), and the end of the central directory (22).
const ZIP_FRAME_BYTES: u64 = 30 + 9 + 46 + 9 + 22;

/// Whether `cargo run` has set this variable to describe the package it runs. Handed on, it would make build scripts
/// that look at such variables (ring's does) run again, and half of the functions' dependencies be built again with
/// them, each time that this tool and a build by hand follow one another.
fn is_of_this_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|prefix| variable.starts_with(prefix))
}

fn find(name: &'static str, executables: &[(String, PathBuf)]) -> Result<Binary> {
    let found = executables.iter().find(|(built, _)| built == name);
    let (_, path) = found.ok_or_else(|| format!("cargo built no binary called {name}"))?;
    Ok(Binary { name, path: path.clone() })
}
