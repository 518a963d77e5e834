//! [`HOLD`]: faults that need two requests at the same time hold one of them.

use std::time::Duration;

/// Long enough for every run to find the fault.
pub(super) const HOLD: Duration = Duration::from_millis(50);
