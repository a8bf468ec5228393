//! The real thing on one machine: the template that goes to AWS, deployed by the SAM CLI to an emulator, with the
//! functions' own binaries and a real receiver. `cargo test -- --skip end_to_end` leaves all of it out.

mod aws;
mod build;
mod deploy;
mod http;
mod ministack;
mod place;
mod process;
mod python;
mod receiver;

use python::Tools;
use std::fs;

/// `DESIGN.md`, budgets.
const BINARY_LIMIT_BYTES: usize = 5_000_000;

#[test]
fn sam_builds_the_template() {
    let _turn = place::turn();
    let tools = Tools::installed();
    let verdict = build::sam_validate(tools);
    assert!(verdict.contains("is a valid SAM Template"), "{verdict}");
    let folder = build::sam_build(tools);
    for function in ["IngestFunction", "AggregatorFunction", "SenderFunction"] {
        let binary = fs::read(folder.join(function).join("bootstrap")).expect("every function has a bootstrap");
        assert!(binary.starts_with(b"\x7fELF"), "{function} is no program for Linux");
        assert!(binary.len() < BINARY_LIMIT_BYTES, "{function} has {} bytes", binary.len());
    }
}
