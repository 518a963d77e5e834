//! [`RequestBody`]: what a client sends, cut off where it is too much.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use thiserror::Error;

use super::connections::Connection;

/// How much the requests of a connection may bring together, where it can have many at once.
pub(super) const TOGETHER: usize = 1024 * 1024;

/// Why the rest of a body cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BodyError {
    /// It is larger than [`Limits::body_octets`](super::Limits::body_octets).
    #[error("the body of the request is too large")]
    TooLarge,
    /// The requests of its connection bring too much at once: a megabyte, or the limit of one body where that is more.
    #[error("the requests of this connection bring too much at once")]
    TooMuchAtOnce,
    /// The connection failed.
    #[error("the body of the request could not be read")]
    Broken(#[source] hyper::Error),
}

pin_project! {
    /// The body of a request, cut off with an error at [`Limits::body_octets`](super::Limits::body_octets).
    #[derive(Debug)]
    pub struct RequestBody {
        #[pin]
        incoming: Incoming,
        // How much may come yet.
        room: usize,
        share: Option<Share>,
    }
}

/// What a body takes of the room that the bodies of its connection have together.
#[derive(Debug)]
struct Share {
    connection: Arc<Connection>,
    limit: usize,
    taken: usize,
}

impl Share {
    fn take(&mut self, octets: usize) -> bool {
        self.taken += octets;
        self.connection.take_room(octets) <= self.limit
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.connection.give_room_back(self.taken);
    }
}

impl RequestBody {
    pub(super) fn new(incoming: Incoming, limit: usize, connection: &Arc<Connection>) -> Self {
        let share = connection.has_many_at_once().then(|| Share {
            connection: Arc::clone(connection),
            limit: limit.max(TOGETHER),
            taken: 0,
        });
        RequestBody { incoming, room: limit, share }
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
        let Some(frame) = ready!(this.incoming.poll_frame(cx)) else { return Poll::Ready(None) };
        let frame = frame.map_err(BodyError::Broken);
        let octets = frame.as_ref().ok().and_then(Frame::data_ref).map_or(0, Buf::remaining);
        if octets > *this.room {
            *this.room = 0;
            return Poll::Ready(Some(Err(BodyError::TooLarge)));
        }
        *this.room -= octets;
        let has_room = this.share.as_mut().is_none_or(|share| share.take(octets));
        Poll::Ready(Some(if has_room { frame } else { Err(BodyError::TooMuchAtOnce) }))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
