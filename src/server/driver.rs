//! [`Driver`]: a connection from its first octet to its last, in the protocol that it speaks.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::{http1, http2};
use hyper::service::HttpService;
use pin_project_lite::pin_project;

use super::connections::{Connection, Registration};
use super::limits::Limits;
use super::streams::Streams;

/// hyper reads no less at once.
const SMALLEST_HEAD: usize = 8 * 1024;

/// What a client may send on one HTTP/2 stream before it is read (RFC 9113 §6.9.2).
const STREAM_WINDOW: u32 = 65_535;

/// What went wrong within a service.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An open connection of either protocol.
pub(super) trait Served: Future {
    /// Lets what is being answered end, and begins nothing new.
    fn close_gracefully(self: Pin<&mut Self>);
}

impl<I, B, S> Served for http1::Connection<I, S>
where
    S: HttpService<Incoming, ResBody = B, Error: Into<Cause>>,
    I: Read + Write + Unpin,
    B: Body<Error: Into<Cause>> + 'static,
{
    fn close_gracefully(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, B, S> Served for http2::Connection<I, S, Streams>
where
    S: HttpService<Incoming, ResBody = B, Error: Into<Cause>>,
    I: Read + Write + Unpin,
    B: Body<Error: Into<Cause>> + 'static,
    Streams: hyper::rt::bounds::Http2ServerConnExec<S::Future, B>,
{
    fn close_gracefully(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// HTTP/1.1 on `io`.
pub(super) fn http1<I, S, B>(io: I, service: S, limits: &Limits) -> http1::Connection<I, S>
where
    S: HttpService<Incoming, ResBody = B, Error: Into<Cause>>,
    I: Read + Write + Unpin,
    B: Body<Error: Into<Cause>> + 'static,
{
    http1::Builder::new()
        // A client that has said all it has to say still wants its answer.
        .half_close(true)
        // How long a head may take is watched from outside.
        .header_read_timeout(None)
        .max_buf_size(limits.head_octets.max(SMALLEST_HEAD))
        .serve_connection(io, service)
}

/// HTTP/2 on `io`, which has agreed to it.
pub(super) fn http2<I, S, B>(
    io: I,
    service: S,
    limits: &Limits,
    connection: Arc<Connection>,
) -> http2::Connection<I, S, Streams>
where
    S: HttpService<Incoming, ResBody = B, Error: Into<Cause>>,
    I: Read + Write + Unpin,
    B: Body<Error: Into<Cause>> + 'static,
    Streams: hyper::rt::bounds::Http2ServerConnExec<S::Future, B>,
{
    http2::Builder::new(Streams::new(limits.request_time, connection))
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head_octets.max(SMALLEST_HEAD)).unwrap_or(u32::MAX))
        .initial_stream_window_size(STREAM_WINDOW)
        .serve_connection(io, service)
}

pin_project! {
    /// Drives a connection to its end. What goes wrong on it is the client's own affair.
    pub(super) struct Driver<C> {
        #[pin]
        served: C,
        registration: Registration,
        is_known: bool,
        is_told: bool,
    }
}

impl<C> Driver<C> {
    pub(super) fn new(served: C, registration: Registration) -> Self {
        Driver { served, registration, is_known: false, is_told: false }
    }
}

impl<C: Served> Future for Driver<C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let Registration { connection, connections, .. } = this.registration;
        if !*this.is_known {
            // A task has one waker for life.
            *this.is_known = true;
            connection.wake_with(cx.waker());
        }
        // What is in the socket already comes first: a connection that is told to close reads no more.
        if this.served.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if !connections.is_closing() && !connection.is_leaving() {
            return Poll::Pending;
        }
        if !*this.is_told {
            *this.is_told = true;
            this.served.as_mut().close_gracefully();
            if this.served.poll(cx).is_ready() {
                return Poll::Ready(());
            }
        }
        // The beginning of a request is none.
        if connection.may_close() { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// What `handshake` comes to; `None`: it failed, or the server closes before.
pub(super) async fn unless_closing<T>(
    handshake: impl Future<Output = std::io::Result<T>>,
    registration: &Registration,
) -> Option<T> {
    let mut handshake = std::pin::pin!(handshake);
    let Registration { connection, connections, .. } = registration;
    std::future::poll_fn(|cx| {
        connection.wake_with(cx.waker());
        match handshake.as_mut().poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(outcome.ok()),
            Poll::Pending if connections.is_closing() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// A response that nobody has to answer for: it is there at once.
pub(super) fn at_once<R>(
    answer: impl Fn(&Request<Incoming>) -> Response<R>,
) -> impl Fn(Request<Incoming>) -> std::future::Ready<Result<Response<R>, std::convert::Infallible>> {
    move |request| std::future::ready(Ok(answer(&request)))
}
