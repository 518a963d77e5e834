//! [`Millis`]: a time as JavaScript counts it, in milliseconds since 1970.

use serde::Serialize;

use sessctl::clock::Timestamp;

#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Millis(i64);

impl From<Timestamp> for Millis {
    fn from(time: Timestamp) -> Self {
        Millis(time.as_millis())
    }
}
