//! The injected clock: the library reads the time only from a [`Clock`].
//!
//! Sessions and cookies expire by it. Tests pass a [`ManualClock`] and move it instead of waiting.

use std::fmt;
use std::ops::{Add, Sub};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A time in UTC, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Text and JSON are RFC 3339: `2030-01-31T12:00:00Z`, with milliseconds if they are not zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The latest time that RFC 3339 can represent: the end of the year 9999.
    pub const MAX: Timestamp = Timestamp(253_402_207_200_000);

    /// The time `millis` milliseconds after 1970-01-01T00:00:00Z, or before it if negative.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(millis)
    }

    /// The time `seconds` after 1970-01-01T00:00:00Z, or before it if negative; at most [`Timestamp::MAX`].
    #[cfg(feature = "cookies")]
    #[allow(clippy::cast_possible_truncation, reason = "the cast saturates, and NaN becomes zero")]
    pub(crate) fn from_seconds(seconds: f64) -> Self {
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

    /// The time `duration` later; at most [`Timestamp::MAX`].
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_add(millis)).min(Self::MAX)
    }

    /// The time since `earlier`; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Rounded down to milliseconds; the year 1970 for earlier times.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Timestamp(0).plus(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
    }
}

/// The same as [`plus`](Timestamp::plus).
impl Add<Duration> for Timestamp {
    type Output = Timestamp;

    fn add(self, duration: Duration) -> Timestamp {
        self.plus(duration)
    }
}

/// The time `duration` earlier.
impl Sub<Duration> for Timestamp {
    type Output = Timestamp;

    fn sub(self, duration: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// The same as [`since`](Timestamp::since): zero if the second time is later.
impl Sub for Timestamp {
    type Output = Duration;

    fn sub(self, earlier: Timestamp) -> Duration {
        self.since(earlier)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => time.fmt(f),
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
                let time: jiff::Timestamp =
                    text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))?;
                Ok(Timestamp(time.as_millisecond()))
            }
        }
        deserializer.deserialize_str(Rfc3339)
    }
}

/// A source of the current time.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }
}

/// A clock that only moves when it is told to, for tests of expiry.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use sessctl::clock::{Clock, ManualClock, Timestamp};
///
/// let clock = Arc::new(ManualClock::new(Timestamp::from_millis(0)));
/// let shared = Arc::clone(&clock); // pass this one to a jar or to `Sessions`
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(shared.now(), Timestamp::from_millis(60_000));
/// ```
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock at `start`.
    #[must_use]
    pub const fn new(start: Timestamp) -> Self {
        ManualClock(AtomicI64::new(start.0))
    }

    /// Moves the clock to `time`, which may be earlier.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.0, Ordering::SeqCst);
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

/// A clock ahead of another clock, to test expiry on a running server.
#[derive(Debug)]
pub struct OffsetClock<C> {
    clock: C,
    /// In milliseconds.
    offset: AtomicI64,
}

impl<C: Clock> OffsetClock<C> {
    /// A clock with an offset of zero.
    #[must_use]
    pub const fn new(clock: C) -> Self {
        OffsetClock { clock, offset: AtomicI64::new(0) }
    }

    /// Adds `by` to the offset, and returns the new time, which is at most [`Timestamp::MAX`].
    pub fn advance(&self, by: Duration) -> Timestamp {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let add = |before: i64| Some(before.saturating_add(by));
        // It only fails if the closure returns `None`.
        let _ = self.offset.fetch_update(Ordering::SeqCst, Ordering::SeqCst, add);
        self.now()
    }
}

impl<C: Clock> Clock for OffsetClock<C> {
    fn now(&self) -> Timestamp {
        let offset = u64::try_from(self.offset.load(Ordering::SeqCst)).unwrap_or(0);
        self.clock.now().plus(Duration::from_millis(offset))
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}
