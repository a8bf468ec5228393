//! How long a webhook that does not take what it is sent is waited for, and how often.

use crate::{limits, timestamp::Timestamp};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// The schedule of waits, and from how many errors in a row on something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// After the first error, the second, and so on; the last one for all behind it. There is at least one.
    waits: Vec<Duration>,
    /// A webhook is disabled, and a delivery given up, at so many errors in a row of its own.
    pub disable_at: u32,
    /// The owner is warned at so many; not at all, without a number.
    pub warn_at: Option<u32>,
}

impl Default for Patience {
    fn default() -> Self {
        let waits = limits::RETRY_WAITS_MINUTES.map(|minutes| Duration::from_secs(minutes * 60)).to_vec();
        Self { waits, disable_at: limits::DISABLE_AT_ERROR, warn_at: Some(limits::WARN_AT_ERROR) }
    }
}

impl Patience {
    /// From texts as the template's parameters have them: waits as in `1m,5m,2h`, with seconds, minutes and hours;
    /// 0 is no warning.
    pub fn parse(waits: &str, disable_at: &str, warn_at: &str) -> Result<Self, String> {
        let waits: Vec<Duration> = waits.split(',').map(|wait| parse_wait(wait.trim())).collect::<Result<_, _>>()?;
        let count = |name: &str, text: &str| {
            let number = text.trim().parse::<u32>().ok().filter(|number| *number <= limits::ERRORS_MAX);
            number.ok_or_else(|| format!("{name} must be a number up to {}", limits::ERRORS_MAX))
        };
        let disable_at = count("the number of errors to disable at", disable_at)?;
        let warn_at = count("the number of errors to warn at", warn_at)?;
        if disable_at == 0 {
            return Err("the number of errors to disable at must be 1 or more".to_owned());
        }
        Ok(Self { waits, disable_at, warn_at: (warn_at > 0).then_some(warn_at) })
    }

    /// The same, for an owner who wants no warnings.
    #[must_use]
    pub fn without_warning(&self) -> Self {
        Self { warn_at: None, ..self.clone() }
    }

    /// When it is tried again after so many errors, of which the last was `now`: by the schedule, a tenth more or less,
    /// and never before the receiver wants it.
    pub fn next(&self, errors: u32, now: Timestamp, not_before: Option<Timestamp>, jitter: u64) -> Timestamp {
        let place = usize::try_from(errors.saturating_sub(1)).unwrap_or(usize::MAX).min(self.waits.len() - 1);
        let wait = self.waits[place] * u32::try_from(900 + jitter % 1_000 / 5).unwrap_or(1_000) / 1_000;
        let scheduled = now.plus(wait);
        not_before.map_or(scheduled, |not_before| scheduled.max(not_before))
    }

    /// From the first error to the last, if every wait is as long as it may be.
    pub fn longest(&self) -> Duration {
        let waits = self.waits.iter().chain(std::iter::repeat(&self.waits[self.waits.len() - 1]));
        waits.take(usize::try_from(self.disable_at.saturating_sub(1)).unwrap_or(0)).map(|wait| *wait * 11 / 10).sum()
    }
}

fn parse_wait(text: &str) -> Result<Duration, String> {
    let wrong = || format!("a wait is written as in 30s, 5m or 2h, from 1s to {} hours", limits::WAIT_HOURS_MAX);
    let (number, seconds) = match text.split_at_checked(text.len().saturating_sub(1)) {
        Some((number, "s")) => (number, 1),
        Some((number, "m")) => (number, 60),
        Some((number, "h")) => (number, 3_600),
        Some(_) | None => return Err(wrong()),
    };
    let seconds = number.parse::<u32>().ok().and_then(|number| number.checked_mul(seconds)).ok_or_else(wrong)?;
    let longest = limits::WAIT_HOURS_MAX * 3_600;
    if (1..=longest).contains(&u64::from(seconds)) { Ok(Duration::from_secs(seconds.into())) } else { Err(wrong()) }
}

/// A number below 1,000 that differs from one webhook to the next and from one error to the next, so that those that
/// failed at the same time are not all tried at the same time.
pub fn jitter(about: &str, sequence: u64) -> u64 {
    let digest = Sha256::digest(format!("{about}/{sequence}").as_bytes());
    digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte)) % 1_000
}
