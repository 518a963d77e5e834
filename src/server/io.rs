//! A connection that loses patience with a client that does not read.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep};

pin_project! {
    /// Passes everything on; writing that makes no progress for as long as `patience` fails.
    pub(super) struct PatientIo<T> {
        #[pin]
        io: T,
        patience: Duration,
        stalled: Option<Pin<Box<Sleep>>>,
    }
}

impl<T> PatientIo<T> {
    pub(super) fn new(io: T, patience: Duration) -> Self {
        PatientIo { io, patience, stalled: None }
    }
}

/// `progress`, unless it is none for too long.
fn patiently<R>(
    progress: Poll<io::Result<R>>,
    stalled: &mut Option<Pin<Box<Sleep>>>,
    patience: Duration,
    cx: &mut Context<'_>,
) -> Poll<io::Result<R>> {
    if progress.is_ready() {
        *stalled = None;
        return progress;
    }
    let timer = stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
    match timer.as_mut().poll(cx) {
        Poll::Ready(()) => {
            timer.as_mut().reset(Instant::now() + patience);
            Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
        }
        Poll::Pending => Poll::Pending,
    }
}

impl<T: Read> Read for PatientIo<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().io.poll_read(cx, buffer)
    }
}

impl<T: Write> Write for PatientIo<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.project();
        let progress = this.io.poll_write(cx, octets);
        patiently(progress, this.stalled, *this.patience, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let progress = this.io.poll_write_vectored(cx, buffers);
        patiently(progress, this.stalled, *this.patience, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        let progress = this.io.poll_flush(cx);
        patiently(progress, this.stalled, *this.patience, cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        let progress = this.io.poll_shutdown(cx);
        patiently(progress, this.stalled, *this.patience, cx)
    }
}
