//! A connection that is noticed to stall when its client does not read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use pin_project_lite::pin_project;

use super::connections::Connection;

pin_project! {
    /// Passes everything on, and tells the connection when writing makes no progress.
    pub(super) struct WatchedIo<T> {
        #[pin]
        io: T,
        connection: Arc<Connection>,
        stalled: bool,
    }
}

impl<T> WatchedIo<T> {
    pub(super) fn new(io: T, connection: Arc<Connection>) -> Self {
        WatchedIo { io, connection, stalled: false }
    }
}

fn watched<R>(progress: Poll<R>, stalled: &mut bool, connection: &Connection) -> Poll<R> {
    match (progress.is_pending(), *stalled) {
        (true, false) => connection.stall(),
        (false, true) => connection.resume(),
        (true, true) | (false, false) => {}
    }
    *stalled = progress.is_pending();
    progress
}

impl<T: Read> Read for WatchedIo<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().io.poll_read(cx, buffer)
    }
}

impl<T: Write> Write for WatchedIo<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.project();
        watched(this.io.poll_write(cx, octets), this.stalled, this.connection)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        watched(this.io.poll_write_vectored(cx, buffers), this.stalled, this.connection)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        watched(this.io.poll_flush(cx), this.stalled, this.connection)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        watched(this.io.poll_shutdown(cx), this.stalled, this.connection)
    }
}
