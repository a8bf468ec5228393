//! The table, and the budgets that it is held against (DESIGN's section "Budgets").

use crate::measure::Run;
use std::fmt::Write as _;

// "Under" so many bytes: the last number that holds.
const BINARY_BYTES_MAX: u64 = 4_999_999;
const ZIP_BYTES_MAX: u64 = 2_299_999;
/// The settings are over that, with a page, an API and its description: they are held to what they are.
const SETTINGS_BINARY_BYTES_MAX: u64 = 5_199_999;
const SETTINGS_ZIP_BYTES_MAX: u64 = 2_469_999;
const FIRST_CALL_INSTRUCTIONS_MAX: u64 = 5_000_000;
const PEAK_BYTES_MAX: u64 = 39_999_999;
/// To the first poll, in multiples of what the smallest function needs.
const FIRST_POLL_RATIO_MAX: f64 = 3.0;
/// The functions that somebody waits for while they start, at every message. Nobody waits for the aggregator's, and the
/// settings' page has a second; both are shown.
const HELD_TO_START: [&str; 2] = ["ingest", "sender"];

pub(crate) struct Footprint {
    pub(crate) name: &'static str,
    pub(crate) binary_bytes: u64,
    pub(crate) zip_bytes: u64,
    pub(crate) run: Run,
}

/// The footprints as lines of text; the first is what the ratios refer to.
pub(crate) fn table(footprints: &[Footprint]) -> String {
    let mut text = format!(
        "{:<11}{:>13}{:>13}{:>13}{:>17}{:>9}   {}\n",
        "function", "binary bytes", "zip bytes", "peak bytes", "Ir to 1st poll", "x hello", "Ir to end of 1st AWS call"
    );
    for footprint in footprints {
        let call = footprint.run.first_call.as_ref();
        let call = call.map(|call| format!("{:>13}  {}", grouped(call.instructions), call.operation));
        let _ = writeln!(
            text,
            "{:<11}{:>13}{:>13}{:>13}{:>17}{:>9.2}   {}",
            footprint.name,
            grouped(footprint.binary_bytes),
            grouped(footprint.zip_bytes),
            grouped(footprint.run.peak_bytes),
            grouped(footprint.run.first_poll_instructions),
            ratio(footprint, footprints),
            call.unwrap_or_else(|| format!("{:>13}", "none"))
        );
    }
    text
}

/// One sentence for each budget that is not held.
pub(crate) fn broken_budgets(footprints: &[Footprint]) -> Vec<String> {
    let mut broken = Vec::new();
    for footprint in footprints {
        let name = footprint.name;
        let mut hold = |what: &str, is: u64, max: u64| {
            if is > max {
                broken.push(format!("{name}: {what}: {}, above the budget of {}", grouped(is), grouped(max)));
            }
        };
        let (binary_max, zip_max) = match name {
            "settings" => (SETTINGS_BINARY_BYTES_MAX, SETTINGS_ZIP_BYTES_MAX),
            _ => (BINARY_BYTES_MAX, ZIP_BYTES_MAX),
        };
        hold("bytes of the binary", footprint.binary_bytes, binary_max);
        hold("bytes of the zip", footprint.zip_bytes, zip_max);
        hold("bytes of memory at the peak", footprint.run.peak_bytes, PEAK_BYTES_MAX);
        if !HELD_TO_START.contains(&name) {
            continue;
        }
        match &footprint.run.first_call {
            Some(call) => {
                hold("instructions to the first call's end", call.instructions, FIRST_CALL_INSTRUCTIONS_MAX);
            }
            None => broken.push(format!("{name}: it called no AWS service, so its first call was not measured")),
        }
        let ratio = ratio(footprint, footprints);
        if ratio > FIRST_POLL_RATIO_MAX {
            let max = FIRST_POLL_RATIO_MAX;
            broken
                .push(format!("{name}: instructions to the first poll: {ratio:.2} x hello, above the budget of {max}"));
        }
    }
    broken
}

#[expect(clippy::cast_precision_loss, reason = "counts of instructions are far below 2^52")]
fn ratio(footprint: &Footprint, all: &[Footprint]) -> f64 {
    let hello = all.first().map_or(footprint, |first| first).run.first_poll_instructions;
    footprint.run.first_poll_instructions as f64 / hello as f64
}

/// A number with a comma between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::FirstCall;

    fn footprint(name: &'static str, binary_bytes: u64, poll: u64, call: u64) -> Footprint {
        let first_call = Some(FirstCall { operation: "GetItem".into(), instructions: call });
        let run = Run { peak_bytes: 1_000, first_poll_instructions: poll, first_call };
        Footprint { name, binary_bytes, zip_bytes: 1_000, run }
    }

    #[test]
    fn what_is_on_the_edge_is_within_the_budget() {
        let all = [footprint("hello", 1, 100, 1), footprint("ingest", 4_999_999, 300, 5_000_000)];
        assert_eq!(broken_budgets(&all), Vec::<String>::new());
    }

    #[test]
    fn each_broken_budget_is_named_with_its_figures() {
        let all = [footprint("hello", 1, 100, 1), footprint("sender", 5_000_000, 301, 5_000_001)];
        let broken = broken_budgets(&all);
        assert_eq!(broken.len(), 3, "{broken:?}");
        assert_eq!(broken[0], "sender: bytes of the binary: 5,000,000, above the budget of 4,999,999");
    }

    #[test]
    fn the_aggregator_is_held_to_its_size_and_not_to_its_start() {
        let all = [footprint("hello", 1, 100, 1), footprint("aggregator", 1, 900, 9_000_000)];
        assert_eq!(broken_budgets(&all), Vec::<String>::new());
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
