//! A connection that is noticed to stall when its client does not read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::connections::Connection;

/// Less than this at once is no part of an answer: it may be the reply to a ping, by which a client would stay for ever.
const LEAST_PROGRESS: usize = 64;

/// What goes over a socket in the end.
pub(super) trait OverSocket {
    fn socket(&self) -> &TcpStream;
}

impl OverSocket for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl OverSocket for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

pin_project! {
    /// Passes everything on, and tells the connection when writing makes no progress.
    pub(super) struct WatchedIo<I: OverSocket> {
        #[pin]
        io: TokioIo<I>,
        connection: Arc<Connection>,
        stalled: bool,
    }

    impl<I: OverSocket> PinnedDrop for WatchedIo<I> {
        fn drop(this: Pin<&mut Self>) {
            // What its client does not read, the operating system would keep for it for minutes.
            if this.stalled {
                let _ = this.io.inner().socket().set_zero_linger();
            }
        }
    }
}

impl<I: OverSocket> WatchedIo<I> {
    pub(super) fn new(stream: I, connection: Arc<Connection>) -> Self {
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

/// Its client takes what it was sent.
fn took(written: &Poll<io::Result<usize>>, connection: &Connection) {
    if matches!(written, Poll::Ready(Ok(octets)) if *octets >= LEAST_PROGRESS) {
        connection.takes_answers();
    }
}

impl<I: OverSocket + AsyncRead> Read for WatchedIo<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().io.poll_read(cx, buffer)
    }
}

impl<I: OverSocket + AsyncWrite> Write for WatchedIo<I> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = watched(this.io.poll_write(cx, octets), this.stalled, this.connection);
        took(&written, this.connection);
        written
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = watched(this.io.poll_write_vectored(cx, buffers), this.stalled, this.connection);
        took(&written, this.connection);
        written
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
