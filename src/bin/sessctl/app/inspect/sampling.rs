//! [`Bucket`]: so many a second are shown, and more at once for a moment.

use std::time::Instant;

/// How many a second are shown in the long run: more than anybody reads, and little work.
const PER_SECOND: f64 = 50.0;

/// How many are shown at once after a quiet time: all of a script's run.
const AT_ONCE: f64 = 200.0;

/// A token bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Default for Bucket {
    fn default() -> Self {
        Bucket { tokens: AT_ONCE, filled: Instant::now() }
    }
}

impl Bucket {
    /// Whether one more may be shown.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + since * PER_SECOND).min(AT_ONCE);
        self.filled = now;
        let is_left = self.tokens >= 1.0;
        if is_left {
            self.tokens -= 1.0;
        }
        is_left
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_rush_is_cut_and_goes_on_at_a_steady_pace() {
        let (mut bucket, start) = (Bucket::default(), Instant::now());
        let taken = |bucket: &mut Bucket, from: u64| {
            let moments = (0..1000).map(|tenth| start + Duration::from_micros(from + tenth * 1000));
            moments.filter(|now| bucket.take(*now)).count()
        };
        assert!((245..=255).contains(&taken(&mut bucket, 0)));
        assert!((49..=51).contains(&taken(&mut bucket, 1_000_000)));
        assert!((245..=255).contains(&taken(&mut bucket, 60_000_000)));
    }
}
