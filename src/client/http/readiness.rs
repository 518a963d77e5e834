//! [`Readiness`]: how long to wait for a server that starts, and whether it has answered.

use std::time::Instant;

/// What is known about the readiness of the server.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    /// The end of the time to wait. `None` before the first request.
    pub(super) until: Option<Instant>,
    /// A server has answered, and not with 502, 503 or 504.
    pub(super) is_ready: bool,
    pub(super) attempts: usize,
}
