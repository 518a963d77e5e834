//! A socket that is noticed to stall when its client does not read.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::connections::Connection;

/// Up to so many octets are copied into one piece, head and body of most answers: gathering two costs the operating
/// system more.
const SHORT: usize = 4096;

pin_project! {
    /// Passes everything on, and tells the connection when writing makes no progress. It lies below TLS, which takes more
    /// than the operating system does.
    pub(super) struct WatchedSocket {
        #[pin]
        stream: TcpStream,
        connection: Arc<Connection>,
        stalled: bool,
    }

    impl PinnedDrop for WatchedSocket {
        fn drop(this: Pin<&mut Self>) {
            // What its client does not read, the operating system would keep for it for minutes.
            if this.stalled {
                let _ = this.stream.set_zero_linger();
            }
        }
    }
}

impl WatchedSocket {
    pub(super) fn new(stream: TcpStream, connection: Arc<Connection>) -> Self {
        WatchedSocket { stream, connection, stalled: false }
    }

    /// The first octet, which stays where it is; `None`: the client has closed.
    pub(super) async fn first_octet(&self) -> io::Result<Option<u8>> {
        let mut first = [0];
        let is_there = self.stream.peek(&mut first).await? > 0;
        Ok(is_there.then_some(first[0]))
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
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.project();
        watched(this.stream.poll_write(cx, octets), this.stalled, this.connection)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let length = buffers.iter().map(|buffer| buffer.len()).sum::<usize>();
        let progress = match buffers {
            [one] => this.stream.poll_write(cx, one),
            _ if length > SHORT => this.stream.poll_write_vectored(cx, buffers),
            _ => {
                let mut place = [MaybeUninit::uninit(); SHORT];
                let mut joined = ReadBuf::uninit(&mut place);
                // There is room for all of them.
                buffers.iter().for_each(|buffer| joined.put_slice(buffer));
                this.stream.poll_write(cx, joined.filled())
            }
        };
        watched(progress, this.stalled, this.connection)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// A socket has nothing to flush: that it was done tells nothing.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().stream.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().stream.poll_shutdown(cx)
    }
}
