//! [`RequestBody`]: the body of a request, within the limits.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use thiserror::Error;

use super::connection_state::ConnectionState;

/// How much the concurrent requests of one HTTP/2 connection may send together.
const MAX_CONNECTION_BODY_LEN: usize = 1024 * 1024;

/// Why a request body cannot be read to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The body is larger than [the limit](super::Limits::with_max_body_len).
    #[error("cannot read the request body: it is larger than the server allows; send a smaller one")]
    TooLarge,
    /// The concurrent requests of an HTTP/2 connection together exceed 1 MiB, or the limit of one body if that is larger.
    #[error(
        "cannot read the request body: the concurrent uploads of this connection are together larger than the \
         server allows; send them one after another"
    )]
    QuotaExceeded,
    /// The connection failed.
    #[error("cannot read the request body: the connection failed before its end; send the request again")]
    Interrupted(#[source] Box<dyn std::error::Error + Send + Sync>),
}

pin_project! {
    /// The body of a request. Reading fails with [`BodyError`] if the client exceeds a limit.
    #[derive(Debug)]
    pub struct RequestBody {
        #[pin]
        source: Source,
        // How many more bytes the body may have.
        remaining: usize,
        reservation: Option<Reservation>,
    }
}

/// Where the bytes are.
#[derive(Debug)]
enum Source {
    Connection(Incoming),
    Memory(Option<Bytes>),
}

/// The part of a body in the quota that the requests of an HTTP/2 connection share.
#[derive(Debug)]
struct Reservation {
    connection: Arc<ConnectionState>,
    limit: usize,
    reserved: usize,
}

impl Reservation {
    /// Returns whether the quota has room for `bytes` more.
    fn extend(&mut self, bytes: usize) -> bool {
        self.reserved += bytes;
        self.connection.reserve(bytes) <= self.limit
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.connection.release(self.reserved);
    }
}

impl RequestBody {
    pub(super) fn new(incoming: Incoming, limit: usize, connection: &Arc<ConnectionState>) -> Self {
        let reservation = connection.is_multiplexed().then(|| Reservation {
            connection: Arc::clone(connection),
            limit: limit.max(MAX_CONNECTION_BODY_LEN),
            reserved: 0,
        });
        RequestBody { source: Source::Connection(incoming), remaining: limit, reservation }
    }
}

/// A body that is already in memory: for a test of a service, or for a layer that changes bodies.
///
/// ```
/// use sessctl::server::RequestBody;
///
/// let body = RequestBody::from(bytes::Bytes::from("username=alice"));
/// let request = http::Request::post("/login").body(body);
/// # assert!(request.is_ok());
/// ```
impl From<Bytes> for RequestBody {
    fn from(bytes: Bytes) -> Self {
        let (remaining, bytes) = (bytes.len(), Some(bytes).filter(|bytes| !bytes.is_empty()));
        RequestBody { source: Source::Memory(bytes), remaining, reservation: None }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.project();
        let incoming = match this.source.get_mut() {
            Source::Connection(incoming) => Pin::new(incoming),
            Source::Memory(bytes) => return Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
        };
        let Some(frame) = ready!(incoming.poll_frame(cx)) else { return Poll::Ready(None) };
        let frame = frame.map_err(|error| BodyError::Interrupted(error.into()))?;
        let bytes = frame.data_ref().map_or(0, Buf::remaining);
        let Some(remaining) = this.remaining.checked_sub(bytes) else {
            *this.remaining = 0;
            return Poll::Ready(Some(Err(BodyError::TooLarge)));
        };
        *this.remaining = remaining;
        let has_room = this.reservation.as_mut().is_none_or(|reservation| reservation.extend(bytes));
        Poll::Ready(Some(if has_room { Ok(frame) } else { Err(BodyError::QuotaExceeded) }))
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Connection(incoming) => incoming.is_end_stream(),
            Source::Memory(bytes) => bytes.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Connection(incoming) => incoming.size_hint(),
            Source::Memory(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
        }
    }
}
