//! The command line, read into what it asks for. What it does not know it refuses; it never guesses.

use crate::upstream::Kind;
use bundler::{endpoint, window::Granularity};
use lexopt::{Arg, Parser, ValueExt};
use std::{ffi::OsString, path::PathBuf};

pub(crate) const HELP: &str = "\
Bundlehook on one machine: plays a sample conversation through it, on a clock
that runs fast, and prints each webhook that comes out. Then it stays up, for
messages that you send by hand.

Usage: cargo local [options]

  --every HOURS   gather for 1, 6, 12 or 24 hours, or none    [default: 1]
  --upstream NAME
                  play the conversation as its upstream sends it: the platform's
                  own back end (native), Meta's WhatsApp Cloud API (whatsapp) or
                  Twilio (twilio)                            [default: native]
  --speed N       seconds that pass in a real second, 1 to 100000
                  [default: 1200: the demonstration takes about 20 seconds;
                  with --page, 1]
  --data DIR      keep what is stored in DIR, and go on from there next time;
                  the conversation is then played again on the next day
  --port N        take messages in on this port of 127.0.0.1
                  [default: a free one]
  --settings-port N
                  serve the settings page on this port of 127.0.0.1, once the
                  demonstration is over; 0 for a free one      [default: 8480]
  --page STATE    play no demonstration, but show the settings page as it is
                  when a webhook is working, failing, disabled or off, when
                  there are several or none (empty); say in JSON where
  --once          end after the demonstration: 0 if everything came out as it
                  should, 1 if it did not
  --log           print the functions' log lines to standard error, as JSON
  -h, --help      print this";

/// The same each time, because a browser's tab may be open.
const SETTINGS_PORT: u16 = 8_480;

/// What a run is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) every: Granularity,
    pub(crate) upstream: Kind,
    /// None, where nothing is asked for.
    pub(crate) speed: Option<u32>,
    /// Where what is stored outlives the process.
    pub(crate) data: Option<PathBuf>,
    /// 0 is any free one.
    pub(crate) port: u16,
    /// Of the settings page; 0 is any free one.
    pub(crate) settings_port: u16,
    /// The state that the settings page is to be seen in, instead of the demonstration.
    pub(crate) page: Option<PageState>,
    pub(crate) afterwards: Afterwards,
    pub(crate) lines: Lines,
}

/// What a settings page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageState {
    /// No webhook is there yet.
    Empty,
    Working,
    Several,
    Failing,
    Disabled,
    Off,
}

impl PageState {
    pub(crate) const ALL: [Self; 6] =
        [Self::Empty, Self::Working, Self::Several, Self::Failing, Self::Disabled, Self::Off];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Working => "working",
            Self::Several => "several",
            Self::Failing => "failing",
            Self::Disabled => "disabled",
            Self::Off => "off",
        }
    }
}

/// What comes after the demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Afterwards {
    StayUp,
    End,
}

/// What becomes of the functions' log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    Dropped,
    ToStandardError,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Run(Arguments),
    Help,
}

/// Reads the arguments behind the program's name; the error says what is wrong with them.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    let mut run = Arguments {
        every: Granularity::Hours1,
        upstream: Kind::Native,
        speed: None,
        data: None,
        port: 0,
        settings_port: SETTINGS_PORT,
        page: None,
        afterwards: Afterwards::StayUp,
        lines: Lines::Dropped,
    };
    let mut parser = Parser::from_args(arguments);
    while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
        match argument {
            Arg::Long("every") => {
                run.every = value(&mut parser, "--every", "none, 1, 6, 12 or 24", granularity)?;
            }
            Arg::Long("upstream") => {
                let kind = |text: &str| Kind::ALL.into_iter().find(|kind| kind.name() == text);
                run.upstream = value(&mut parser, "--upstream", "native, whatsapp or twilio", kind)?;
            }
            Arg::Long("speed") => {
                let speed = |text: &str| text.parse().ok().filter(|speed| (1..=100_000).contains(speed));
                run.speed = Some(value(&mut parser, "--speed", "a whole number from 1 to 100000", speed)?);
            }
            Arg::Long("data") => {
                let directory = parser.value().map_err(|error| error.to_string())?;
                if directory.is_empty() {
                    return Err("--data must name a directory".to_owned());
                }
                run.data = Some(directory.into());
            }
            Arg::Long("port") => run.port = port(&mut parser, "--port")?,
            Arg::Long("settings-port") => run.settings_port = port(&mut parser, "--settings-port")?,
            Arg::Long("page") => {
                let state = |text: &str| PageState::ALL.into_iter().find(|state| state.name() == text);
                let names = "empty, working, several, failing, disabled or off";
                run.page = Some(value(&mut parser, "--page", names, state)?);
            }
            Arg::Long("once") => run.afterwards = Afterwards::End,
            Arg::Long("log") => run.lines = Lines::ToStandardError,
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Short(_) | Arg::Long(_) | Arg::Value(_) => return Err(argument.unexpected().to_string()),
        }
    }
    Ok(Command::Run(run))
}

fn granularity(text: &str) -> Option<Granularity> {
    if text == "none" {
        return Some(Granularity::None);
    }
    let hours = text.parse().ok()?;
    Granularity::ALL.into_iter().find(|granularity| granularity.units() == Some(hours))
}

fn port(parser: &mut Parser, name: &str) -> Result<u16, String> {
    let open = |text: &str| text.parse().ok().filter(|port| *port == 0 || endpoint::is_open_port(*port));
    value(parser, name, "a port's number that browsers do not block", open)
}

/// The value of an option, or what it must be.
fn value<T>(parser: &mut Parser, name: &str, must: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    let text = parser.value().and_then(ValueExt::string).map_err(|error| error.to_string())?;
    read(&text).ok_or_else(|| format!("{name} must be {must}, not {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_text(text: &str) -> Result<Command, String> {
        parse(text.split_whitespace().map(OsString::from))
    }

    #[test]
    fn every_option_is_read() {
        let read = parse_text(
            "--once --log --every=12 --upstream twilio --speed 60 --data some/where --port 8080 --settings-port 0 --page off",
        );
        let expected = Arguments {
            every: Granularity::Hours12,
            upstream: Kind::Twilio,
            speed: Some(60),
            data: Some("some/where".into()),
            port: 8_080,
            settings_port: 0,
            page: Some(PageState::Off),
            afterwards: Afterwards::End,
            lines: Lines::ToStandardError,
        };
        assert_eq!(read, Ok(Command::Run(expected)));
        assert_eq!(parse_text("--help"), Ok(Command::Help));
    }

    #[test]
    fn what_it_does_not_know_is_refused_by_name() {
        for (text, named) in [
            ("--every 2", "--every"),
            ("--every 01h", "--every"),
            ("--every", "--every"),
            ("--upstream meta", "--upstream"),
            ("--speed 0", "--speed"),
            ("--speed 100001", "--speed"),
            ("--speed fast", "fast"),
            ("--port 65536", "--port"),
            ("--port 22", "--port"),
            ("--settings-port 6000", "--settings-port"),
            ("--page on", "--page"),
            ("--once=yes", "--once"),
            ("--onse", "--onse"),
            ("sample.json", "sample.json"),
        ] {
            let error = parse_text(text).expect_err(text);
            assert!(error.contains(named), "{error}");
        }
        assert!(parse(["--data".into(), OsString::new()]).is_err());
    }
}
