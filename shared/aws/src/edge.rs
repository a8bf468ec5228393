//! What every function's `main` needs: settings from the environment, the time, and lines on standard output.

use bundler::{
    endpoint::{Policy, Reach, Scheme},
    log::{Level, Line, Log},
    ports::Clock,
    timestamp::Timestamp,
    window::AggregationUnit,
};
use std::{
    env,
    io::Write,
    panic,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A variable that has to be there.
pub fn text(name: &str) -> Result<String, String> {
    env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| format!("the variable {name} is not set"))
}

/// A variable that may be missing, and then says nothing.
pub fn text_or_empty(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// A variable that is `true` or `false`.
pub fn flag(name: &str) -> Result<bool, String> {
    match text(name)?.as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("the variable {name} must be true or false")),
    }
}

/// The aggregation unit: an hour. Anything else is for emulators, where windows have to end while a test looks on.
pub fn aggregation_unit() -> Result<AggregationUnit, String> {
    let seconds = text("AGGREGATION_UNIT_SECONDS")?;
    let unit = seconds.parse().ok().and_then(AggregationUnit::from_seconds);
    let unit = unit.ok_or("the variable AGGREGATION_UNIT_SECONDS must be 1 to 3600")?;
    if unit != AggregationUnit::HOUR {
        only_on_an_emulator("AGGREGATION_UNIT_SECONDS may be other than 3600")?;
    }
    Ok(unit)
}

/// Which receivers may be called at all.
pub fn receivers() -> Result<Policy, String> {
    let scheme = if flag("ALLOW_HTTP")? { Scheme::HttpToo } else { Scheme::HttpsOnly };
    let reach = if flag("ALLOW_PRIVATE_RECEIVERS")? { Reach::Private } else { Reach::Public };
    if reach == Reach::Private {
        only_on_an_emulator("receivers that are not public may be called")?;
    }
    Ok(Policy { scheme, reach })
}

/// Refuses what is for tests alone, except against an emulator: there `AWS_ENDPOINT_URL` names it.
pub fn only_on_an_emulator(what: &str) -> Result<(), String> {
    let emulator = env::var("AWS_ENDPOINT_URL").is_ok_and(|url| {
        let host = url.split_once("://").map_or("", |(_, rest)| rest);
        ["localhost", "127.0.0.1", "[::1]"]
            .into_iter()
            .any(|local| host.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])))
    });
    if emulator { Ok(()) } else { Err(format!("{what} only against an emulator on this machine")) }
}

/// The system's clock.
#[derive(Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        from_system(SystemTime::now())
    }
}

/// A moment of the system's clock; before 1970 it is 1970.
pub fn from_system(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::EPOCH.plus(since)
}

/// A little before an invocation ends: when it has to be done.
pub fn deadline(invocation: SystemTime, reserve: Duration) -> Timestamp {
    from_system(invocation).minus(reserve)
}

/// Lines on standard output, from a level on.
pub struct Output {
    function: &'static str,
    level: Level,
}

impl Output {
    /// The level is the variable `LOG_LEVEL`'s, INFO if it is not set. Also makes panics speak without their message,
    /// which may hold what was being worked on.
    pub fn new(function: &'static str) -> Result<Self, String> {
        let level = match env::var("LOG_LEVEL") {
            Ok(name) => Level::parse(&name).ok_or("the variable LOG_LEVEL must be DEBUG, INFO, WARN or ERROR")?,
            Err(_) => Level::Info,
        };
        panic::set_hook(Box::new(move |info| {
            let place = info.location().map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
            write(Line::new(Level::Error, "panicked").text("error", place).render(SystemClock.now(), function));
        }));
        Ok(Self { function, level })
    }
}

impl Log for Output {
    fn log(&self, line: Line) {
        if line.level >= self.level {
            write(line.render(SystemClock.now(), self.function));
        }
    }
}

fn write(mut line: String) {
    line.push('\n');
    // A function whose standard output is gone has nobody to tell.
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_clock_reads_to_the_millisecond() {
        let moment = from_system(UNIX_EPOCH + Duration::from_millis(1_614_183_929_125));
        assert_eq!(moment.rfc3339(), "2021-02-24T16:25:29.125Z");
        assert_eq!(from_system(UNIX_EPOCH - Duration::from_secs(1)).seconds(), 0);
    }
}
