//! The most memory that this process has ever had at once, as Linux counts it. It reads and resets a mark of the
//! system's; it does not count allocations itself.

use crate::Result;
use std::fs;

/// The mark, KiB.
pub(crate) fn peak_kib() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    in_status(&status).ok_or_else(|| "the system does not say how much memory was used".into())
}

/// Puts the mark to what is in use now. Where the system does not let it, the mark stays: growth is then what goes
/// beyond all that was used before.
pub(crate) fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap_or_default();
}

fn in_status(status: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_read_in_kib() {
        assert_eq!(in_status("Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t   10188 kB\nVmRSS:\t 8 kB\n"), Some(10_188));
        assert_eq!(in_status("VmPeak:\t 9 kB\n"), None);
    }

    #[test]
    fn memory_that_is_used_raises_the_mark() {
        forget_peak();
        let before = peak_kib().expect("a mark");
        let used = std::hint::black_box(vec![1_u8; 8 << 20]);
        let grown = peak_kib().expect("a mark") - before;
        assert!(grown >= 7 << 10, "{grown} KiB for {} bytes", used.len());
    }
}
