//! The table, and the judgement of each row. It decides and prints; it measures nothing.

use crate::{Result, probe::Outcome, receivers::Receiver};
use std::time::Duration;

/// A request has to end within so long, whatever a receiver does: the client's 15 s, and one to notice.
const AT_MOST_MS: u64 = 16_000;
/// So much more memory may be in use at any moment than before the request, KiB.
const GROWTH_KIB: u64 = 2_048;

/// What is wrong with an outcome, in a few words each.
pub(crate) fn faults(expected: &str, outcome: &Outcome) -> Vec<String> {
    let checks = [
        (outcome.ended != expected, format!("expected {expected}")),
        (outcome.duration_ms > AT_MOST_MS, "too long".to_owned()),
        (outcome.grown_kib > GROWTH_KIB, "too much memory".to_owned()),
        (outcome.canary > 0, format!("{} calls to loopback", outcome.canary)),
    ];
    checks.into_iter().filter(|(is_wrong, _)| *is_wrong).map(|(_, fault)| fault).collect()
}

pub(crate) fn heading() -> String {
    line(["receiver", "what it does", "expected", "got", "seconds", "KiB", "verdict"])
}

/// A receiver's line, and whether all is well.
pub(crate) fn row(receiver: &Receiver, outcome: &Result<Outcome>) -> (String, bool) {
    let expected = receiver.expected.name();
    let (got, seconds, kib, faults) = match outcome {
        Err(error) => ("-", String::new(), String::new(), vec![error.to_string()]),
        Ok(outcome) => {
            let seconds = format!("{:.1}", Duration::from_millis(outcome.duration_ms).as_secs_f64());
            (outcome.ended.as_str(), seconds, outcome.grown_kib.to_string(), faults(expected, outcome))
        }
    };
    let verdict = if faults.is_empty() { "right".to_owned() } else { format!("WRONG: {}", faults.join(", ")) };
    (line([receiver.name, receiver.does, expected, got, &seconds, &kib, &verdict]), faults.is_empty())
}

fn line(columns: [&str; 7]) -> String {
    let [name, does, expected, got, seconds, kib, verdict] = columns;
    format!("{name:<22} {does:<37} {expected:<15} {got:<15} {seconds:>7} {kib:>6}  {verdict}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome() -> Outcome {
        Outcome {
            ended: "timeout".to_owned(),
            duration_ms: AT_MOST_MS,
            grown_kib: GROWTH_KIB,
            canary: 0,
            detail: String::new(),
        }
    }

    #[test]
    fn what_ends_in_time_within_memory_and_as_expected_is_right() {
        assert_eq!(faults("timeout", &outcome()), [""; 0]);
    }

    #[test]
    fn each_thing_that_is_wrong_is_a_fault_of_its_own() {
        let late = Outcome { duration_ms: AT_MOST_MS + 1, ..outcome() };
        let large = Outcome { grown_kib: GROWTH_KIB + 1, ..outcome() };
        let led = Outcome { canary: 2, ..outcome() };
        assert_eq!(faults("body", &outcome()), ["expected body"]);
        assert_eq!(faults("timeout", &late), ["too long"]);
        assert_eq!(faults("timeout", &large), ["too much memory"]);
        assert_eq!(faults("timeout", &led), ["2 calls to loopback"]);
        let all = Outcome { duration_ms: u64::MAX, grown_kib: u64::MAX, canary: 1, ..outcome() };
        assert_eq!(faults("tls", &all).len(), 4);
    }

    #[test]
    fn a_receiver_that_could_not_be_tried_is_wrong() {
        let receiver = crate::receivers::all()[0];
        let (line, is_right) = row(receiver, &Err("no answer from its process".into()));
        assert!(!is_right && line.contains("WRONG: no answer from its process"), "{line}");
        let (line, is_right) = row(receiver, &Ok(Outcome { ended: receiver.expected.name().to_owned(), ..outcome() }));
        assert!(is_right && line.ends_with("  right"), "{line}");
    }
}
