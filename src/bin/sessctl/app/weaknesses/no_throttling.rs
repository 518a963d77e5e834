//! `no-throttling`: failed logins are not limited.

use std::time::Duration;

use sessctl::clock::{Clock, OffsetClock, Timestamp};

/// After this time, no failed login counts any more.
const FORGETS_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The time for the throttle of a server without one: each look at the clock is a day later than the last one.
pub(crate) fn forgetful<C: Clock>(clock: C) -> impl Clock {
    #[derive(Debug)]
    struct Forgetful<C>(OffsetClock<C>);
    impl<C: Clock> Clock for Forgetful<C> {
        fn now(&self) -> Timestamp {
            self.0.advance(FORGETS_AFTER);
            self.0.now()
        }
    }
    Forgetful(OffsetClock::new(clock))
}
