//! [`RateLimit`]: how many events per second are shown.

use std::time::Instant;

const MAX_PER_SECOND: f64 = 50.0;

/// How many events are shown at once after a quiet time: enough for all requests of a script.
const MAX_BURST: f64 = 200.0;

/// A token bucket.
#[derive(Debug)]
pub(super) struct RateLimit {
    tokens: f64,
    refilled: Instant,
}

impl Default for RateLimit {
    fn default() -> Self {
        RateLimit { tokens: MAX_BURST, refilled: Instant::now() }
    }
}

impl RateLimit {
    /// Takes a token, if there is one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.refilled).as_secs_f64();
        self.tokens = (self.tokens + since * MAX_PER_SECOND).min(MAX_BURST);
        self.refilled = now;
        let is_allowed = self.tokens >= 1.0;
        if is_allowed {
            self.tokens -= 1.0;
        }
        is_allowed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_is_limited_and_the_rate_is_steady_after_it() {
        let (mut limit, start) = (RateLimit::default(), Instant::now());
        let taken = |limit: &mut RateLimit, from: u64| {
            let times = (0..1000).map(|tenth| start + Duration::from_micros(from + tenth * 1000));
            times.filter(|now| limit.take(*now)).count()
        };
        assert!((245..=255).contains(&taken(&mut limit, 0)));
        assert!((49..=51).contains(&taken(&mut limit, 1_000_000)));
        assert!((245..=255).contains(&taken(&mut limit, 60_000_000)));
    }
}
