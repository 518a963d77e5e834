//! Time, injected: nothing in the library asks the operating system for the time by itself.
//!
//! Both halves of the crate use it: the server side for the expiry of sessions, the client side for the
//! expiry of cookies. Tests pass a [`ManualClock`] and move it; nobody sleeps.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment in UTC, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// It is shown, and written to JSON, as RFC 3339 (`2030-01-31T12:00:00Z`, with milliseconds where there
/// are any).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The latest moment that can be written as RFC 3339: the end of the year 9999.
    pub const MAX: Timestamp = Timestamp(253_402_207_200_000);

    /// The moment `millis` milliseconds after (or, when negative, before) 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(millis)
    }

    /// The moment `seconds` after (or before) 1970-01-01T00:00:00Z, to the millisecond; what is beyond all time is its
    /// end.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "a float beyond the range becomes its end, NaN zero")]
    pub fn from_seconds(seconds: f64) -> Self {
        Timestamp((seconds * 1e3) as i64).min(Self::MAX)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment and `duration` more; no later than [`Timestamp::MAX`].
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_add(millis)).min(Self::MAX)
    }

    /// How long ago `earlier` was; zero when it is not earlier.
    #[must_use]
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "@{}", self.as_seconds()),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rfc3339;
        impl de::Visitor<'_> for Rfc3339 {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date such as 2030-01-31T12:00:00Z")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                let moment: jiff::Timestamp =
                    text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))?;
                Ok(Timestamp(moment.as_millisecond()))
            }
        }
        deserializer.deserialize_str(Rfc3339)
    }
}

/// Where the time comes from.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp(0).plus(since_1970)
    }
}

/// A clock that stands still until it is moved: for tests of expiry.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub const fn new(start: Timestamp) -> Self {
        ManualClock(AtomicI64::new(start.0))
    }

    /// Moves the clock to `moment`, which may lie in its past.
    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.0, Ordering::SeqCst);
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().plus(by));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// A clock that goes with another one, moved forward: for trying expiry with a server that runs.
#[derive(Debug)]
pub struct OffsetClock<C> {
    clock: C,
    /// In milliseconds.
    by: AtomicI64,
}

impl<C: Clock> OffsetClock<C> {
    /// A clock that shows what `clock` does, until it is moved.
    #[must_use]
    pub const fn new(clock: C) -> Self {
        OffsetClock { clock, by: AtomicI64::new(0) }
    }

    /// Moves it forward, further than it was moved before, and tells what it shows then. Never beyond
    /// [`Timestamp::MAX`].
    pub fn advance(&self, by: Duration) -> Timestamp {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let add = |before: i64| Some(before.saturating_add(by));
        // The closure never declines.
        let _ = self.by.fetch_update(Ordering::SeqCst, Ordering::SeqCst, add);
        self.now()
    }
}

impl<C: Clock> Clock for OffsetClock<C> {
    fn now(&self) -> Timestamp {
        let by = u64::try_from(self.by.load(Ordering::SeqCst)).unwrap_or(0);
        self.clock.now().plus(Duration::from_millis(by))
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_written_and_read_as_rfc_3339() {
        let moment = Timestamp::from_millis(1_900_000_000_000);
        let json = serde_json::to_string(&moment).unwrap();
        assert_eq!(json, r#""2030-03-17T17:46:40Z""#);
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), moment);
        assert!(serde_json::from_str::<Timestamp>(r#""yesterday""#).is_err());
    }

    #[test]
    fn the_largest_timestamp_can_be_written() {
        assert!(jiff::Timestamp::from_millisecond(Timestamp::MAX.0).is_ok());
        assert_eq!(Timestamp::from_millis(i64::MAX - 5).plus(Duration::MAX), Timestamp::MAX);
    }

    #[test]
    fn a_moved_clock_goes_on_from_where_it_was_moved() {
        let base = std::sync::Arc::new(ManualClock::new(Timestamp::from_millis(1000)));
        let moved = OffsetClock::new(std::sync::Arc::clone(&base));
        assert_eq!(moved.advance(Duration::from_secs(5)), Timestamp::from_millis(6000));
        base.advance(Duration::from_secs(1));
        assert_eq!(moved.now(), Timestamp::from_millis(7000));
        assert_eq!(moved.advance(Duration::MAX), Timestamp::MAX);
        assert_eq!(moved.advance(Duration::MAX), Timestamp::MAX);
    }

    #[test]
    fn time_before_an_event_is_no_time_since_it() {
        let (early, late) = (Timestamp::from_millis(-5), Timestamp::from_millis(1000));
        assert_eq!(late.since(early), Duration::from_millis(1005));
        assert_eq!(early.since(late), Duration::ZERO);
    }
}
