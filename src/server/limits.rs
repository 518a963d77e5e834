//! [`Limits`]: how much memory and time a client may use.

use std::time::Duration;

/// hyper does not read less than this at once.
const MIN_HEAD_LEN: usize = 8 * 1024;

/// How much of a server its clients may use.
///
/// ```
/// use std::time::Duration;
///
/// use sessctl::server::Limits;
///
/// // Accept uploads of 10 MiB that take up to two minutes.
/// let limits = Limits::default()
///     .with_max_body_len(10 * 1024 * 1024)
///     .with_request_timeout(Duration::from_secs(120));
/// ```
#[derive(Debug, Clone)]
pub struct Limits {
    pub(super) max_connections: usize,
    pub(super) max_concurrent_streams: u32,
    pub(super) max_head_len: usize,
    pub(super) head_timeout: Duration,
    pub(super) max_body_len: usize,
    pub(super) max_queued_len: usize,
    pub(super) request_timeout: Duration,
    pub(super) drain_timeout: Duration,
    pub(super) max_upgraded_connections: usize,
    pub(super) upgrade_idle_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_connections: 10_000,
            max_concurrent_streams: 100,
            max_head_len: 16 * 1024,
            head_timeout: Duration::from_secs(15),
            max_body_len: 64 * 1024,
            max_queued_len: 8 * 1024 * 1024,
            request_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(10),
            max_upgraded_connections: 1_000,
            upgrade_idle_timeout: Duration::from_secs(10 * 60),
        }
    }
}

impl Limits {
    /// Sets how many connections may be open; the default is 10,000. At the limit, a new connection replaces the
    /// one that has been idle for longest. If none is idle, the new connection waits.
    #[must_use]
    pub fn with_max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// Sets how many requests may be active on one HTTP/2 connection; the default is 100. The server refuses further
    /// requests (the client may retry them), and closes the connection of a client that keeps sending them.
    ///
    /// For each active request, one whole response may be in memory until the client reads it. See
    /// [`with_max_queued_len`](Limits::with_max_queued_len).
    #[must_use]
    pub fn with_max_concurrent_streams(mut self, streams: u32) -> Self {
        self.max_concurrent_streams = streams;
        self
    }

    /// Sets the size of request line and headers together, in bytes; the default is 16 KiB, the minimum 8 KiB. A
    /// larger head gets 431.
    #[must_use]
    pub fn with_max_head_len(mut self, bytes: usize) -> Self {
        self.max_head_len = bytes.max(MIN_HEAD_LEN);
        self
    }

    /// Sets the time until the headers of a request are complete; the default is 15 s. It starts when the connection
    /// opens (so it includes the TLS handshake), or when the previous request ends (so it also limits how long a
    /// connection may be idle). Slower clients are disconnected.
    #[must_use]
    pub fn with_head_timeout(mut self, timeout: Duration) -> Self {
        self.head_timeout = timeout;
        self
    }

    /// Sets the size of a request body, in bytes; the default is 64 KiB. A larger body gets 413. The concurrent
    /// requests of one HTTP/2 connection may together send 1 MiB, or this limit if it is larger.
    #[must_use]
    pub fn with_max_body_len(mut self, bytes: usize) -> Self {
        self.max_body_len = bytes;
        self
    }

    /// Sets how much of all responses together may wait in memory for clients that do not read, in bytes; the default is
    /// 8 MiB. Above it, each further response closes the connection that has not read for half a second and holds the
    /// most. Without such a connection, the request gets 503. At most 64 KiB of each response count, because longer ones
    /// are usually not in memory, and none of a response that reports no size.
    #[must_use]
    pub fn with_max_queued_len(mut self, bytes: usize) -> Self {
        self.max_queued_len = bytes;
        self
    }

    /// Sets the time from the end of a request's headers to its response, and how long a client may leave a response
    /// unread; the default is 30 s. A slower request gets 408. A client that does not read is disconnected.
    #[must_use]
    pub fn with_request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// Sets how long active requests may take to finish after the server is told to stop; the default is 10 s.
    #[must_use]
    pub fn with_drain_timeout(mut self, timeout: Duration) -> Self {
        self.drain_timeout = timeout;
        self
    }

    /// Sets how many connections may use another protocol after an upgrade, such as WebSocket; the default is 1,000. They
    /// count as open connections too, and are never closed to make room. At the limit, an upgrade gets 503.
    #[must_use]
    pub fn with_max_upgraded_connections(mut self, connections: usize) -> Self {
        self.max_upgraded_connections = connections;
        self
    }

    /// Sets how long an upgraded connection may be silent in both directions; the default is 10 minutes. The server closes
    /// it then. A WebSocket application keeps it open with pings.
    #[must_use]
    pub fn with_upgrade_idle_timeout(mut self, timeout: Duration) -> Self {
        self.upgrade_idle_timeout = timeout;
        self
    }
}
