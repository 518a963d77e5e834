//! Durations in words.

/// A duration in its largest useful unit.
pub(crate) fn largest_unit(seconds: u64) -> (u64, &'static str) {
    match seconds {
        0..=119 => (seconds, "second"),
        120..=7199 => (seconds / 60, "minute"),
        7200..=172_799 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    }
}
