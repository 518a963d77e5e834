//! A connection that is noticed to stall when its client does not read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use pin_project_lite::pin_project;
use tokio::net::TcpStream;

use super::connections::Connection;

pin_project! {
    /// Passes everything on, and tells the connection when writing makes no progress.
    pub(super) struct WatchedIo {
        #[pin]
        io: TokioIo<TcpStream>,
        connection: Arc<Connection>,
        stalled: bool,
    }

    impl PinnedDrop for WatchedIo {
        fn drop(this: Pin<&mut Self>) {
            // What its client does not read, the operating system would keep for it for minutes.
            if this.stalled {
                let _ = this.io.inner().set_zero_linger();
            }
        }
    }
}

impl WatchedIo {
    pub(super) fn new(stream: TcpStream, connection: Arc<Connection>) -> Self {
        WatchedIo { io: TokioIo::new(stream), connection, stalled: false }
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

impl Read for WatchedIo {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().io.poll_read(cx, buffer)
    }
}

impl Write for WatchedIo {
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
