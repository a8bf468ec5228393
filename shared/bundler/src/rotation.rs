//! How a webhook's signing secret is replaced: the new one signs at once, and the one before it beside it for a day, so
//! that a receiver can change over when it likes. Nobody has to come back and write anything: time ends an old secret.

use crate::{limits, settings::Settings, signature::SigningSecret, timestamp::Timestamp};
use serde::{Deserialize, Serialize};

/// A secret that another has replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    pub secret: SigningSecret,
    /// From then on it signs no more.
    pub ends: Timestamp,
}

impl Settings {
    /// Lets `secret` sign from now on. What signed until now does so for a day longer; of more replacements within a day
    /// than may sign at the same time, the oldest secret ends at once.
    pub fn rotate(&mut self, now: Timestamp, secret: SigningSecret) {
        let ends = now.plus(limits::SECRET_OVERLAP);
        let replaced = std::mem::replace(&mut self.secrets, vec![secret]);
        let mut replaced: Vec<_> = replaced.into_iter().map(|secret| Replaced { secret, ends }).collect();
        replaced.extend(self.replaced.drain(..).filter(|earlier| now < earlier.ends));
        replaced.truncate(limits::SIGNING_SECRETS - self.secrets.len());
        self.replaced = replaced;
    }

    /// The secrets that sign at `moment`, the newest first.
    pub fn signing(&self, moment: Timestamp) -> impl Iterator<Item = &SigningSecret> {
        let replaced = self.replaced.iter().filter(move |replaced| moment < replaced.ends);
        self.secrets.iter().chain(replaced.map(|replaced| &replaced.secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::Granularity;
    use std::time::Duration;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    fn secret(number: u8) -> SigningSecret {
        SigningSecret::from_bytes([number; 32])
    }

    fn signing(settings: &Settings, moment: Timestamp) -> Vec<SigningSecret> {
        settings.signing(moment).cloned().collect()
    }

    #[test]
    fn a_replaced_secret_signs_behind_the_new_one_for_a_day_and_then_no_more() {
        let now = at("2021-02-24T16:00:00Z");
        let mut settings = Settings::new("https://example.org".to_owned(), Granularity::Hours1, secret(1));
        settings.rotate(now, secret(2));
        let day = now.plus(Duration::from_secs(24 * 3_600));
        for both in [now, day.minus(Duration::from_millis(1))] {
            assert_eq!(signing(&settings, both), [secret(2), secret(1)]);
        }
        assert_eq!(signing(&settings, day), [secret(2)]);
        assert_eq!(signing(&settings, now.plus(Duration::from_secs(365 * 86_400))), [secret(2)]);
    }

    #[test]
    fn of_more_than_two_replacements_within_a_day_the_oldest_secret_ends_at_once() {
        let now = at("2021-02-24T16:00:00Z");
        let hours = |hours: u64| now.plus(Duration::from_secs(hours * 3_600));
        let mut settings = Settings::new("https://example.org".to_owned(), Granularity::Hours1, secret(1));
        settings.rotate(now, secret(2));
        settings.rotate(hours(6), secret(3));
        assert_eq!(signing(&settings, hours(6)), [secret(3), secret(2), secret(1)]);
        // Each ends a day after it was replaced, whatever came after.
        assert_eq!(signing(&settings, hours(24)), [secret(3), secret(2)]);
        assert_eq!(signing(&settings, hours(30)), [secret(3)]);
        settings.rotate(hours(7), secret(4));
        assert_eq!(signing(&settings, hours(7)), [secret(4), secret(3), secret(2)]);
        settings.rotate(hours(30), secret(5));
        assert_eq!(signing(&settings, hours(30)), [secret(5), secret(4), secret(3)]);
        settings.rotate(hours(100), secret(6));
        assert_eq!(settings.replaced.len(), 1, "what has ended is not kept");
    }

    #[test]
    fn secrets_stored_before_any_was_replaced_read_and_what_is_stored_now_reads_as_before_but_for_the_overlap() {
        #[derive(Deserialize)]
        struct Before {
            secrets: Vec<SigningSecret>,
        }
        let (one, two) = (secret(1), secret(2));
        let stored = format!(
            r#"{{"url":"https://example.org","switch":"on","granularity":{{"first":"24h"}},"success":"200",
            "concurrency":4,"secrets":["{}","{}"]}}"#,
            one.reveal(),
            two.reveal()
        );
        let mut settings: Settings = serde_json::from_str(&stored).expect("settings");
        let now = at("2021-02-24T16:00:00Z");
        assert_eq!(signing(&settings, now), [one, two]);
        settings.rotate(now, secret(3));
        let again = serde_json::to_string(&settings).expect("JSON");
        assert_eq!(serde_json::from_str::<Settings>(&again).expect("settings"), settings);
        let before: Before = serde_json::from_str(&again).expect("settings");
        assert_eq!(before.secrets, [secret(3)]);
    }
}
