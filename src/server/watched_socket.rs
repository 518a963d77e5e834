//! [`WatchedSocket`]: a socket that reports when its client stops reading.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::connection_state::ConnectionState;

pin_project! {
    /// A socket that tells [`ConnectionState`] when a write blocks. It is below TLS, because TLS buffers data that the
    /// operating system did not take.
    pub(super) struct WatchedSocket {
        #[pin]
        stream: TcpStream,
        connection: Arc<ConnectionState>,
        stalled: bool,
    }

    impl PinnedDrop for WatchedSocket {
        fn drop(this: Pin<&mut Self>) {
            // Otherwise the operating system keeps the unread data for minutes.
            if this.stalled {
                let _ = this.stream.set_zero_linger();
            }
        }
    }
}

impl WatchedSocket {
    pub(super) fn new(stream: TcpStream, connection: Arc<ConnectionState>) -> Self {
        WatchedSocket { stream, connection, stalled: false }
    }

    /// The first byte that the client sent, without consuming it; `None` if the client closed the connection.
    pub(super) async fn peek_first_byte(&self) -> io::Result<Option<u8>> {
        let mut first = [0];
        let length = self.stream.peek(&mut first).await?;
        Ok(first[..length].first().copied())
    }
}

fn watched<R>(progress: Poll<R>, stalled: &mut bool, connection: &ConnectionState) -> Poll<R> {
    match (progress.is_pending(), *stalled) {
        (true, false) => connection.stall(),
        (false, true) => connection.resume(),
        (true, true) | (false, false) => {}
    }
    *stalled = progress.is_pending();
    progress
}

impl AsyncRead for WatchedSocket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().stream.poll_read(cx, buffer)
    }
}

impl AsyncWrite for WatchedSocket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.project();
        watched(this.stream.poll_write(cx, bytes), this.stalled, this.connection)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        watched(this.stream.poll_write_vectored(cx, buffers), this.stalled, this.connection)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Not watched: flushing a socket does nothing.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().stream.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().stream.poll_shutdown(cx)
    }
}
