//! [`WatchedSocket`]: a socket that reports when its client stops reading.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::connection_state::{ConnectionState, Direction};
use super::connections::Registration;

pin_project! {
    /// A socket that tells [`ConnectionState`] when a write blocks. It is below TLS, because TLS buffers data that the
    /// operating system did not take.
    ///
    /// The connection counts as open until its socket is dropped: by the task of the connection, or by the application
    /// after an upgrade.
    pub(super) struct WatchedSocket {
        #[pin]
        stream: TcpStream,
        registration: Registration,
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
    pub(super) fn new(stream: TcpStream, registration: Registration) -> Self {
        WatchedSocket { stream, registration, stalled: false }
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

/// Fails if the server has closed an upgraded connection.
fn check_upgraded(connection: &ConnectionState, cx: &Context<'_>) -> io::Result<()> {
    if !connection.is_upgraded() {
        return Ok(());
    }
    if connection.has_ended(Direction::Write, cx) {
        return Err(io::ErrorKind::BrokenPipe.into());
    }
    connection.moved_data();
    Ok(())
}

impl AsyncRead for WatchedSocket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.project();
        let connection = &this.registration.connection;
        if !connection.is_upgraded() {
            return this.stream.poll_read(cx, buffer);
        }
        if connection.has_ended(Direction::Read, cx) {
            return Poll::Ready(Ok(())); // the end of the stream
        }
        let read = this.stream.poll_read(cx, buffer);
        if read.is_ready() {
            connection.moved_data();
        }
        read
    }
}

impl AsyncWrite for WatchedSocket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.project();
        let connection = &this.registration.connection;
        check_upgraded(connection, cx)?;
        watched(this.stream.poll_write(cx, bytes), this.stalled, connection)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let connection = &this.registration.connection;
        check_upgraded(connection, cx)?;
        watched(this.stream.poll_write_vectored(cx, buffers), this.stalled, connection)
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
