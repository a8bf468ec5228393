//! The table, and the budgets that it is held against (DESIGN's section "Budgets").

use crate::copy::Copied;
use crate::measure::Run;
use bundler::limits::UPLOAD_PART_BYTES;
use std::fmt::Write as _;

// "Under" so many bytes: the last number that holds.
const BINARY_BYTES_MAX: u64 = 4_999_999;
const ZIP_BYTES_MAX: u64 = 2_299_999;
/// The settings are over that, with a page, an API and its description: they are held to what they are.
const SETTINGS_BINARY_BYTES_MAX: u64 = 5_459_999;
const SETTINGS_ZIP_BYTES_MAX: u64 = 2_579_999;
/// The sender is over it by a hundredth, with links to files and the role that signs them.
const SENDER_ZIP_BYTES_MAX: u64 = 2_339_999;
const FIRST_CALL_INSTRUCTIONS_MAX: u64 = 5_000_000;
const PEAK_BYTES_MAX: u64 = 39_999_999;
/// Copying the largest file: a quarter of the 256 MB that the template gives the function.
const COPY_PEAK_BYTES_MAX: u64 = 63_999_999;
/// What a request may carry of that file.
const COPY_REQUEST_BYTES_MAX: u64 = UPLOAD_PART_BYTES as u64;
/// To the first poll, in multiples of what the smallest function needs.
const FIRST_POLL_RATIO_MAX: f64 = 3.0;
/// The functions that somebody waits for while they start, at every message. Nobody waits for the aggregator's and the
/// attachments', and the settings' page has a second; all are shown.
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
        let mut hold = |what: &str, is: u64, max: u64| broken.extend(above(name, what, is, max));
        let (binary_max, zip_max) = match name {
            "settings" => (SETTINGS_BINARY_BYTES_MAX, SETTINGS_ZIP_BYTES_MAX),
            "sender" => (BINARY_BYTES_MAX, SENDER_ZIP_BYTES_MAX),
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

/// What copying a file took, as a line of text.
pub(crate) fn copy_line(name: &str, peak_bytes: u64, copied: &Copied) -> String {
    let Copied { bytes, requests, largest_request_bytes } = copied;
    format!(
        "{name}, copying {} bytes: peak {} bytes, {requests} requests to S3, of up to {} bytes\n",
        grouped(*bytes),
        grouped(peak_bytes),
        grouped(*largest_request_bytes)
    )
}

/// One sentence for each budget of copying a file that is not held.
pub(crate) fn broken_copy_budgets(name: &str, peak_bytes: u64, copied: &Copied) -> Vec<String> {
    let peak = above(name, "bytes of memory at the peak of copying a file", peak_bytes, COPY_PEAK_BYTES_MAX);
    let largest = copied.largest_request_bytes;
    let request = above(name, "bytes of a file in a request", largest, COPY_REQUEST_BYTES_MAX);
    peak.into_iter().chain(request).collect()
}

fn above(name: &str, what: &str, is: u64, max: u64) -> Option<String> {
    (is > max).then(|| format!("{name}: {what}: {}, above the budget of {}", grouped(is), grouped(max)))
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
    fn a_copy_is_held_to_its_peak_and_to_a_part_at_a_time() {
        let copied = |largest_request_bytes| Copied { bytes: 104_857_600, requests: 15, largest_request_bytes };
        assert_eq!(broken_copy_budgets("attachments", 63_999_999, &copied(8_388_608)), Vec::<String>::new());
        let broken = broken_copy_budgets("attachments", 64_000_000, &copied(8_388_609));
        assert_eq!(broken.len(), 2, "{broken:?}");
        assert!(
            broken[0].ends_with("peak of copying a file: 64,000,000, above the budget of 63,999,999"),
            "{broken:?}"
        );
    }

    #[test]
    fn a_copys_line_has_all_its_figures() {
        let copied = Copied { bytes: 104_857_600, requests: 15, largest_request_bytes: 8_388_608 };
        let line = copy_line("attachments", 12_345_678, &copied);
        let figures = "copying 104,857,600 bytes: peak 12,345,678 bytes, 15 requests to S3, of up to 8,388,608 bytes";
        assert_eq!(line, format!("attachments, {figures}\n"));
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
