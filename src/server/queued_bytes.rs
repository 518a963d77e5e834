//! [`QueuedBytes`]: the part of a response that its client has not taken, counted for the whole server.

use std::sync::Arc;

use http_body::Body;

use super::connection_state::ConnectionState;

/// How much of one response counts. A longer one is usually read from a file or another server while it is sent.
const MAX_COUNTED_LEN: u64 = 64 * 1024;

/// Counts bytes of a response as queued until dropped.
#[derive(Debug)]
pub(super) struct QueuedBytes {
    bytes: usize,
    connection: Arc<ConnectionState>,
}

impl QueuedBytes {
    pub(super) fn of(body: &impl Body, connection: &Arc<ConnectionState>) -> Self {
        // At most MAX_COUNTED_LEN, which fits.
        let bytes = body.size_hint().lower().min(MAX_COUNTED_LEN) as usize;
        connection.queue(bytes);
        QueuedBytes { bytes, connection: Arc::clone(connection) }
    }

    /// Whether the server may queue these bytes: it has fewer than its limit, or another connection to close that holds
    /// some without reading them.
    pub(super) fn has_room(&self) -> bool {
        let server = &self.connection.server;
        self.connection.queued_in_server() <= server.limits.max_queued_len || server.close_longest_queue()
    }

    /// Splits off up to `len` bytes.
    pub(super) fn split(&mut self, len: usize) -> Self {
        let bytes = len.min(self.bytes);
        self.bytes -= bytes;
        QueuedBytes { bytes, connection: Arc::clone(&self.connection) }
    }
}

impl Drop for QueuedBytes {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.connection.dequeue(self.bytes);
        }
    }
}
