//! `cargo local`: Bundlehook on one machine. It runs the functions' use cases in one process, plays a sample
//! conversation through them, prints the webhooks that come out, and stays up for messages by hand and for changes on the
//! settings page.
//!
//! It compiles no AWS SDK, listens on the loopback interface alone, and calls nobody but itself, whom a person enters on
//! the settings page, and where a message that is sent by hand has its file.

mod adapted;
mod arguments;
mod as_twilio;
mod as_whatsapp;
mod by_hand;
mod check;
mod clock;
mod compare;
mod demonstration;
mod document;
mod download;
mod expected;
mod fakes;
mod figures;
#[cfg(test)]
mod fixtures;
mod ingest_endpoint;
mod item_json;
mod links_endpoint;
mod mailbox;
mod names;
#[cfg(test)]
mod plays;
mod prepared;
mod receiver;
mod run;
mod sample;
mod sample_files;
mod screen;
mod secrets;
mod settings_endpoint;
mod show;
mod stage;
mod stores;
mod text;
mod upstream;
mod webhook;
mod words;
mod world;

use arguments::Command;
use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    let done = match arguments::parse(env::args_os().skip(1)) {
        Ok(Command::Run(arguments)) => run::run(&arguments),
        Ok(Command::Help) => {
            screen::Screen::new().show(arguments::HELP);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            complain(&format!("{error} (`cargo local --help` says what there is)"));
            Ok(ExitCode::from(2))
        }
    };
    done.unwrap_or_else(|error| {
        complain(&error);
        ExitCode::FAILURE
    })
}

fn complain(error: &str) {
    // When nobody reads any more, there is nobody to tell.
    let _ = writeln!(io::stderr(), "cargo local: {}", text::neutral(error));
}
