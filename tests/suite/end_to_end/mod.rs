//! The real thing on one machine: the template that goes to AWS, deployed by the SAM CLI to an emulator, with the
//! functions' own binaries and a real receiver. `cargo test -- --skip end_to_end` leaves all of it out.

mod aggregator;
mod attachments;
mod aws;
pub(crate) mod build;
mod conversation;
pub(crate) mod deploy;
mod documents;
mod emulator_only;
mod failing;
mod hook;
pub(crate) mod http;
mod insights;
mod killed;
mod mailbox;
pub(crate) mod ministack;
pub(crate) mod node;
pub(crate) mod page;
pub(crate) mod place;
mod portal;
pub(crate) mod process;
pub(crate) mod python;
mod questions;
pub(crate) mod receiver;
mod recipes;
mod sources;
mod ways;
mod whatsapp;
mod workspace;

use python::Tools;
use std::fs;

#[test]
fn sam_builds_the_template() {
    let _turn = place::turn();
    let tools = Tools::installed();
    let verdict = build::sam_validate(tools);
    assert!(verdict.contains("is a valid SAM Template"), "{verdict}");
    let folder = build::sam_build(tools);
    for function in ["IngestFunction", "AttachmentsFunction", "AggregatorFunction", "SenderFunction"] {
        let binary = fs::read(folder.join(function).join("bootstrap")).expect("every function has a bootstrap");
        assert!(binary.starts_with(b"\x7fELF"), "{function} is no program for Linux");
        // The machine's number, in the ELF header.
        assert_eq!(binary.get(18..20), Some(build::elf_machine().as_slice()), "{function} is for another processor");
    }
}
