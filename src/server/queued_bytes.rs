//! [`QueuedBytes`]: the part of a response that its client has not taken, counted for the whole server.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use http_body::Body;

use super::connection_state::ConnectionState;
use super::connections::Connections;

/// How much of one response counts. A longer one is usually read from a file or another server while it is sent.
const MAX_COUNTED_LEN: u64 = 64 * 1024;

/// Counts bytes of a response as queued until dropped.
#[derive(Debug)]
pub(super) struct QueuedBytes {
    bytes: usize,
    connections: Arc<Connections>,
    connection: Arc<ConnectionState>,
}

impl QueuedBytes {
    pub(super) fn of(
        body: &impl Body,
        connections: &Arc<Connections>,
        connection: &Arc<ConnectionState>,
    ) -> Self {
        // At most MAX_COUNTED_LEN, which fits.
        let bytes = body.size_hint().lower().min(MAX_COUNTED_LEN) as usize;
        connection.queue(bytes);
        connections.queued.fetch_add(bytes, Ordering::Relaxed);
        QueuedBytes { bytes, connections: Arc::clone(connections), connection: Arc::clone(connection) }
    }

    /// Whether the server may queue these bytes: it has fewer than its limit, or another connection to close that holds
    /// some without reading them.
    pub(super) fn has_room(&self) -> bool {
        let (queued, limits) = (self.connections.queued.load(Ordering::Relaxed), &self.connections.limits);
        queued <= limits.max_queued_len || self.connections.close_longest_queue()
    }

    /// Splits off up to `len` bytes.
    pub(super) fn split(&mut self, len: usize) -> Self {
        let bytes = len.min(self.bytes);
        self.bytes -= bytes;
        let (connections, connection) = (Arc::clone(&self.connections), Arc::clone(&self.connection));
        QueuedBytes { bytes, connections, connection }
    }
}

impl Drop for QueuedBytes {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.connections.queued.fetch_sub(self.bytes, Ordering::Relaxed);
            self.connection.dequeue(self.bytes);
        }
    }
}
